"""Timbre, a music analyst that lives in chat."""
