"""Artifacts round-trip, and whatever is missing or damaged is refused in words before it is opened."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from ml.artifacts import MANIFEST, ArtifactError, Artifacts, ArtifactWriter
from ml.scores import Score


class Bomb:
    """Unpickling this writes a file; a damaged artifact must never get that far."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    writer = ArtifactWriter(tmp_path, 7, {"rows": 3})
    writer.arrays("a.npz", {"x": np.arange(5)})
    writer.estimator("m.joblib", {"weights": [1, 2]})
    writer.scores([Score("genre", "top-1", 0.2, "artist", 10, headline=True)])
    return tmp_path


def test_what_is_saved_is_loaded(folder: Path) -> None:
    stored = Artifacts.open(folder)
    assert stored.arrays("a.npz")["x"].tolist() == [0, 1, 2, 3, 4]
    assert stored.estimator("m.joblib") == {"weights": [1, 2]}
    assert stored.scores() == [Score("genre", "top-1", 0.2, "artist", 10, headline=True)]
    assert stored.manifest["seed"] == 7
    assert set(stored.manifest["versions"]) >= {"python", "numpy", "scikit-learn"}


def test_one_artifact_is_rebuilt_among_the_others(folder: Path) -> None:
    ArtifactWriter(folder, 7, {"rows": 3}, fresh=False).arrays("a.npz", {"x": np.arange(2)})
    stored = Artifacts.open(folder)
    assert stored.arrays("a.npz")["x"].tolist() == [0, 1]
    assert stored.estimator("m.joblib") == {"weights": [1, 2]}
    assert len(stored.scores()) == 1


@pytest.mark.parametrize(("seed", "rows"), [(8, 3), (7, 4)])
def test_artifacts_of_other_data_are_not_mixed(folder: Path, seed: int, rows: int) -> None:
    with pytest.raises(ArtifactError, match="rebuild all of it"):
        ArtifactWriter(folder, seed, {"rows": rows}, fresh=False)


def test_a_changed_file_is_refused_before_it_is_unpickled(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "owned"
    (folder / "m.joblib").write_bytes(pickle.dumps(Bomb(victim)))
    with pytest.raises(ArtifactError, match=r"m\.joblib does not match manifest\.json.*make train"):
        Artifacts.open(folder).estimator("m.joblib")
    assert not victim.exists()


def test_arrays_made_for_another_catalogue_are_refused(folder: Path) -> None:
    writer = ArtifactWriter(folder, 7, {"rows": 3}, fresh=False)
    writer.arrays("catalog.npz", {"id": np.arange(3)})
    writer.arrays("map.npz", {"x": np.arange(3)})
    writer.arrays("catalog.npz", {"id": np.arange(3)})
    assert Artifacts.open(folder).arrays("map.npz")["x"].tolist() == [0, 1, 2]
    writer.arrays("catalog.npz", {"id": np.arange(3)[::-1]})
    with pytest.raises(ArtifactError, match=r"map\.npz was made for another catalog\.npz"):
        Artifacts.open(folder).arrays("map.npz")


def test_a_file_the_manifest_does_not_name_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["files"]["a.npz"]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="does not match"):
        Artifacts.open(folder).arrays("a.npz")


def test_missing_files_say_what_to_do(folder: Path, tmp_path: Path) -> None:
    (folder / "a.npz").unlink()
    with pytest.raises(ArtifactError, match="git checkout artifacts"):
        Artifacts.open(folder).arrays("a.npz")
    with pytest.raises(ArtifactError, match=r"manifest\.json is missing"):
        Artifacts.open(tmp_path / "nowhere")
    (folder / MANIFEST).write_text("{")
    with pytest.raises(ArtifactError, match="cannot be read"):
        Artifacts.open(folder)


def test_committed_artifacts_are_whole_and_small() -> None:
    folder = Path(__file__).resolve().parents[2] / "artifacts"
    stored = Artifacts.open(folder)
    sizes = [entry["bytes"] for entry in stored.manifest["files"].values()]
    assert max(sizes) < 20_000_000
    assert sum(sizes) < 40_000_000
    for name in stored.manifest["files"]:
        assert stored._verified(name)
    assert {p.name for p in folder.iterdir()} == {*stored.manifest["files"], MANIFEST, "MODEL_CARD.md"}
    assert stored.scores()
    assert all(score.split for score in stored.scores())
