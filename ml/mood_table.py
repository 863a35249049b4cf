"""The moods: what each asks of the sound and of the genres, as a few numbers.

The weights were learnt from the 114 catalogue genres (those in a mood's `fits` against all others, balanced, logistic
regression on percentile ranks), with the signs, and for what defines a mood a least size, set by hand: no quirk of a
genre's name may make a louder song calmer. No weight was fitted to what people call the moods (tags, names of
playlists); how much genres count and those least sizes were chosen with an eye on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mood:
    """What a mood asks for, in standard deviations of its score over the catalogue.

    `pull` gives each feature's effect over the lower and over the upper half of its percentile ranks, (0.5, -1) is a
    peak in the middle; a track all of whose genres are in `fits` gains 1, one whose genres are in `jars` loses 1.
    """

    pull: Mapping[str, tuple[float, float]]
    fits: str
    jars: str


MOODS: Mapping[str, Mood] = {
    "energetic": Mood(
        pull={
            "danceability": (0.32, -0.17),
            "energy": (1.19, 1.19),
            "loudness": (0.17, 0),
            "acousticness": (-0.05, -0.86),
            "instrumentalness": (0, -0.48),
            "valence": (-0.28, -0.33),
            "tempo": (0, 0.37),
        },
        fits="""hardstyle drum-and-bass edm metalcore punk punk-rock trance hardcore happy dubstep j-dance power-pop
            ska hard-rock electro""",
        jars="sleep study ambient piano children kids comedy",
    ),
    "happy": Mood(
        pull={
            "danceability": (0, 0.26),
            "energy": (0.52, 0.42),
            "speechiness": (-0.1, -0.35),
            "acousticness": (0.4, 0.07),
            "instrumentalness": (-0.17, -0.74),
            "valence": (1.3, 1.3),
            "duration_ms": (0, -0.08),
            "mode": (0.07, 0),
            "explicit": (0, -0.37),
        },
        fits="disco ska salsa forro pagode samba rock-n-roll rockabilly funk power-pop party afrobeat",
        jars="black-metal death-metal grindcore sad emo goth comedy sleep",
    ),
    "sad": Mood(
        pull={
            "danceability": (0, -0.21),
            "energy": (-0.85, -1.13),
            "speechiness": (-0.14, 0),
            "acousticness": (0.12, 0),
            "instrumentalness": (-0.46, -1.73),
            "liveness": (0, -0.43),
            "valence": (-0.71, -1.13),
        },
        fits="sad singer-songwriter songwriter acoustic mandopop cantopop emo",
        jars="""comedy children kids party happy hardstyle show-tunes pagode samba forro salsa hip-hop reggaeton
            latino edm dance club dancehall""",
    ),
    "chill": Mood(
        pull={
            "danceability": (2.18, -1.66),
            "energy": (-0.83, -1.66),
            "acousticness": (0.23, 0),
            "instrumentalness": (0.72, 0.1),
            "liveness": (0, -0.32),
            "valence": (0.37, -0.13),
            "tempo": (-0.15, 0),
            "duration_ms": (0, -0.54),
        },
        fits="chill trip-hop acoustic study dub r-n-b indie-pop jazz",
        jars="""comedy children kids opera show-tunes metal hard-rock heavy-metal rock-n-roll tango honky-tonk
            classical grindcore black-metal disney hardcore hip-hop""",
    ),
    "calm": Mood(
        pull={
            "danceability": (-0.42, -0.49),
            "energy": (-1.14, -0.69),
            "loudness": (-0.39, 0),
            "speechiness": (0, -0.53),
            "acousticness": (0.36, 0.29),
            "instrumentalness": (0, 0.6),
            "tempo": (-0.09, -0.08),
            "explicit": (0, -0.19),
        },
        fits="classical piano ambient new-age guitar acoustic sleep",
        jars="comedy kids children hard-rock metal hip-hop show-tunes",
    ),
    "focus": Mood(
        pull={
            "danceability": (0.25, 0),
            "energy": (-0.6, -0.84),
            "loudness": (-0.18, -0.24),
            "speechiness": (0, -0.36),
            "acousticness": (0.05, 0.24),
            "instrumentalness": (0.58, 1.67),
            "liveness": (0, -0.15),
            "explicit": (0, -0.42),
        },
        fits="study ambient classical piano minimal-techno idm new-age guitar",
        jars="""comedy children kids show-tunes opera romance metal black-metal grindcore disney gospel hip-hop
            hard-rock heavy-metal pagode sertanejo singer-songwriter pop""",
    ),
    "party": Mood(
        pull={
            "danceability": (0.93, 0.64),
            "energy": (0.93, 0.35),
            "loudness": (0.18, 0),
            "speechiness": (0, 0.11),
            "acousticness": (0, -0.51),
            "instrumentalness": (-0.11, -0.46),
            "valence": (0.35, 0.35),
            "duration_ms": (0, -0.53),
        },
        fits="party dancehall reggaeton latino dance club edm latin house disco hip-hop electro",
        jars="classical comedy kids children sleep singer-songwriter sad black-metal goth study emo",
    ),
    "dance": Mood(
        pull={
            "danceability": (1.23, 1.23),
            "energy": (0.74, 0.49),
            "acousticness": (0, -0.58),
            "valence": (0.25, 0),
            "tempo": (0.17, -0.25),
            "time_signature": (0.09, 0.48),
        },
        fits="""dance deep-house house disco club chicago-house dancehall reggaeton edm detroit-techno techno salsa
            electro funk""",
        jars="comedy kids children metal black-metal study sad classical hard-rock emo",
    ),
    "workout": Mood(
        pull={
            "danceability": (0.68, 0.06),
            "energy": (1.13, 1.13),
            "loudness": (0.22, 0.34),
            "acousticness": (0, -0.63),
            "valence": (-0.67, -0.88),
            "tempo": (0.11, 0.23),
            "duration_ms": (0, -0.3),
            "time_signature": (0.17, 0),
        },
        fits="""hardstyle edm dance drum-and-bass dubstep metalcore electro hard-rock club progressive-house trance""",
        jars="comedy kids children sleep sad study romance disney show-tunes acoustic",
    ),
    "romantic": Mood(
        pull={
            "danceability": (0.16, -0.41),
            "energy": (-0.69, -0.83),
            "loudness": (0.48, 0.06),
            "speechiness": (0, -0.38),
            "acousticness": (1.19, 0.61),
            "instrumentalness": (-0.18, -1.21),
            "valence": (0.65, -0.05),
            "explicit": (-0.05, -0.51),
        },
        fits="romance r-n-b soul mandopop cantopop jazz tango pop-film sertanejo",
        jars="""comedy children kids sleep study ambient black-metal new-age hip-hop bluegrass honky-tonk show-tunes""",
    ),
    "sleep": Mood(
        pull={
            "danceability": (-0.62, -0.74),
            "energy": (-0.98, -0.49),
            "loudness": (-0.79, -0.06),
            "speechiness": (0, -0.24),
            "acousticness": (0.17, 0),
            "instrumentalness": (0.12, 0.63),
            "valence": (-0.15, 0),
            "tempo": (0, -0.09),
            "explicit": (0, -0.24),
        },
        fits="sleep ambient piano new-age classical",
        jars="comedy metal hardcore grindcore black-metal hip-hop show-tunes hard-rock romance",
    ),
    "angry": Mood(
        pull={
            "danceability": (-0.49, -0.4),
            "energy": (0.8, 1),
            "acousticness": (-0.87, -0.72),
            "valence": (-0.5, -0.5),
            "explicit": (0.06, 0.58),
        },
        fits="death-metal metalcore hardcore grindcore black-metal industrial heavy-metal punk",
        jars="""comedy children kids disney party k-pop j-idol pop-film gospel salsa dance club disco edm house
            deep-house trance progressive-house pop indie-pop""",
    ),
}
