"""The three ways to hold rows out: by row (as public notebooks do, leaks), by recording, and by artist (honest)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit

from ml.features import NAMES

Protocol = Literal["row", "recording", "artist"]
PROTOCOLS: tuple[Protocol, ...] = ("row", "recording", "artist")
Rows = NDArray[np.intp]


def split(rows: pd.DataFrame, by: Protocol, seed: int, test_size: float = 0.2) -> tuple[Rows, Rows]:
    """Positions of the training and the test rows.

    "recording" keeps rows that share an id, artist and title, or every feature on one side. "artist" splits by
    primary artist, and takes out of training whatever is a test recording under another artist's name.
    """
    twin = pd.factorize(pd.util.hash_pandas_object(rows[list(NAMES)], index=False))[0]
    recording = rows.recording.to_numpy()
    groups = {
        "row": np.arange(len(rows)),
        "recording": pd.Series(recording).groupby(twin).transform("min").to_numpy(),
        "artist": rows.artist_key.to_numpy(),
    }[by]
    train, test = next(GroupShuffleSplit(1, test_size=test_size, random_state=seed).split(rows, groups=groups))
    if by != "row":
        leaks = np.isin(recording[train], recording[test]) | np.isin(twin[train], twin[test])
        train = train[~leaks]
    return train, test
