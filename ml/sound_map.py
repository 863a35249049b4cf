"""The map of sounds: a place in the plane for every track, near where alike, and places for sounds it never saw.

t-SNE (van der Maaten & Hinton 2008) lays out a sample of landmarks once, in training. Every other track, and every
demo later, goes where its nearest landmarks are. Their plain mean would fall into the sea between two islands when
they lie on both, so a place is the mean of those that lie together and weigh most.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.catalog import Catalog, Rows
from ml.clusters import ClusterModel, Sounds
from ml.terrain import Terrain

LANDMARKS = 20_000
NEIGHBOURS = 10
CORNERS = 60
"""A finer cut of the same space than the regions, in which under-served sounds are looked for."""
_PERPLEXITY = 30
_TOGETHER = 1 / 24  # of the map, which is 2 wide: landmarks this close count as lying together
_SAME = 1e-3  # standard deviations; nearer than this is the same sound
_STEPS = 32_000  # to either side of the middle, in int16
_BORDER = 0.25  # the least clear quarter of all tracks lies "at a border"
_WELL_KNOWN = 0.05  # of the catalogue, most popular first
_CHUNK = 512


@dataclass(frozen=True)
class Spot:
    """Where a sound lies: its place, its region, the region next to it, and how typical of its own it is.

    `typical` is the share of the region's tracks that lie further from its centre; `border` says that the next region
    is nearly as near as its own: nearer than for three quarters of all tracks.
    """

    x: float
    y: float
    region: int
    next: int
    typical: float
    border: bool


class SoundMap:
    """Coordinates of the catalogue's tracks, and what lies where.

    Parameters
    ----------
    columns : what `pack` gave.
    catalog, clusters : those it was packed from; rows and distances are theirs.

    Attributes
    ----------
    coordinates : (n, 2) float32, the longer side of the map is 2 wide and its middle 0; axes have no meaning.
    landmarks : (m,) rows of the catalogue that t-SNE laid out.
    corners : (c, 9) float32, KMeans centroids of the finer cut.
    """

    def __init__(self, columns: dict[str, Any], catalog: Catalog, clusters: ClusterModel) -> None:
        self.catalog = catalog
        self.clusters = clusters
        self.coordinates: NDArray[np.float32] = np.ascontiguousarray(columns["coordinates"].T / np.float32(_STEPS))
        self.landmarks: Rows = columns["landmarks"].astype(np.intp)
        self.corners: NDArray[np.float32] = columns["corners"]

    @staticmethod
    def pack(catalog: Catalog, clusters: ClusterModel, seed: int = 42) -> dict[str, NDArray]:
        """Lay the catalogue out; what `artifacts` stores and `__init__` takes. Two to three minutes on one core."""
        from scipy.spatial import cKDTree
        from sklearn.cluster import KMeans

        z = clusters.standardise(catalog.features)
        landmarks = _spread(z, LANDMARKS, seed)
        laid = _layout(z[landmarks], seed)
        found = cKDTree(z[landmarks]).query(z, min(NEIGHBOURS, len(landmarks)))
        distance, near = (np.asarray(part).reshape(len(z), -1) for part in found)
        corners = KMeans(min(CORNERS, len(landmarks)), n_init=3, random_state=seed).fit(z).cluster_centers_
        parts = range(0, len(z), 10_000)
        places = np.concatenate([_settle(laid[near[a : a + 10_000]], distance[a : a + 10_000]) for a in parts])
        return {
            "coordinates": np.rint(places.T * _STEPS).astype(np.int16),
            "landmarks": landmarks.astype(np.int32),
            "corners": corners.astype(np.float32),
        }

    def place(self, x: Sounds) -> NDArray[np.float32]:
        """(m, 2) places of (m, 14) features without NaN in the sound features, by their nearest landmarks."""
        z = self.clusters.standardise(x)
        points, squares = self._landmark_sounds
        k = min(NEIGHBOURS, len(points))
        parts = [np.empty((0, 2), np.float32)]
        for start in range(0, len(z), _CHUNK):
            some = z[start : start + _CHUNK]
            rough = squares - 2 * some.astype(np.float32) @ points.T
            near = np.argpartition(rough, k - 1, axis=1)[:, :k]
            distance = np.sqrt(np.square(points[near] - some[:, None]).sum(axis=2))
            parts.append(_settle(self.coordinates[self.landmarks[near]], distance).astype(np.float32))
        return np.concatenate(parts)

    def locate(self, x: Sounds) -> Spot:
        """Where one sound of (1, 14) features lies."""
        distance = self.clusters.distances(x)[0]
        region, after = (int(k) for k in np.argsort(distance)[:2])
        own, clear = self._within
        further = own[self.region == region] > distance[region]
        border = distance[region] / distance[after] > clear
        (px, py), *_ = self.place(x).tolist()
        return Spot(px, py, region, after, float(further.mean()), bool(border))

    def warm(self) -> None:
        """Count what requests ask for, so that the first does not wait."""
        self.locate(self.catalog.features[:1])
        self.nearest_known(self.catalog.features[:1])
        _ = self.terrain

    def nearest_known(self, x: Sounds, count: int = 5, without: int | None = None) -> Rows:
        """Rows of the well-known tracks nearest to (1, 14) features, one an artist, never the artist of `without`."""
        known = self._known_sounds
        artist = self.catalog.artist[: len(known)]
        order = np.argsort(np.square(known - self.clusters.standardise(x)).sum(axis=1), kind="stable")
        if without is not None:
            order = order[artist[order] != self.catalog.artist[without]]
        _, first = np.unique(artist[order[: 50 * count]], return_index=True)
        return order[np.sort(first)[:count]]

    @cached_property
    def region(self) -> NDArray[np.intp]:
        """(n,) the region of every track."""
        return self.clusters.predict(self.catalog.features)

    @cached_property
    def terrain(self) -> Terrain:
        """The map as a picture's cells: how dense, and whose."""
        return Terrain.of(self.coordinates, self.region, len(self.clusters.centroids_))

    @cached_property
    def _within(self) -> tuple[NDArray[np.float64], float]:
        """(n,) each track's distance from its centroid; and which part of the distance from the next means "border"."""
        two = np.partition(self.clusters.distances(self.catalog.features), 1, axis=1)[:, :2]
        return two[:, 0], float(np.quantile(two[:, 0] / two[:, 1], 1 - _BORDER))

    @cached_property
    def _landmark_sounds(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        points = self.clusters.standardise(self.catalog.features[self.landmarks]).astype(np.float32)
        return points, np.square(points).sum(axis=1)

    @cached_property
    def _known_sounds(self) -> NDArray[np.float64]:
        return self.clusters.standardise(self.catalog.features[: max(1, int(_WELL_KNOWN * len(self.catalog)))])


def _spread(z: NDArray[np.float64], size: int, seed: int) -> Rows:
    """A random sample of rows, no two with the same sound."""
    different = np.unique(z, axis=0, return_index=True)[1]
    return np.sort(np.random.default_rng(seed).choice(different, min(size, len(different)), replace=False))


def _layout(z: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """(m, 2) t-SNE of the landmarks from their principal components on, scaled so that the longer side is -1 to 1."""
    from sklearn.manifold import TSNE

    perplexity = min(_PERPLEXITY, (len(z) - 1) / 3)
    laid = TSNE(perplexity=perplexity, init="pca", max_iter=750, random_state=seed, n_jobs=1).fit_transform(z)
    low, high = laid.min(axis=0), laid.max(axis=0)
    return (laid - (low + high) / 2) * 2 / (high - low).max()


def _settle(places: NDArray[np.floating], distance: NDArray[np.floating]) -> NDArray[np.floating]:
    """(m, 2) where to go among the (m, k, 2) places of the nearest landmarks, at (m, k) distances in sound.

    Landmarks weigh by the inverse square of their distance. The one with most weight around it is the anchor, and the
    place is the mean of all by weight and nearness to the anchor: one step of mean shift (Comaniciu & Meer 2002).
    """
    weight = 1 / np.square(np.maximum(distance, _SAME))
    apart = np.square(places[:, :, None] - places[:, None]).sum(axis=3)
    together = np.exp(-apart / (2 * _TOGETHER**2))
    anchor = (together * weight[:, None]).sum(axis=2).argmax(axis=1)
    weight = weight * together[np.arange(len(places)), anchor]
    return (places * weight[:, :, None]).sum(axis=1) / weight.sum(axis=1)[:, None]
