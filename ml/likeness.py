"""What a history says about eras, popularity and sound: how near each of them is to what it holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog

Floats = NDArray[np.float32]

YEARS = 128
"""How many year codes there are: 0 for unknown, then the years from 1900."""
_FIRST_YEAR, _FADE = 1899, 4.0  # likeness of eras fades by e in 4 years
_UNDATED = 0.5  # what share of a full likeness a track gets whose year is unknown
_USUAL = 3.0  # as how many tracks the usual spread of a playlist's sound counts beside the spread of the history


def year_codes(catalog: Catalog) -> NDArray[np.uint8]:
    """(n,) years counted from 1899, the middle of the decade where that is all one knows, 0 where nothing is."""
    decade = np.where(catalog.decade > 0, catalog.decade + 5, 0)
    year = np.where(catalog.year > 0, catalog.year, decade)
    return np.clip(year - _FIRST_YEAR, 0, YEARS - 1).astype(np.uint8)


def of_eras(years: NDArray[np.integer], weights: Floats) -> Floats:
    """(YEARS,) likeness in era of each year code, for a history of these year codes and weights."""
    era = np.zeros(YEARS, np.float32)
    dated = (years > 0) & (weights > 0)
    if dated.any():
        share = weights[dated] / weights[dated].sum()
        era += share @ np.exp(-np.abs(np.arange(YEARS) - years[dated, None]) / np.float32(_FADE))
        era[0] = _UNDATED * float(share @ era[years[dated]])
    return era


def of_levels(levels: Floats, popularity: NDArray[np.integer], weights: Floats) -> Floats:
    """Minus the distance of each of `levels` from the mean of a history whose popularity is `levels[popularity]`.

    The last level stands for an unknown popularity, which says nothing.
    """
    known = (popularity < len(levels) - 1) & (weights > 0)
    if not known.any():
        return np.zeros(len(levels), np.float32)
    mean = np.average(levels[popularity[known]], weights=weights[known])
    return np.asarray(-np.abs(levels - mean), np.float32)


def of_sound(x: Floats, weights: Floats, spread: Floats) -> Floats:
    """(2, features) the mean of a history's features `x`, (features, m), and what a squared distance from it costs.

    The cost is the inverse of the history's variance, drawn towards the usual `spread`, over the number of features.
    """
    total = float(weights.sum())
    if not total:
        return np.zeros((2, len(x)), np.float32)
    share = weights / total
    mean = x @ share
    size = total**2 / float(np.square(weights).sum())
    variance = np.maximum(x**2 @ share - mean**2, 0)
    variance = (size * variance + _USUAL * spread) / (size + _USUAL)
    return np.stack([mean, 1 / (len(x) * variance)]).astype(np.float32)


def likeness_in_sound(sound: Floats, x: Floats) -> Floats:
    """(m,) minus what the distances of (features, m) `x` cost, by `of_sound`; the same for a track in any company."""
    mean, cost = sound[:, :, None]
    off = x - mean
    off *= off
    off *= cost
    return -off.sum(axis=0)
