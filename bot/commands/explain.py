"""/explain: which features drive popularity, hits or a genre, and the range of each that works."""

from __future__ import annotations

from difflib import get_close_matches

from bot.commands import wording
from bot.commands.lookup import genre_name, suggest_genres
from bot.core import Chart, Choice, Command, Field, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from bot.values import shorten
from ml import charts
from ml.families import FAMILIES, FAMILY_OF
from ml.features import BY_NAME
from ml.importance import HIT, POPULARITY, Driver, Importance
from ml.text import fold

_BELIEVED = {
    POPULARITY: ("danceability", "energy", "loudness", "valence"),
    "a genre": ("tempo", "acousticness", "key", "speechiness"),
}
_WHAT = {POPULARITY: "popularity within a genre", HIT: "hits"}


def run(request: Request, services: Services) -> Reply:
    """Look the target up and check what people believe about it."""
    asked = request.options.get("target")
    if not asked:
        raise UserError("Explain what? popularity, hit, or a genre.", ("/explain hit", "/explain techno"))
    found = services.models.importance.importance(_target(asked))
    what = _WHAT.get(found.target, found.target)
    first = [BY_NAME[d.feature].label for d in found.drivers[:3]]
    finding = f"{wording.listed(first).capitalize()} say most about {what}"
    fields = (
        Field("Blueprint", "; ".join(_range(d) for d in found.drivers[:5] if d.feature not in {"key", "mode"})),
        Field("Drivers", "; ".join(f"{BY_NAME[d.feature].label} {d.share * 100:.0f} %" for d in found.drivers[:6])),
        Field("Often believed", _checked(found)),
    )
    return Reply(finding + ".", fields, (_chart(found, finding),), next=_next(found.target))


def _target(asked: str) -> str:
    target = {"popularity": POPULARITY, "hit": HIT, "hits": HIT}.get(fold(asked)) or genre_name(asked)
    if target is not None and target in FAMILIES and target not in FAMILY_OF:
        genres = FAMILIES[target][:3]
        raise UserError(f"{target} is a family; I explain its genres, such as:", tuple(f"/explain {g}" for g in genres))
    if target is None:
        close = get_close_matches(fold(asked), [fold(g) for g in FAMILY_OF], n=2, cutoff=0.6)
        works = tuple(line("explain", {"target": genre_name(g)}) for g in close) or ("/explain hit", "/explain pop")
        raise UserError(f"I can't explain {shorten(asked)}: name popularity, hit or a genre.", works)
    return target


def _range(driver: Driver) -> str:
    low, high = (wording.value(driver.feature, v) for v in (driver.low, driver.high))
    return f"{BY_NAME[driver.feature].label} {low}" + ("" if low == high else f" to {high}")


def _checked(found: Importance) -> str:
    """The features people name for this kind of target, and the share of all effects they really carry."""
    believed = _BELIEVED.get(found.target, _BELIEVED["a genre"])
    if found.target == HIT:
        believed = _BELIEVED[POPULARITY]
    share = sum(d.share for d in found.drivers if d.feature in believed)
    even = len(believed) / len(found.drivers)
    verdict = "more than" if share > 1.15 * even else "less than" if share < 0.85 * even else "about"
    return (
        f"{wording.listed(believed)} carry {wording.percent(share)} of what the model reads, "
        f"{verdict} the {wording.percent(even)} an even split would give them"
    )


def _chart(found: Importance, finding: str) -> Chart:
    unit = 100 if found.target == POPULARITY else 1  # popularity counts in points of 100, the chart in shares
    shown = [d for d in found.drivers if d.feature not in {"key", "mode", "explicit", "time_signature"}][:9]
    png = charts.importance(
        [(BY_NAME[d.feature].label, d.effect / unit, d.direction) for d in shown],
        [_rail(d) for d in shown],
        title=finding,
        footer=f"Shapley values of {found.tracks} tracks; ranges hold 80 % of what works",
    )
    bars = ", ".join(f"{BY_NAME[d.feature].label} {d.share * 100:.0f} %" for d in shown)
    return Chart(
        "explain.png", png, f"{finding}. Shares of all effects: {bars}. {'; '.join(_range(d) for d in shown[:5])}."
    )


def _rail(driver: Driver) -> tuple[str, float, float, float, float]:
    f = BY_NAME[driver.feature]
    if driver.feature == "duration_ms":
        return f.label, driver.low, driver.high, 0, 600_000
    return f.label, driver.low, driver.high, max(f.low, -40), f.high


def _next(target: str) -> tuple[Next, ...]:
    others = [name for name in (HIT, POPULARITY) if name != target]
    steps = [Next(f"Explain {name}", line("explain", {"target": name})) for name in others]
    if target in FAMILY_OF:
        steps.append(Next(f"{target} over time", line("trend", {"feature": "energy", "genre": target, "by": "decade"})))
    return tuple(steps)


def _suggest(services: Services, prefix: str) -> list[Choice]:
    fixed = [Choice(n, n) for n in (POPULARITY, HIT) if prefix.casefold() in n]
    return fixed + [c for c in suggest_genres(services, prefix) if c.value in FAMILY_OF]


COMMAND = Command(
    name="explain",
    help="what drives popularity, hits or a genre, and the blueprint",
    options=(Option("target", "text", "popularity, hit, or a genre", suggest=_suggest),),
    run=run,
    example="/explain hit",
)
