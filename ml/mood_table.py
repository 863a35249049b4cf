"""The moods as people set them by hand: what each asks of the sound, which genres suit it, and which jar.

This is where learning starts (`ml.mood_training`) and what bounds it: an effect that points one way here keeps its way,
a feature that is absent stays out, no genre in `jars` ever helps a mood, and none in `fits` ever hurts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mood:
    """What a mood asks for, in standard deviations of its score over the catalogue, to the nearest quarter.

    `pull` gives each feature's effect over the lower and over the upper half of its percentile ranks, (0.5, -1) is a
    peak in the middle; a track all of whose genres are in `fits` gains 1, one whose genres are in `jars` loses 1.
    """

    pull: Mapping[str, tuple[float, float]]
    fits: str
    jars: str


MOODS: Mapping[str, Mood] = {
    "energetic": Mood(
        pull={
            "danceability": (0.25, -0.25),
            "energy": (1.25, 1.25),
            "loudness": (0.25, 0),
            "acousticness": (0, -0.75),
            "instrumentalness": (0, -0.5),
            "valence": (-0.25, -0.25),
            "tempo": (0, 0.25),
        },
        fits="""hardstyle drum-and-bass edm metalcore punk punk-rock trance hardcore happy dubstep j-dance power-pop ska
            hard-rock electro""",
        jars="sleep study ambient piano children kids comedy",
    ),
    "happy": Mood(
        pull={
            "danceability": (0, 0.25),
            "energy": (0.5, 0.5),
            "speechiness": (0, -0.25),
            "acousticness": (0.5, 0),
            "instrumentalness": (-0.25, -0.75),
            "valence": (1.25, 1.25),
            "explicit": (0, -0.25),
        },
        fits="disco ska salsa forro pagode samba rock-n-roll rockabilly funk power-pop party afrobeat",
        jars="black-metal death-metal grindcore sad emo goth comedy sleep",
    ),
    "sad": Mood(
        pull={
            "danceability": (0, -0.25),
            "energy": (-0.75, -1.25),
            "speechiness": (-0.25, 0),
            "instrumentalness": (-0.5, -1.75),
            "liveness": (0, -0.5),
            "valence": (-0.75, -1.25),
        },
        fits="sad singer-songwriter songwriter acoustic mandopop cantopop emo",
        jars="""comedy children kids party happy hardstyle show-tunes pagode samba forro salsa hip-hop reggaeton latino
            edm dance club dancehall metal heavy-metal hard-rock""",
    ),
    "chill": Mood(
        pull={
            "danceability": (2.25, -1.75),
            "energy": (-0.75, -1.75),
            "acousticness": (0.25, 0),
            "instrumentalness": (0.75, 0),
            "liveness": (0, -0.25),
            "valence": (0.25, -0.25),
            "tempo": (-0.25, 0),
            "duration_ms": (0, -0.5),
        },
        fits="chill trip-hop acoustic study dub r-n-b indie-pop jazz",
        jars="""comedy children kids opera show-tunes metal hard-rock heavy-metal rock-n-roll tango honky-tonk classical
            grindcore black-metal disney hardcore hip-hop""",
    ),
    "calm": Mood(
        pull={
            "danceability": (-0.5, -0.5),
            "energy": (-1.25, -0.75),
            "loudness": (-0.5, 0),
            "speechiness": (0, -0.5),
            "acousticness": (0.25, 0.25),
            "instrumentalness": (0, 0.5),
            "explicit": (0, -0.25),
        },
        fits="classical piano ambient new-age guitar acoustic",
        jars="comedy kids children hard-rock metal hip-hop show-tunes sleep",
    ),
    "focus": Mood(
        pull={
            "danceability": (0.25, 0),
            "energy": (-0.5, -0.75),
            "loudness": (-0.25, -0.25),
            "speechiness": (0, -0.25),
            "acousticness": (0, 0.25),
            "instrumentalness": (0.5, 1.75),
            "liveness": (0, -0.25),
            "explicit": (0, -0.5),
        },
        fits="study ambient classical piano minimal-techno idm new-age guitar",
        jars="""comedy children kids show-tunes opera romance metal black-metal grindcore disney gospel hip-hop
            hard-rock heavy-metal pagode sertanejo singer-songwriter pop sleep""",
    ),
    "party": Mood(
        pull={
            "danceability": (1, 0.75),
            "energy": (1, 0.25),
            "loudness": (0.25, 0),
            "acousticness": (0, -0.5),
            "instrumentalness": (0, -0.5),
            "valence": (0.25, 0.25),
            "duration_ms": (0, -0.5),
        },
        fits="party dancehall reggaeton latino dance club edm latin house disco hip-hop electro",
        jars="classical comedy kids children sleep singer-songwriter sad black-metal goth study emo",
    ),
    "dance": Mood(
        pull={
            "danceability": (1.25, 1.25),
            "energy": (0.75, 0.5),
            "acousticness": (0, -0.5),
            "valence": (0.25, 0),
            "tempo": (0.25, -0.25),
            "time_signature": (0, 0.5),
        },
        fits="""dance deep-house house disco club chicago-house dancehall reggaeton edm detroit-techno techno salsa
            electro funk""",
        jars="comedy kids children metal black-metal study sad classical hard-rock emo",
    ),
    "workout": Mood(
        pull={
            "danceability": (0.75, 0),
            "energy": (1.25, 1.25),
            "loudness": (0.25, 0.25),
            "acousticness": (0, -0.75),
            "valence": (-0.75, -1),
            "tempo": (0, 0.25),
            "duration_ms": (0, -0.25),
            "time_signature": (0.25, 0),
        },
        fits="hardstyle edm dance drum-and-bass dubstep metalcore electro hard-rock club progressive-house trance",
        jars="comedy kids children sleep sad study romance disney show-tunes acoustic",
    ),
    "romantic": Mood(
        pull={
            "danceability": (0.25, -0.5),
            "energy": (-0.75, -0.75),
            "loudness": (0.5, 0),
            "speechiness": (0, -0.5),
            "acousticness": (1.25, 0.5),
            "instrumentalness": (-0.25, -1.25),
            "valence": (0.75, 0),
            "explicit": (0, -0.5),
        },
        fits="romance r-n-b soul mandopop cantopop jazz tango pop-film sertanejo",
        jars="""comedy children kids sleep study ambient black-metal new-age hip-hop bluegrass honky-tonk show-tunes
            disco funk dance party edm house hard-rock metal punk""",
    ),
    "sleep": Mood(
        pull={
            "danceability": (-0.5, -0.75),
            "energy": (-1, -0.5),
            "loudness": (-0.75, 0),
            "speechiness": (0, -0.25),
            "acousticness": (0.25, 0),
            "instrumentalness": (0, 0.75),
            "valence": (-0.25, 0),
            "explicit": (0, -0.25),
        },
        fits="sleep ambient piano new-age classical",
        jars="comedy metal hardcore grindcore black-metal hip-hop show-tunes hard-rock romance",
    ),
    "angry": Mood(
        pull={
            "danceability": (-0.5, -0.5),
            "energy": (0.75, 1),
            "acousticness": (-0.75, -0.75),
            "valence": (-0.5, -0.5),
            "explicit": (0, 0.5),
        },
        fits="death-metal metalcore hardcore grindcore black-metal industrial heavy-metal punk",
        jars="""comedy children kids disney party k-pop j-idol pop-film gospel salsa dance club disco edm house
            deep-house trance progressive-house pop indie-pop""",
    ),
}
