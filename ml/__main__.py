"""python -m ml: train the models, measure them, score a CSV of demos, and rank for a CSV of histories."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path

from ml import batch, demo_csv, histories
from ml.errors import MlError
from ml.models import Models

SEED = 42
_ERRORS_SHOWN = 5
_ARTIFACTS = Path(__file__).resolve().parent.parent / "artifacts"


def main() -> int:
    """Run one subcommand; the exit code."""
    parser = argparse.ArgumentParser("python -m ml", description="Timbre's models.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="rebuild every artifact")
    train.add_argument("--out", type=Path, default=_ARTIFACTS, help="where artifacts go")
    evaluate = commands.add_parser("evaluate", help="measure everything; updates the model card")
    evaluate.add_argument("-o", "--out", type=Path, default=Path("report.json"), help="the report")
    evaluate.add_argument("--artifacts", type=Path, default=_ARTIFACTS, help="whose scores and model card to update")
    for command in (train, evaluate):
        command.add_argument("--data", type=Path, default=os.environ.get("TIMBRE_DATA"), help="folder of the data sets")
        command.add_argument("--seed", type=int, default=SEED)
        command.add_argument("--only", default="", metavar="A,B", help="just these steps or tasks; the rest stays")
    score = commands.add_parser("score", help="score a CSV of demos")
    score.add_argument("input", type=Path, metavar="IN.csv")
    score.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.csv")
    score.add_argument("--artifacts", type=Path, default=_ARTIFACTS)
    recommend = commands.add_parser("recommend", help="rank what each person of a CSV of histories has not heard")
    recommend.add_argument("input", type=Path, metavar="HISTORY.csv")
    recommend.add_argument("-k", type=int, default=50, metavar="N", help="how many a person")
    recommend.add_argument("--by", choices=("track", "artist"), default="track")
    recommend.add_argument("--gems", type=float, default=0.0, metavar="G", help="0 to 1: lesser-known artists first")
    recommend.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.csv")
    recommend.add_argument("--artifacts", type=Path, default=_ARTIFACTS)
    arguments = parser.parse_args()
    try:
        return _COMMANDS[arguments.command](arguments)
    except MlError as error:
        print(f"timbre: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"timbre: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1


def _data(arguments: argparse.Namespace) -> Path:
    if arguments.data is None:
        raise MlError("Give the data sets' folder: --data DIR, or set TIMBRE_DATA.")
    return Path(arguments.data)


def _only(arguments: argparse.Namespace) -> list[str]:
    return [name.strip() for name in arguments.only.split(",") if name.strip()]


def _train(arguments: argparse.Namespace) -> int:
    from ml.train import train

    train(_data(arguments), arguments.out, arguments.seed, _only(arguments))
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    from ml.evaluate import evaluate

    evaluate(_data(arguments), arguments.out, arguments.artifacts, arguments.seed, _only(arguments))
    return 0


def _score(arguments: argparse.Namespace) -> int:
    """Score every good row; bad rows keep their place and say what is wrong."""
    demos = demo_csv.read(arguments.input.read_bytes())
    good = sum(not error for error in demos.errors)

    def told(done: int) -> None:
        print(f"\rscored {done:,} of {good:,} rows", end="", file=sys.stderr, flush=True)

    scores = batch.score(Models(arguments.artifacts), demos, told)
    arguments.out.write_text(demo_csv.write(demos, batch.columns(demos, scores)), encoding="utf-8", newline="")
    print(file=sys.stderr)
    for line in demo_csv.remarks(demos):
        print(line, file=sys.stderr)
    return 0


def _recommend(arguments: argparse.Namespace) -> int:
    """Rank for every person of the histories; rows that cannot be used are named."""
    if arguments.k < 1:
        raise MlError("-k must be at least 1.")
    if arguments.gems and (arguments.by == "track" or not 0 <= arguments.gems <= 1):
        raise MlError("--gems goes from 0 to 1, with --by artist.")
    models = Models(arguments.artifacts)
    found = histories.read(arguments.input.read_bytes(), models)
    ranked = list(histories.rank(found, models, arguments.by, arguments.k, arguments.gems))
    with arguments.out.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(histories.COLUMNS)
        writer.writerows(ranked)
    for line in found.errors[:_ERRORS_SHOWN]:
        print(line, file=sys.stderr)
    if len(found.errors) > _ERRORS_SHOWN:
        print(f"and {len(found.errors) - _ERRORS_SHOWN:,} more rows that could not be used", file=sys.stderr)
    return 0


_COMMANDS = {"train": _train, "evaluate": _evaluate, "score": _score, "recommend": _recommend}

if __name__ == "__main__":
    sys.exit(main())
