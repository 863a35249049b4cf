"""Shared fixtures: the real models of `artifacts/`, a router over them, and the public data where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest

from bot.commands import COMMANDS
from bot.config import Settings
from bot.core import File, Reply
from bot.router import Router
from ml.models import Models

Ask = Callable[..., Awaitable[Reply]]
_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def models() -> Models:
    """The pretrained models, loaded once."""
    return Models(Settings().artifacts_dir)


@pytest.fixture(scope="session")
def router(models: Models) -> Router:
    """A router over every command."""
    return Router(COMMANDS, models)


@pytest.fixture
def ask(router: Router) -> Ask:
    """Speak a line as a person nobody has heard of, and read the reply."""
    people = count()

    async def speak(line: str, *files: File) -> Reply:
        return await router.answer(line, f"test:{next(people)}", "test", files)

    return speak


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of public data sets; skips where there is none."""
    folder = Path(os.environ.get("TIMBRE_DATA", _ROOT.parent / "shared" / "data"))
    if not (folder / "dataset.csv").is_file():
        pytest.skip("needs the public data sets: set TIMBRE_DATA to their folder")
    return folder
