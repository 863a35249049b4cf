"""Timbre's models: genre, hits, popularity, recommendations, trends. Nothing here knows about chat."""
