"""Imports go one way: transports -> router -> commands -> ml; and starting up stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = {"discord", "slack_bolt", "slack_sdk", "aiohttp"}


def imports(path: Path) -> set[str]:
    """Full names of every module a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, f"no files in {package}"
    return found


def reaches(path: Path, *packages: str) -> set[str]:
    return {name for name in imports(path) for p in packages if name == p or name.startswith(f"{p}.")}


@pytest.mark.parametrize("path", files("ml"), ids=lambda p: str(p.relative_to(ROOT)))
def test_ml_knows_no_chat_and_only_charts_know_matplotlib(path: Path) -> None:
    assert not reaches(path, "bot", *PLATFORMS)
    if "charts" not in path.parts:
        assert not reaches(path, "matplotlib")


@pytest.mark.parametrize("path", files("bot"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_bot_is_layered(path: Path) -> None:
    assert not reaches(path, "matplotlib", "sklearn", "lightgbm", "jax")
    where = path.relative_to(ROOT / "bot").parts
    if where[0] != "transports":
        assert not reaches(path, *PLATFORMS)
    if where[0] not in {"transports", "__main__.py"}:
        assert not reaches(path, "bot.transports")
    if where[0] == "commands":
        assert not reaches(path, "bot.router")
    if where[0] in {"core.py", "parse.py"}:
        assert not reaches(path, "ml", "bot.router", "bot.commands")
    if where[0] != "config.py":
        assert not reaches(path, "os.environ", "dotenv")


def test_answering_needs_nothing_of_training() -> None:
    """What pandas, scikit-learn and the boosters do is done once, before anybody asks."""
    code = """
import asyncio, sys
sys.modules.update(dict.fromkeys(("pandas", "sklearn", "scipy", "lightgbm", "jax", "optax", "tqdm")))
from bot.__main__ import COMMANDS, Models, Router, Settings

async def main():
    router = Router(COMMANDS, Models(Settings().artifacts_dir), None, ["me"])
    lines = [c.example for c in COMMANDS if c.name not in ("post", "rate")] + ["/genre energy:0.8 tempo:124"]
    print([(line, reply.text) for line in lines if (reply := await router.answer(line, "me", "test")).error])

asyncio.run(main())
"""
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_starting_imports_nothing_heavy() -> None:
    heavy = ("pandas", "sklearn", "scipy", "lightgbm", "matplotlib.pyplot", "jax", "statsmodels", "rapidfuzz")
    heavy += ("sqlalchemy", "alembic", "aiosqlite", "asyncpg", "discord")
    code = f"import sys, bot.router, bot.commands, ml.models; print([m for m in {heavy!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
