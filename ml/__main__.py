"""python -m ml: train the models from public data sets."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ml.artifacts import ArtifactError
from ml.sources import DataError

SEED = 42


def main() -> int:
    """Run one subcommand; the exit code."""
    parser = argparse.ArgumentParser("python -m ml", description="Timbre's models.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="rebuild every artifact")
    train.add_argument("--data", type=Path, default=os.environ.get("TIMBRE_DATA"), help="folder of the data sets")
    train.add_argument("--out", type=Path, default=Path("artifacts"), help="where artifacts go")
    train.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    try:
        return _COMMANDS[arguments.command](arguments)
    except (ArtifactError, DataError) as error:
        print(f"timbre: {error}", file=sys.stderr)
        return 1


def _data(arguments: argparse.Namespace) -> Path:
    if arguments.data is None:
        raise DataError("Give the data sets' folder: --data DIR, or set TIMBRE_DATA.")
    return Path(arguments.data)


def _train(arguments: argparse.Namespace) -> int:
    from ml.train import train

    train(_data(arguments), arguments.out, arguments.seed)
    return 0


_COMMANDS = {"train": _train}

if __name__ == "__main__":
    sys.exit(main())
