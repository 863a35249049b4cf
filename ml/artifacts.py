"""Saving and loading what training computed: every file is checked against the manifest before it is opened."""

from __future__ import annotations

import io
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import MlError
from ml.scores import Score

MANIFEST = "manifest.json"
CATALOG = "catalog.npz"
"""What the arrays of every other .npz index: they are of no use beside another one."""
_RECORDED = ("numpy", "pandas", "scikit-learn", "lightgbm", "joblib")
_REMEDY = "Restore it with `git checkout artifacts`, or rebuild it with `make train`."


class ArtifactError(MlError):
    """The artifacts cannot be used; the message names the file and what to do."""


class ArtifactWriter:
    """Writes artifacts into a folder; the manifest vouches for each as soon as it is there.

    A `fresh` writer starts the manifest anew, another one adds to what the folder has.

    Raises
    ------
    ArtifactError
        When a writer that is not fresh finds artifacts of another seed or other data.
    """

    def __init__(self, folder: Path, seed: int, data: Mapping[str, Any], fresh: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        start = {"files": {}, "versions": {}, "seed": seed, "data": dict(data), "scores": []}
        self._manifest: dict[str, Any] = start if fresh else dict(Artifacts.open(folder).manifest)
        if any(self._manifest[key] != start[key] for key in ("seed", "data")):
            raise ArtifactError(f"{folder} was made from other data or with another seed: rebuild all of it.")
        self._manifest["versions"] = {"python": platform.python_version()} | {n: version(n) for n in _RECORDED}
        self._save()

    def arrays(self, name: str, columns: Mapping[str, NDArray]) -> None:
        """Store arrays as a compressed .npz, which loads without unpickling."""
        np.savez_compressed(self.folder / name, allow_pickle=False, **columns)
        self._vouch(name)

    def estimator(self, name: str, model: object) -> None:
        """Store a fitted estimator with joblib."""
        import joblib

        joblib.dump(model, self.folder / name, compress=("zlib", 6))
        self._vouch(name)

    def scores(self, scores: Iterable[Score]) -> None:
        """Record what was measured."""
        self._manifest["scores"] = [asdict(score) for score in scores]
        self._save()

    def _vouch(self, name: str) -> None:
        content = (self.folder / name).read_bytes()
        files = self._manifest["files"]
        entry = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
        if name.endswith(".npz") and name != CATALOG and CATALOG in files:
            entry["catalog"] = files[CATALOG]["sha256"]
        files = files | {name: entry}
        self._manifest["files"] = dict(sorted(files.items()))
        self._save()

    def _save(self) -> None:
        (self.folder / MANIFEST).write_text(json.dumps(self._manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")


@dataclass(frozen=True)
class Artifacts:
    """A folder of artifacts and its manifest; a file that does not match is refused before it is opened."""

    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path) -> Artifacts:
        """Read the manifest of `folder`.

        Raises
        ------
        ArtifactError
            When the folder has no readable manifest.
        """
        try:
            return cls(folder, json.loads((folder / MANIFEST).read_text("utf-8")))
        except FileNotFoundError:
            raise ArtifactError(f"{folder / MANIFEST} is missing. {_REMEDY}") from None
        except (OSError, ValueError) as error:
            raise ArtifactError(f"{folder / MANIFEST} cannot be read ({error}). {_REMEDY}") from None

    def arrays(self, name: str) -> dict[str, NDArray]:
        """Load a verified .npz."""
        with np.load(io.BytesIO(self._verified(name)), allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}

    def estimator(self, name: str) -> Any:
        """Load a verified joblib file."""
        import joblib

        content = self._verified(name)
        try:
            return joblib.load(io.BytesIO(content))
        except Exception as error:  # unpickling fails in as many ways as there are library versions
            raise ArtifactError(
                f"{name} was made by other library versions ({type(error).__name__}). "
                "Install the pinned ones with `pip install -r requirements.lock`, or rebuild it with `make train`."
            ) from error

    def scores(self) -> list[Score]:
        """The scores measured when the artifacts were made."""
        return [Score(**score) for score in self.manifest["scores"]]

    def _verified(self, name: str) -> bytes:
        """The file's bytes, hashed before anything interprets them."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError:
            raise ArtifactError(f"{path} is missing or unreadable. {_REMEDY}") from None
        files = self.manifest.get("files", {})
        entry = files.get(name, {})
        if sha256(content).hexdigest() != entry.get("sha256"):
            raise ArtifactError(f"{path} does not match {MANIFEST}: it was damaged or replaced. {_REMEDY}")
        if entry.get("catalog") not in (None, files.get(CATALOG, {}).get("sha256")):
            raise ArtifactError(f"{path} was made for another {CATALOG}. {_REMEDY}")
        return content
