"""The model card: what the artifacts are, what they were made from, and every score beside its split."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict
from pathlib import Path

from ml.artifacts import MANIFEST, Artifacts
from ml.scores import Score, task

CARD = "MODEL_CARD.md"
_COLUMNS = 4
_BEGIN, _END = "<!-- headline scores, written by python -m ml -->", "<!-- end of scores -->"

_INTRODUCTION = """\
# Timbre's models

Written by `python -m ml`; every figure below was measured by it, none was typed in.

- **Genre** (`genre.joblib`): a small neural network over piecewise-linear codes of 14 audio features and hashed title
  n-grams; 114 genres, 16 families, calibrated to "this label is among the track's labels". For a catalogue track its
  artist's other labels count too. Some of its skill is provenance, not sound: whether a length is a whole number of
  compact-disc frames, and whether a tempo is a whole number, tell the era and the studio. Values typed in round
  numbers give no such clue, and the network is trained to do without.
- **Hit score** (`hitscore.joblib`): boosted trees over audio features, the era, and ranks within the era. The
  non-hits it learned from were chosen among artists that never charted, and from niche genres: it separates mainstream
  from niche. It says "sounds like the hits of its era", never "will chart".
- **Popularity** (`popularity.joblib`): conformalised quantile regression; the answer is the interval. Audio says little
  about popularity. With the artist known it is measured by track, where another edition of the same recording may be
  in training: read the split by recording beside it.
- **Artists by listeners** (`artists.npz`): a truncated SVD of Last.fm listening counts (HetRec 2011) and sparse links
  between artists, read beside cosines to a ridge fit of the history; for artists nobody listens to there, vectors
  predicted from genres, tags, sound and era. Its people are of 2011.
- **Hybrid** (`hybrid.npz`): how well every track suits a taste, from playlists, listeners, genre, era, sound and
  popularity, with weights learned from finding the rest of playlists. It holds which catalogue tracks stood together
  in 424 public playlists, without their names.
- **Moods** (`moods.npz`): an additive score on percentile ranks of the features, and on what a track is called: its
  genres, and the genres that usually go with its artist's tags. It starts at formulas set by hand, whose signs it must
  keep, and learns from the 114 genres and the tags of 2024. The words that say which tags and names mean a mood are
  ours. Names of playlists and albums tell a genre or a season first ("Happy EDM", "Halloween Party"): what learns from
  some playlists of a mood hardly finds the others.
- **Regions of sound** (`clusters.joblib`): KMeans; sound is a continuum, regions describe it and prove nothing.
- **Map of sounds** (`sound_map.npz`): t-SNE of a sample, every other track placed by its neighbours. "Under-served"
  means a low share of hits (1960-2019) beside a popularity above what that share leads one to expect.
- **Catalogue** (`catalog.npz`): who made which track, its id, its features, genres, year and popularity.
- **Trends** (`trends.npz`): the family every track is counted under when trends are held to one mix of genres, and the
  yearly means of some 170,000 other tracks. Forecasts are the mean of naive, Theta and a damped trend, or naive where
  that did better; which mix was chosen on the series it is measured on.
- **Importance** (`importance.npz`): mean absolute Shapley values for popularity, hits and each genre.

## How to read the splits

- **by row**: rows held out at random, as public notebooks do. The same track stands under several genres, so a test
  row's twin is often in training: these figures flatter and are shown only for comparison.
- **by recording**: no recording (same id, same artist and title, or same features) on both sides; its artist may be.
- **by artist**: no artist on both sides. A demo's artist is new, so these are the figures to expect for a demo.
- Intervals are 95 %, drawn over artists. ECE is the expected calibration error over 15 bins.
- Which artists are held out moves genre top-1 by about .01 between seeds: compare models on the same rows only.
- Recommender scores: N@10 is normalised discounted cumulative gain, R@50 recall; the split says what was held out.
  "Not established" marks a gain within two paired standard errors.
- Genres were assigned to artists by listening habits; several are near synonyms. A random guess is right 1 time in 114.
"""


def write_card(folder: Path) -> None:
    """Write the model card beside the manifest of `folder`, and quote its headlines in the README above, if any."""
    artifacts = Artifacts.open(folder)
    (folder / CARD).write_text(card(artifacts), "utf-8")
    readme = folder.resolve().parent / "README.md"
    if readme.is_file() and _BEGIN in (text := readme.read_text("utf-8")):
        before, _, rest = text.partition(_BEGIN)
        readme.write_text(before + headlines(artifacts) + rest.partition(_END)[2], "utf-8")


def replace_scores(folder: Path, scores: Iterable[Score], tasks: Collection[str]) -> None:
    """Put the newly measured scores of `tasks` into the manifest of `folder`, and write its model card again."""
    artifacts = Artifacts.open(folder)
    order = list(dict.fromkeys(map(task, artifacts.scores())))
    kept = [score for score in artifacts.scores() if task(score) not in tasks]
    both = sorted([*kept, *scores], key=lambda s: order.index(task(s)) if task(s) in order else len(order))
    manifest = dict(artifacts.manifest) | {"scores": [asdict(score) for score in both]}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
    write_card(folder)


def card(artifacts: Artifacts) -> str:
    """The model card as Markdown, from the manifest alone."""
    return "\n".join([_INTRODUCTION, *_score_tables(artifacts.scores()), _data(artifacts.manifest["data"])]) + "\n"


def headlines(artifacts: Artifacts) -> str:
    """The headline scores as the README's table, between its marks."""
    lines = ["| what | score | 95 % interval | split | test rows |", "| --- | --- | --- | --- | --- |"]
    for s in artifacts.scores():
        if s.headline:
            interval = "" if s.low is None or s.high is None else f"{s.low:.3f} to {s.high:.3f}"
            lines.append(f"| {s.metric} ({s.model}) | {s.value:.3f} | {interval} | {s.split} | {s.n:,} |")
    return "\n".join([_BEGIN, *lines, _END])


def _score_tables(scores: list[Score]) -> list[str]:
    """One section a task (the first word of the metric): a column a split, or a table each when they are many."""
    sections = []
    for name in dict.fromkeys(map(task, scores)):
        mine = [score for score in scores if task(score) == name]
        splits = list(dict.fromkeys(score.split for score in mine))
        table = _side_by_side if len(splits) <= _COLUMNS else _one_by_one
        sections.append("\n".join([f"## {name.capitalize()}", "", *table(mine, name, splits)]) + "\n")
    return sections


def _side_by_side(mine: list[Score], name: str, splits: list[str]) -> list[str]:
    lines = ["| metric | model | " + " | ".join(splits) + " |", "| --- | --- |" + " --- |" * len(splits)]
    for metric, model in dict.fromkeys((score.metric, score.model) for score in mine):
        found = {s.split: s for s in mine if (s.metric, s.model) == (metric, model)}
        cells = [_cell(found[split]) if split in found else "" for split in splits]
        lines.append(f"| {metric.removeprefix(name).strip()} | {model} | " + " | ".join(cells) + " |")
    sizes = {split: next(s.n for s in mine if s.split == split) for split in splits}
    return [*lines, "", "Test rows: " + "; ".join(f"{split} {n:,}" for split, n in sizes.items()) + "."]


def _one_by_one(mine: list[Score], name: str, splits: list[str]) -> list[str]:
    lines = []
    for split in splits:
        lines += [f"Split: {split}.", "", "| metric | model | score | test rows |", "| --- | --- | --- | ---: |"]
        for score in (score for score in mine if score.split == split):
            lines.append(
                f"| {score.metric.removeprefix(name).strip()} | {score.model} | {_cell(score)} | {score.n:,} |"
            )
        lines.append("")
    return lines[:-1]


def _cell(score: Score) -> str:
    places = 1 if abs(score.value) >= 5 else 3
    interval = ""
    if score.low is not None and score.high is not None:
        interval = f" ({score.low:.{places}f} to {score.high:.{places}f})"
    return f"{score.value:.{places}f}{interval}{'; ' + score.note if score.note else ''}"


def _data(data: dict) -> str:
    lines = [
        "## Data",
        "",
        f"{data['rows']:,} rows of public data sets, merged into {data['recordings']:,} recordings.",
        "",
    ]
    lines += ["| source | " + " | ".join(next(iter(data["cleaning"].values()))) + " |"]
    lines += ["| --- |" + " ---: |" * (lines[-1].count("|") - 2)]
    for source, counts in data["cleaning"].items():
        lines.append(f"| {source} | " + " | ".join(f"{n:,}" for n in counts.values()) + " |")
    lines += ["", "Merged: " + "; ".join(f"{why} {n:,}" for why, n in data["merged"].items()) + "."]
    return "\n".join(lines)
