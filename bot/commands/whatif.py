"""/whatif: the hit score over the whole range of one feature, where the demo stands, and the best change."""

from __future__ import annotations

from bot.commands import wording
from bot.commands.lookup import find_feature
from bot.commands.sound import SOUND_OPTIONS, assumption, era, read_subject
from bot.core import Chart, Choice, Command, Field, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from ml import charts
from ml.features import BY_NAME, NAMES
from ml.hitscore import CHANGEABLE
from ml.whatif import WhatIf, sweep

_VARIABLE = tuple(BY_NAME[name] for name in CHANGEABLE)
_EXAMPLE = '/whatif "Blinding Lights" vary:energy'


def run(request: Request, services: Services) -> Reply:
    """Sweep one feature and say where the score peaks while the genre stays."""
    if "vary" not in request.options:
        raise UserError("Which feature should I vary?", (_EXAMPLE,))
    feature = find_feature(request.options["vary"], "vary", _VARIABLE)
    subject = read_subject(request, services)
    decade = era(request, subject)
    found = sweep(services.models, subject, feature.name, decade)
    finding = _finding(found, subject.name)
    fields = (
        Field("Now", f"{wording.value(feature.name, found.here)} scores {wording.points(found.here_score)} of 100"),
        Field("Best that stays in its genre", _best(found)),
        Field("Band", f"80 % of the model's members lie within {_band(found)} points of the line"),
    )
    text = "\n".join(filter(None, [finding + ".", assumption(subject)]))
    return Reply(text, fields, (_chart(found, finding, decade),), next=_next(request, feature.name))


def _gain(found: WhatIf) -> int:
    """The points that the best change adds."""
    return round((found.best_score - found.here_score) * 100)


def _finding(found: WhatIf, name: str) -> str:
    gain = _gain(found)
    if gain < 1:
        return f"Changing {BY_NAME[found.feature].label} alone does not raise the hit score of {name}"
    way = wording.compared(found.feature, found.best > found.here)
    points = f"{gain} point{'s' * (gain > 1)}"
    return f"{way[0].upper()}{way[1:]}, {name} could score {points} more, {wording.points(found.best_score)} of 100"


def _best(found: WhatIf) -> str:
    return (
        f"{wording.value(found.feature, found.best)} scores {wording.points(found.best_score)} of 100 "
        f"and still sounds like {found.family}"
    )


def _band(found: WhatIf) -> str:
    return wording.points(max(high - low for low, high in zip(found.low, found.high, strict=True)) / 2)


def _chart(found: WhatIf, finding: str, decade: int) -> Chart:
    label, worth = BY_NAME[found.feature].label, _gain(found) >= 1
    png = charts.whatif(
        label,
        found.values,
        found.scores,
        found.low,
        found.high,
        found.here,
        found.here_score,
        found.best if worth else found.here,
        title=finding,
        footer=f"Hit model of the {decade}s; band: 80 % of its members"
        + f"; best: highest that still sounds like {found.family}" * worth,
    )
    ends = ", ".join(
        f"{wording.value(found.feature, found.values[i])} {wording.points(found.scores[i])}"
        for i in (0, len(found.values) // 2, -1)
    )
    here = f"{wording.value(found.feature, found.here)} now, {wording.points(found.here_score)}"
    return Chart("whatif.png", png, f"{finding}. Hit score of 100 along {label}: {ends}; {here}.")


def _next(request: Request, feature: str) -> tuple[Next, ...]:
    at = CHANGEABLE.index(feature)
    other = CHANGEABLE[(at + 1) % len(CHANGEABLE)]
    kept = {name: v for name, v in request.options.items() if name in {"track", "title", "year", *NAMES}}
    return (
        Next(f"Vary {BY_NAME[other].label}", line("whatif", {**kept, "vary": other})),
        Next("Hit score", line("hitscore", kept)),
    )


COMMAND = Command(
    name="whatif",
    help="the hit score over the range of one feature",
    options=(
        *SOUND_OPTIONS,
        Option(
            "vary",
            "text",
            "the feature to vary",
            suggest=lambda services, prefix: [
                Choice(f.label, f.name) for f in _VARIABLE if prefix.casefold() in f.name
            ],
        ),
        Option("year", "whole", "the year to compare with", low=1900, high=2100),
    ),
    run=run,
    example=_EXAMPLE,
)
