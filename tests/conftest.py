"""Shared fixtures: the real models of `artifacts/`, a router over them, and the public data where it is at hand."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from bot.commands import COMMANDS
from bot.config import Settings
from bot.core import File, Reply
from bot.router import Router
from bot.store import Store
from ml.models import Models
from tests.postgres import Cluster, installed

Ask = Callable[..., Awaitable[Reply]]
_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def models() -> Models:
    """The pretrained models, loaded once."""
    return Models(Settings().artifacts_dir)


@pytest.fixture(scope="session", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What tests write goes to a temporary folder, also when they start the bot as a program."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIR", str(folder))
        patch.setenv("DATABASE_URL", "")
        yield folder


@pytest.fixture(scope="session")
async def router(models: Models, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """A router over every command, with a notebook of its own."""
    router = Router(COMMANDS, models, Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/timbre.sqlite3"))
    yield router
    await router.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A throwaway PostgreSQL; skips where it is not installed."""
    if not installed():
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/timbre.sqlite3"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.database()


@pytest.fixture(scope="session")
def strangers() -> Iterator[str]:
    """Names of people nobody has heard of: the notebook remembers the others."""
    return (f"test:{n}" for n in count())


@pytest.fixture
def ask(router: Router, strangers: Iterator[str]) -> Ask:
    """Speak a line as a person nobody has heard of, and read the reply."""

    async def speak(line: str, *files: File) -> Reply:
        return await router.answer(line, next(strangers), "test", files)

    return speak


@pytest.fixture
def tell(router: Router, strangers: Iterator[str]) -> Ask:
    """Speak lines as one person nobody has heard of before, and read the replies."""
    person = next(strangers)

    async def speak(line: str, *files: File) -> Reply:
        return await router.answer(line, person, "test", files)

    return speak


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of public data sets; skips where there is none."""
    folder = Path(os.environ.get("TIMBRE_DATA", _ROOT.parent / "shared" / "data"))
    if not (folder / "dataset.csv").is_file():
        pytest.skip("needs the public data sets: set TIMBRE_DATA to their folder")
    return folder
