"""What a trend is held against: the family of every track, and yearly means that others published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog
from ml.eras import SOUND
from ml.families import FAMILIES
from ml.trends import UNTAGGED, Series, families

if TYPE_CHECKING:
    import pandas as pd

FILE = "trends.npz"
PUBLISHED = "data_by_year.csv"


class Reference:
    """Strata that hold the mix of genres, and a fifth source that only training can read.

    Attributes
    ----------
    strata : (n,) uint8, the family of each track of the catalogue, an index into `FAMILIES`, `UNTAGGED` where unknown.
    published : feature -> its yearly means over some 170,000 other tracks, 1921-2020; empty where they are not at hand.
    """

    def __init__(self, strata: NDArray[np.uint8], published: Mapping[str, Series]) -> None:
        self.strata = strata
        self.published = published

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray]) -> Reference:
        """Open what `pack` made."""
        years = tuple(arrays["years"].tolist())
        lines = {
            feature: Series("170k tracks", years, mean, mean, mean, (0,) * len(years))
            for feature, column in zip(SOUND, arrays["means"].T, strict=True)
            for mean in [tuple(column.tolist())]
        }
        return cls(arrays["family"], lines)

    @staticmethod
    def pack(catalog: Catalog, tracks: pd.DataFrame, data: Path) -> dict[str, NDArray]:
        """Family of each track and the published means; what `artifacts` stores and `load` takes.

        `tracks` is `Sources.tracks`, the table that `catalog` was packed from, `data` the folder of data sets. A track
        is of the family of its own genres, else of its artist's, else of the one its tags point at, else of the one
        that the tags of its artist's other tracks point at.
        """
        import pandas as pd

        from ml.tag_families import TagFamilies

        strata = families(catalog).copy()
        row_of = {track_id.decode(): row for row, track_id in enumerate(catalog.ids.tolist())}
        row = np.array([row_of[ids[0]] for ids in tracks.ids])
        by_tag = TagFamilies(tracks.tags.tolist(), tracks.genres.tolist())
        tagged = np.full(len(catalog), UNTAGGED, np.uint8)
        tagged[row] = [by_tag.family(tags) for tags in tracks.tags]
        strata = np.where(strata < UNTAGGED, strata, tagged)
        known = strata < UNTAGGED
        k = len(FAMILIES)
        votes = np.bincount(
            catalog.artist[known].astype(np.int64) * k + strata[known], minlength=k * len(catalog.artist_keys)
        )
        votes = votes.reshape(-1, k)
        theirs = np.where(votes.any(axis=1), votes.argmax(axis=1), UNTAGGED).astype(np.uint8)
        published = pd.read_csv(data / PUBLISHED)
        return {
            "family": np.where(known, strata, theirs[catalog.artist]).astype(np.uint8),
            "years": published.year.to_numpy(np.int16),
            "means": published[list(SOUND)].to_numpy(np.float32),
        }
