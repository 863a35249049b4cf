"""/about: what the models were trained on and how well they do, straight from the manifest."""

from __future__ import annotations

from bot.core import Command, Field, Next, Reply, Request
from bot.services import Services
from ml.scores import Score


def run(request: Request, services: Services) -> Reply:
    """Print the headline scores, each with its split."""
    artifacts, catalog = services.models.artifacts, services.models.catalog
    data = artifacts.manifest["data"]
    text = (
        f"Timbre answers from its own models and a catalogue of {len(catalog):,} tracks by "
        f"{len(catalog.artist_keys):,} artists; it calls no outside service.\n"
        f"Trained on {data['rows']:,} rows of public data. Scores are on artists the models never met, "
        "because a demo's artist is new; songs in the same file by the same artist would flatter them."
    )
    fields = tuple(Field(f"{s.model}: {s.metric}", _figure(s)) for s in artifacts.scores() if s.headline)
    return Reply(text, fields, next=(Next("What I can do", "/help"),))


def _figure(score: Score) -> str:
    interval = f" ({score.low:.3f} to {score.high:.3f})" if score.low is not None and score.high is not None else ""
    return f"{score.value:.3f}{interval}; split: {score.split}, n = {score.n:,}"


COMMAND = Command(
    name="about", help="the models, their data and their honest scores", options=(), run=run, example="/about"
)
