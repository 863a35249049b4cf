"""The model card and the README say what the manifest says, and no score stands without its split."""

import json
from pathlib import Path

import pytest

from ml.artifacts import Artifacts, ArtifactWriter
from ml.evaluate import _headlines
from ml.model_card import CARD, card, headlines, replace_scores, write_card
from ml.scores import Score

ROOT = Path(__file__).resolve().parents[2]
DATA = {"rows": 1234, "recordings": 567, "cleaning": {"a": {"read": 10, "kept": 9}}, "merged": {"same id": 3}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(
        "before\n<!-- headline scores, written by python -m ml -->\nold\n<!-- end of scores -->\nafter\n"
    )
    writer = ArtifactWriter(tmp_path / "artifacts", 1, DATA)
    writer.scores([Score("network", "genre top-1", 0.2, "by artist", 50, 0.1, 0.3, headline=True)])
    write_card(tmp_path / "artifacts")
    return tmp_path


def test_scores_stand_beside_their_split_their_size_and_their_interval(folder: Path) -> None:
    text = (folder / "artifacts" / CARD).read_text()
    assert "| metric | model | by artist |" in text
    assert "| top-1 | network | 0.200 (0.100 to 0.300) |" in text
    assert "Test rows: by artist 50." in text
    assert "| a | 10 | 9 |" in text


def test_measuring_again_would_mark_the_same_headlines() -> None:
    scores = Artifacts.open(ROOT / "artifacts").scores()
    marked = [s for s in scores if s.headline]
    assert {"genre", "hit", "popularity"} <= {s.metric.split()[0] for s in marked}
    assert [s for s in _headlines(scores) if s.headline] == marked


def test_the_readme_quotes_the_headlines_between_its_marks(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    assert readme.startswith("before\n<!-- headline")
    assert readme.endswith("<!-- end of scores -->\nafter\n")
    assert "| genre top-1 (network) | 0.200 | 0.100 to 0.300 | by artist | 50 |" in readme
    assert "old" not in readme


def test_new_scores_replace_old_ones_everywhere(folder: Path) -> None:
    artifacts = folder / "artifacts"
    replace_scores(artifacts, [Score("trees", "hit AUC", 0.9, "by artist", 7, headline=True)], {"hit"})
    replace_scores(artifacts, [Score("network", "genre top-1", 0.3, "by artist", 50, headline=True)], {"genre"})
    assert [score.value for score in Artifacts.open(artifacts).scores()] == [0.3, 0.9]
    assert "hit AUC (trees) | 0.900" in (folder / "README.md").read_text()
    assert "0.200" not in (folder / "README.md").read_text()
    assert json.loads((folder / "artifacts" / "manifest.json").read_text())["files"] == {}


def test_the_committed_card_and_readme_are_those_of_the_manifest() -> None:
    stored = Artifacts.open(ROOT / "artifacts")
    assert (ROOT / "artifacts" / CARD).read_text() == card(stored)
    assert headlines(stored) in (ROOT / "README.md").read_text()
