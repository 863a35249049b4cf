"""How firm the regions of sound are, and how true the map is to the sounds it shows."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog, Rows
from ml.clusters import ClusterModel
from ml.scores import Score
from ml.sound_map import SoundMap

_FITS = 8
_SAMPLE = 5_000
_SAMPLES = 3
_NEIGHBOURS = (5, 10, 15)
Array = NDArray[np.floating]


def evaluate_clusters(catalog: Catalog, sound_map: SoundMap, seed: int, baselines: bool = True) -> list[Score]:
    """Stability and separation of the shipped number of regions, and trustworthiness of the shipped map.

    Stability refits the regions on bootstrap resamples and compares, for every pair of fits, what they say of all
    tracks (adjusted Rand index, Hubert & Arabie 1985). Trustworthiness (Venna & Kaski 2001) asks how many neighbours on
    the map are neighbours in the nine standardised features, within samples of different sounds.
    """
    clusters = sound_map.clusters
    z = clusters.standardise(catalog.features)
    scores = [_stability(catalog, clusters.k, seed, whole_artists) for whole_artists in (False, True)]
    scores.append(_silhouette(z, sound_map.region, clusters.k, seed))
    every = np.arange(len(catalog))
    laid = np.isin(every, sound_map.landmarks)
    with_landmark = np.isin(catalog.artist, catalog.artist[sound_map.landmarks])
    groups = {
        "map": ("all tracks of the catalogue", every),
        "new point": ("tracks placed by their neighbours, none laid out by t-SNE", every[~laid]),
        "new artist": ("the same, and no track of their artists laid out", every[~with_landmark]),
    }
    for name, (which, rows) in groups.items():
        if len(rows) > 2 * max(_NEIGHBOURS):
            scores += _trust("t-SNE and neighbours", name, which, z, sound_map.coordinates, rows, seed)
    if baselines:
        scores += _trust("PCA", "map", "all tracks of the catalogue", z, _principal(z), every, seed)
        mean = _plain_mean(sound_map, z, every[~laid])
        scores += _trust("mean of ten neighbours", "new point", groups["new point"][0], z, mean, every[~laid], seed)
    return scores


def _stability(catalog: Catalog, k: int, seed: int, whole_artists: bool) -> Score:
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(seed)
    x = catalog.features.astype(np.float64)
    fits = []
    for fit in range(_FITS):
        if whole_artists:
            drawn = rng.integers(len(catalog.artist_keys), size=len(catalog.artist_keys))
            rows = np.concatenate([catalog.by_artist(int(artist)) for artist in drawn])
        else:
            rows = rng.integers(len(x), size=len(x))
        fits.append(ClusterModel(k, seed + fit).fit(x[rows]).predict(x))
    pairs = [float(adjusted_rand_score(a, b)) for a, b in itertools.combinations(fits, 2)]
    drawn_as = "whole artists" if whole_artists else "tracks"
    split = f"{_FITS} bootstrap resamples of {drawn_as}, all {len(pairs)} pairs compared on all tracks"
    note = f"k = {k}; worst pair {min(pairs):.3f}"
    return Score(f"KMeans, {k} regions", "clusters bootstrap ARI", float(np.mean(pairs)), split, len(x), note=note)


def _silhouette(z: Array, region: NDArray[np.intp], k: int, seed: int) -> Score:
    from sklearn.metrics import silhouette_score

    rows = np.random.default_rng(seed).choice(len(z), min(2 * _SAMPLE, len(z)), replace=False)
    value = float(silhouette_score(z[rows], region[rows]))
    split = "a random sample of tracks, nine standardised features"
    note = "a continuum: regions describe it, they are no islands"
    return Score(f"KMeans, {k} regions", "clusters silhouette", value, split, len(rows), note=note)


def _trust(model: str, name: str, which: str, z: Array, places: Array, rows: Rows, seed: int) -> list[Score]:
    """Mean over samples of different sounds, for each number of neighbours."""
    from sklearn.manifold import trustworthiness

    rng = np.random.default_rng(seed)
    different = rows[np.unique(z[rows], axis=0, return_index=True)[1]]
    samples = [rng.choice(different, min(_SAMPLE, len(different)), replace=False) for _ in range(_SAMPLES)]
    scores = []
    for count in _NEIGHBOURS:
        values = [float(trustworthiness(z[some], places[some], n_neighbors=count)) for some in samples]
        split = f"{which}; {_SAMPLES} samples without duplicates, {count} neighbours"
        metric = f"clusters {name} trustworthiness"
        note = f"samples between {min(values):.3f} and {max(values):.3f}"
        scores.append(Score(model, metric, float(np.mean(values)), split, len(samples[0]), note=note))
    return scores


def _principal(z: Array) -> Array:
    """(n, 2) first two principal components."""
    axes = np.linalg.eigh(np.cov(z.T))[1][:, ::-1][:, :2]
    return z @ axes


def _plain_mean(sound_map: SoundMap, z: Array, rows: Rows) -> Array:
    """(n, 2) places by the plain mean of the ten nearest landmarks, as is usual; only `rows` are filled."""
    from scipy.spatial import cKDTree

    near = cKDTree(z[sound_map.landmarks]).query(z[rows], 10)[1]
    places = np.zeros((len(z), 2))
    places[rows] = sound_map.coordinates[sound_map.landmarks[near]].mean(axis=1)
    return places
