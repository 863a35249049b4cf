"""114 genres and 16 families of a track: from its sound, its title, and its artist's other tracks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.calibration import Calibration
from ml.encoding import PiecewiseLinearEncoder, title_tokens
from ml.explain import Explanation
from ml.families import FAMILIES, FAMILY_OF
from ml.features import Matrix
from ml.network import TitledNetwork
from ml.shapley import permutation_shapley

if TYPE_CHECKING:
    import pandas as pd

    from ml.labels import Examples

Array = NDArray[np.float64]

FAMILY_NAMES: tuple[str, ...] = tuple(FAMILIES)
_BACKGROUND = 8  # rows behind an explanation: 2 x 8 walks from a typical track to the explained one
_SHRINKAGE = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)
_DRIFT_TAGGED = 0.1  # the sound leaves the tagged families at most this chance together,
_DRIFT_SOUND = 0.5  # and makes another family more likely than not


@dataclass(frozen=True)
class Drift:
    """A track's tags say one family, its sound another, with the calibrated probability of the latter."""

    tags: tuple[str, ...]
    tagged_family: str
    sound_family: str
    sound_p: float


@dataclass(frozen=True)
class GenreResult:
    """The likeliest family, all families and the five likeliest genres with calibrated probabilities, and why.

    A probability is the chance that the label is among the track's labels; a track can have several.
    """

    family: str
    family_p: float
    families: tuple[tuple[str, float], ...]
    genres: tuple[tuple[str, float], ...]
    explanation: Explanation
    drift: Drift | None = None


@dataclass(frozen=True)
class Maps:
    """From shares to calibrated probabilities, for genres and for families."""

    genre: Calibration
    family: Calibration


class GenreModel:
    """Genre shares of tracks, and maps from shares to calibrated probabilities; safe to share between threads.

    Parameters
    ----------
    network : an unfitted network, by default the one the published scores are of.
    bins : quantile bins of each continuous feature.
    """

    def __init__(self, network: TitledNetwork | None = None, bins: int = 40) -> None:
        self.network = network
        self.bins = bins

    def fit(self, rows: pd.DataFrame, seed: int = 42, progress: Callable[[str], None] = lambda _: None) -> GenreModel:
        """Train on the source rows of `ml.sources.load`.

        A first network sees four fifths of the artists; the others calibrate. The second, which is kept, sees all.
        """
        from ml.labels import examples, hold_out

        self.genres_: tuple[str, ...] = tuple(sorted(set(rows.genre) - {""}))
        self.member_ = np.array([[FAMILY_OF[g] == f for f in FAMILY_NAMES] for g in self.genres_], np.float64)
        train, held = hold_out(rows, "artist", seed)
        self._train(examples(train, self.genres_), seed, lambda told: progress(f"calibration, {told}"))
        self._calibrate(examples(held, self.genres_))
        tracks = examples(rows, self.genres_)
        self._train(tracks, seed, progress)
        self.background_ = self._typical(tracks.x[tracks.genres.any(axis=1)], seed)
        return self

    def _train(self, tracks: Examples, seed: int, progress: Callable[[str], None]) -> None:
        self.encoder_ = PiecewiseLinearEncoder(self.bins).fit(tracks.x[tracks.genres.any(axis=1)])
        network = self.network or TitledNetwork()
        self.network_ = TitledNetwork(**network.get_params() | {"seed": seed})
        codes, tokens = self.encoder_.transform(tracks.x), title_tokens(tracks.titles, self.network_.buckets)
        self.network_.fit(codes, tokens, tracks.tasks(), self.encoder_.clues_, progress)

    def _calibrate(self, held: Examples) -> None:
        """Fit the weight of the sound against an artist's labels, and the maps from shares to probabilities."""
        true = held.genres > 0
        audio, titled = self.probabilities(held.x), self.probabilities(held.x, held.titles)
        others = held.counts_of_artist()
        known = others.any(axis=1)

        def loss(shrinkage: float) -> float:
            return float(-np.log(_blend(titled[known], others[known], shrinkage)[true[known]]).mean())

        self.shrinkage_ = min(_SHRINKAGE, key=loss) if known.any() else _SHRINKAGE[-1]
        blended = self.catalogue(titled, others)
        self.audio_, self.titled_, self.catalogue_ = (self._maps(p, true) for p in (audio, titled, blended))

    def _maps(self, p: Array, true: NDArray[np.bool_]) -> Maps:
        return Maps(_map(p, true, 5), _map(p @ self.member_, true @ self.member_ > 0, 3))

    def _typical(self, x: Matrix, seed: int) -> Matrix:
        """The few tracks, of many random draws, whose mean probabilities are nearest to those of all tracks."""
        rng = np.random.default_rng(seed)
        sample = x[rng.choice(len(x), min(len(x), 4000), replace=False)]
        p = self.probabilities(sample)
        draws = rng.integers(len(sample), size=(2000, _BACKGROUND))
        return sample[draws[np.abs(p[draws].mean(axis=1) - p.mean(axis=0)).sum(axis=1).argmin()]]

    def probabilities(self, x: Matrix, titles: Sequence[str | None] | None = None) -> Array:
        """Genre shares (n, genres), rows summing to 1, from (n, 14) features without NaN and, where known, titles."""
        tokens = None if titles is None else title_tokens(titles, self.network_.buckets)
        return self.network_.predict_proba(self.encoder_.transform(x), tokens).astype(np.float64)

    def catalogue(self, p: Array, counts: NDArray) -> Array:
        """Genre shares (n, genres) given also how often the artist's other tracks have each genre, (n, genres).

        The posterior mean under a Dirichlet prior with mean `p`, the shares that sound and title give.
        """
        return _blend(p, counts, self.shrinkage_)

    def families(self, p: NDArray) -> Array:
        """Sum genre shares (n, genres) to family shares (n, 16), in the order of `FAMILY_NAMES`."""
        return p @ self.member_

    def confidence(self, p: Array, titled: ArrayLike = False, catalogue: bool = False) -> Array:
        """The probability that each genre is among the track's labels, from shares (n, genres).

        `titled` (one value, or one a row) tells where the shares rest on a title too, `catalogue` that the artist's
        labels were blended in. A rising map of the shares: it changes no ranking.
        """
        if catalogue:
            return self.catalogue_.genre(p)
        return np.where(np.reshape(titled, (-1, 1)), self.titled_.genre(p), self.audio_.genre(p))

    def family_confidence(self, shares: Array, titled: ArrayLike = False, catalogue: bool = False) -> Array:
        """As `confidence`, for each family, from shares (n, 16)."""
        if catalogue:
            return self.catalogue_.family(shares)
        return np.where(np.reshape(titled, (-1, 1)), self.titled_.family(shares), self.audio_.family(shares))

    def explain(self, row: Array, target: str, title: str | None = None) -> Explanation:
        """Why a genre or family (`target`) is as probable as it is for one row of 14 features, the title held fixed.

        Raises
        ------
        KeyError
            When `target` is neither a genre nor a family.
        """
        if target not in FAMILIES and target not in self.genres_:
            raise KeyError(target)

        def score(x: Matrix) -> Array:
            p = self.probabilities(x, [title] * len(x) if title else None)
            if target in FAMILIES:
                return self.family_confidence(self.families(p), bool(title))[:, FAMILY_NAMES.index(target)]
            return self.confidence(p, bool(title))[:, self.genres_.index(target)]

        return permutation_shapley(score, row, self.background_)

    def assess(
        self, x: Matrix, title: str | None = None, counts: NDArray | None = None, tags: Sequence[str] = ()
    ) -> GenreResult:
        """Everything about one track.

        Parameters
        ----------
        x : (k, 14) features, k > 1 where missing ones were completed in several ways; their mean is the answer.
        title : the title, if it has one.
        counts : (genres,) how often the artist's other tracks have each genre, for a catalogue track.
        tags : the genres it is tagged with, for a catalogue track: drift is judged against them.
        """
        title = title.strip() if title else None
        each = self.probabilities(x, [title] * len(x) if title else None)
        p = each.mean(axis=0, keepdims=True)
        known = counts is not None and bool(counts.any())
        if counts is not None and known:
            p = self.catalogue(p, counts[None, :])
        families = _ranked(FAMILY_NAMES, self.family_confidence(self.families(p), bool(title), known)[0])
        family, family_p = families[0]
        of_family = self.families(each)[:, FAMILY_NAMES.index(family)]
        middle = x[np.abs(of_family - of_family.mean()).argmin()]
        return GenreResult(
            family,
            family_p,
            families,
            _ranked(self.genres_, self.confidence(p, bool(title), known)[0])[:5],
            self.explain(middle, family, title),
            self.drift(x, tags) if tags else None,
        )

    def drift(self, x: Matrix, tags: Sequence[str]) -> Drift | None:
        """Where the sound alone (k completions of one track) speaks against its genre `tags`, else None."""
        tags = tuple(tag for tag in tags if tag in self.genres_)
        tagged = tuple(dict.fromkeys(FAMILY_OF[tag] for tag in tags))
        if not tags:
            return None
        shares = self.families(self.probabilities(x).mean(axis=0))
        left = self.audio_.family(shares[[FAMILY_NAMES.index(f) for f in tagged]].sum())
        sound, sound_p = _ranked(FAMILY_NAMES, self.audio_.family(shares))[0]
        if sound_p < _DRIFT_SOUND or left > _DRIFT_TAGGED:
            return None
        return Drift(tags, " and ".join(tagged), sound, sound_p)


def _blend(p: Array, counts: NDArray, shrinkage: float) -> Array:
    return (counts + shrinkage * p) / (counts.sum(axis=1, keepdims=True) + shrinkage)


def _map(p: Array, true: NDArray[np.bool_], shown: int) -> Calibration:
    """Calibrate on the labels that get shown: the `shown` likeliest of each track."""
    top = np.argsort(-p, axis=1)[:, :shown]
    return Calibration.fit(np.take_along_axis(p, top, 1).ravel(), np.take_along_axis(true, top, 1).ravel())


def _ranked(names: Sequence[str], p: Array) -> tuple[tuple[str, float], ...]:
    return tuple((names[i], float(p[i])) for i in np.argsort(-p, kind="stable"))
