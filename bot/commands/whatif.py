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
    feature = find_feature(request.options["vary"], "whatif", _VARIABLE)
    subject = read_subject(request, services)
    decade = era(request, subject)
    found = sweep(services.models, subject, feature.name, decade)
    finding = _finding(found, subject.name)
    fields = (
        Field("Now", f"{wording.value(feature.name, found.here)} scores {found.here_score * 100:.0f} of 100"),
        Field("Best that stays in its genre", _best(found)),
        Field("Band", f"80 % of the model's members lie within {_band(found)} points of the line"),
    )
    text = "\n".join(filter(None, [finding + ".", assumption(subject)]))
    return Reply(text, fields, (_chart(found, finding, decade),), next=_next(request, feature.name))


def _finding(found: WhatIf, name: str) -> str:
    label, gain = BY_NAME[found.feature].label, (found.best_score - found.here_score) * 100
    if gain < 1:
        return f"Changing {label} alone does not raise {name}'s hit score"
    direction = "More" if found.best > found.here else "Less"
    return f"{direction} {label} could raise {name}'s hit score by {gain:.0f} points"


def _best(found: WhatIf) -> str:
    return (
        f"{wording.value(found.feature, found.best)} scores {found.best_score * 100:.0f} of 100 "
        f"and still sounds like {found.family}"
    )


def _band(found: WhatIf) -> str:
    return f"{max(h - low for low, h in zip(found.low, found.high, strict=True)) * 50:.0f}"


def _chart(found: WhatIf, finding: str, decade: int) -> Chart:
    png = charts.whatif(
        BY_NAME[found.feature].label,
        found.values,
        found.scores,
        found.low,
        found.high,
        found.here,
        found.here_score,
        found.best,
        title=finding,
        footer=f"Hit model for the {decade}s; everything else as it is",
    )
    ends = ", ".join(
        f"{wording.value(found.feature, found.values[i])} {found.scores[i] * 100:.0f}"
        for i in (0, len(found.values) // 2, -1)
    )
    return Chart("whatif.png", png, f"{finding}. Hit score along the range: {ends}.")


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
