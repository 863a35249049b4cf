"""/genre: the family and the five likeliest genres of a track or a demo, why, and where tag and sound disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import wording
from bot.commands.demo_file import score_file
from bot.commands.sound import FILE_OPTION, SOUND_OPTIONS, assumption, read_subject, why
from bot.core import Chart, Command, Field, Next, Reply, Request
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.scoring import Subject

if TYPE_CHECKING:
    from ml.genre import GenreResult


def run(request: Request, services: Services) -> Reply:
    """Score the subject and lead with the family."""
    if "file" in request.options:
        return score_file(request, services)
    subject = read_subject(request, services)
    result = services.models.scorer.genre(subject)
    finding = wording.sentence(f"{subject.name} sounds like {result.family}, {wording.percent(result.family_p)} likely")
    fields = [Field("Genres", " · ".join(f"{g} {wording.percent(p)}" for g, p in result.genres))]
    known = "its artist's other tracks count most; in its own sound and title " if subject.track else ""
    fields.append(
        Field("Why", f"{known}{why(result.explanation.contributions)} points towards {result.family}{_doubt(result)}")
    )
    if subject.track and subject.track.genres:
        fields.append(Field("Tagged", ", ".join(subject.track.genres)))
    if result.drift:
        fields.append(Field("Drift", _drift(result)))
    text = "\n".join(filter(None, [finding + ".", assumption(subject)]))
    return Reply(text, tuple(fields), (_chart(result, subject, finding),), next=_next(subject, result))


def _doubt(result: GenreResult) -> str:
    """The standard error of sampled contributions, in the same points."""
    return f", each within about {max(result.explanation.error * 100, 1):.0f}"


def _drift(result: GenreResult) -> str:
    drift = result.drift
    assert drift  # noqa: S101  the caller looked
    return (
        f"tagged {wording.listed(drift.tags[:3])} ({drift.tagged_family}); "
        f"sounds like {drift.sound_family} {wording.percent(drift.sound_p)}"
    )


def _chart(result: GenreResult, subject: Subject, finding: str) -> Chart:
    how = "audio and artist" if subject.track else "audio and title" if subject.title else "audio"
    png = charts.genre(result, subject.name, title=finding, footer=f"From {how}; calibrated on unseen artists")
    bars = ", ".join(f"{genre} {wording.percent(p)}" for genre, p in result.genres)
    return Chart("genre.png", png, f"{finding}. Bars: {bars}. Why: {why(result.explanation.contributions, 5)}.")


def _next(subject: Subject, result: GenreResult) -> tuple[Next, ...]:
    tracks = (Next(f"Songs tagged {result.genres[0][0]}", line("recommend", {"genre": result.genres[0][0]})),)
    if subject.track is None:
        return tracks
    name = subject.track.name
    return (
        Next("Hit score", line("hitscore", {"track": name})),
        Next("Features", line("track", {"name": name})),
        *tracks,
    )


COMMAND = Command(
    name="genre",
    help="which genre a track or demo is, and why",
    options=(*SOUND_OPTIONS, FILE_OPTION),
    run=run,
    example='/genre "Enter Sandman"',
)
