"""How well one track follows another: a cost from tempo, key, energy, loudness and colour, the less the smoother.

Every term is a distance in steps of its own unit, one step being what passes unnoticed, through `bend`: squared up to
one step, straight beyond it, so that many small steps are better than one jump, and a jump is not all that counts.

| term | one step | weight |
| --- | --- | --- |
| tempo | 8 %, the reach of a turntable's pitch fader; half and double time count as the same beat | 1 |
| half or double time | the change itself | 0.25 |
| no beat found in one of them | | 1 |
| key | `_KEY` by steps on the Camelot wheel | 1 |
| energy | 0.15 | 0.6 |
| loudness | 6 dB | 0.4 |
| colour | mean difference of 0.25 in acousticness, instrumentalness, valence and danceability | 0.5 |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.features import COLUMN

Array = NDArray[np.float64]
KeyRelation = Literal["same", "relative", "fifth up", "fifth down", "far"]

NEAR_TEMPO = 0.08
"""The share by which tempo may change within one smooth step."""
NEAR_KEY = 1
"""Keys at most this far apart on the wheel share all notes, or all but one."""
_OCTAVE, _BEATLESS = 0.25, 1.0
_KEY = np.array([0.0, 0.25, 1.0, 1.5, 2.0, 2.0, 2.0, 2.0])
_ENERGY_STEP, _W_ENERGY = 0.15, 0.6
_LOUDNESS_STEP, _W_LOUDNESS = 6.0, 0.4
_COLOUR = [COLUMN[n] for n in ("acousticness", "instrumentalness", "valence", "danceability")]
_COLOUR_STEP, _W_COLOUR = 0.25, 0.5


@dataclass(frozen=True)
class Transition:
    """What changes from one track to the next.

    Attributes
    ----------
    tempo_ratio : the next tempo over this one, brought to the same octave by `octave`; None where one has no beat.
    octave : 0 as it is; 1 when the next beats at about twice the tempo, -1 at about half.
    key : how the keys relate; "fifth up" is one step clockwise on the circle of fifths.
    key_steps : steps between them on the Camelot wheel, 0 to 7.
    """

    tempo_ratio: float | None
    octave: int
    key: KeyRelation
    key_steps: int
    cost: float

    @property
    def near_tempo(self) -> bool:
        """Whether tempo changes by at most `NEAR_TEMPO`, half and double time being the same."""
        return self.tempo_ratio is not None and _jump(self.tempo_ratio) <= NEAR_TEMPO + 1e-9

    @property
    def near_key(self) -> bool:
        """Whether the keys share all notes, or all but one."""
        return self.key_steps <= NEAR_KEY


def bend(steps: ArrayLike) -> Array:
    """The cost of a distance in steps: its square up to 1, then straight on (Huber 1964, doubled)."""
    x = np.asarray(steps, np.float64)
    return np.where(x <= 1, x * x, 2 * x - 1)


def fold_tempo(tempo: ArrayLike, following: ArrayLike) -> tuple[Array, Array]:
    """The change of tempo in octaves (log2) after taking `following` at half, full or double time, and that octave.

    NaN where either has no beat (0 BPM, or unknown).
    """
    a, b = (np.where(np.asarray(t, np.float64) > 0, t, np.nan) for t in (tempo, following))
    octaves = np.log2(b) - np.log2(a)
    octave = np.clip(np.rint(octaves), -1, 1)
    return octaves - octave, octave


def wheel(key: ArrayLike, mode: ArrayLike) -> NDArray[np.intp]:
    """The place of a key on the circle of fifths, 0 (C major, A minor) to 11 (F major, D minor).

    `key` is a pitch class, 0 = C; a minor key stands where its relative major, three semitones up, does.
    """
    major = np.where(np.asarray(mode) >= 0.5, key, np.asarray(key) + 3)
    return np.rint(major).astype(np.intp) * 7 % 12


def key_steps(
    place: ArrayLike, mode: ArrayLike, following_place: ArrayLike, following_mode: ArrayLike
) -> NDArray[np.intp]:
    """Steps between keys on the Camelot wheel: places around it, and one more to change between minor and major."""
    apart = (np.asarray(following_place) - np.asarray(place)) % 12
    changed = (np.asarray(mode) >= 0.5) != (np.asarray(following_mode) >= 0.5)
    return np.minimum(apart, 12 - apart) + changed


def costs(features: NDArray[np.floating]) -> Array:
    """(n, n) cost of following each track with each other, from (n, 14) features; symmetric, zero on the diagonal."""
    x = np.nan_to_num(features.astype(np.float64))
    tempo, mode = x[:, COLUMN["tempo"]], x[:, COLUMN["mode"]]
    change, octave = fold_tempo(tempo[:, None], tempo)
    total = bend(np.abs(change) / np.log2(1 + NEAR_TEMPO)) + _OCTAVE * np.abs(octave)
    total[np.isnan(change)] = _BEATLESS
    place = wheel(x[:, COLUMN["key"]], mode)
    total += _KEY[key_steps(place[:, None], mode[:, None], place, mode)]
    for name, step, weight in (("energy", _ENERGY_STEP, _W_ENERGY), ("loudness", _LOUDNESS_STEP, _W_LOUDNESS)):
        values = x[:, COLUMN[name]]
        total += weight * bend(np.abs(values[:, None] - values) / step)
    apart = sum(np.abs(x[:, None, c] - x[:, c]) for c in _COLOUR) / len(_COLOUR)
    total += _W_COLOUR * bend(apart / _COLOUR_STEP)
    np.fill_diagonal(total, 0)
    return total


def transitions(features: NDArray[np.floating]) -> tuple[Transition, ...]:
    """The n - 1 transitions along (n, 14) features of tracks in order."""
    x = np.nan_to_num(features.astype(np.float64))
    tempo, mode = x[:, COLUMN["tempo"]], x[:, COLUMN["mode"]]
    change, octave = fold_tempo(tempo[:-1], tempo[1:])
    place = wheel(x[:, COLUMN["key"]], mode)
    steps = key_steps(place[:-1], mode[:-1], place[1:], mode[1:])
    turns = (place[1:] - place[:-1]) % 12
    return tuple(
        Transition(
            tempo_ratio=None if np.isnan(change[i]) else float(2 ** change[i]),
            octave=int(np.nan_to_num(octave[i])),
            key=_relation(int(steps[i]), int(turns[i])),
            key_steps=int(steps[i]),
            cost=float(costs(x[i : i + 2])[0, 1]),
        )
        for i in range(len(x) - 1)
    )


def _relation(steps: int, turn: int) -> KeyRelation:
    if steps == 0:
        return "same"
    if steps > NEAR_KEY:
        return "far"
    return "relative" if turn == 0 else "fifth up" if turn == 1 else "fifth down"


def jumps(found: Sequence[Transition]) -> list[float]:
    """The relative change of tempo of each transition between beats, half and double time being the same."""
    return [_jump(t.tempo_ratio) for t in found if t.tempo_ratio is not None]


def _jump(ratio: float) -> float:
    return max(ratio, 1 / ratio) - 1
