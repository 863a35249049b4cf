"""/cluster: where a track or demo lies on the map of sounds, what a region is, and which sounds are under-served."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from bot.commands import wording
from bot.commands.sound import FILE_OPTION, SOUND_OPTIONS, assumption, read_subject
from bot.core import Chart, Choice, Command, Field, Next, Option, Reply, Request, UserError
from bot.lines import line
from bot.services import Services
from bot.values import shorten
from ml import charts, demo_csv
from ml.catalog import Track
from ml.errors import MlError
from ml.features import NAMES
from ml.regions import Gap, Region, Regions
from ml.sound_map import Spot
from ml.text import fold

_GAPS = 3
_MAX_DOTS = 1000
_MEANING = (
    "That means a smaller share of Hot 100 hits than music as a whole, and more popular than sounds with "
    "as few hits usually are; both by two standard errors. Hits are of 1960 to 2019, popularity is of today."
)


def run(request: Request, services: Services) -> Reply:
    """Pin what was asked for on the map."""
    options = request.options
    if "file" in options:
        return _file(request, services)
    sound = {name for name in ("track", "title", *NAMES) if name in options}
    typed = options.get("track", "")
    if not typed.isdigit() and (bare := by_name(typed, services.models.regions)) is not None:
        return _region(bare, services)
    if "name" in options:
        if sound:
            raise UserError("Give name: or a sound, not both.", (line("cluster", {"name": options["name"]}),))
        return _region(find_region(options["name"], services.models.regions), services)
    return _subject(request, services) if sound else _whole(services)


def by_name(text: str, regions: Regions) -> Region | None:
    """The region with this name, or with this number as `python -m ml score` writes it; None when there is none."""
    names = {fold(region.name): region for region in regions} | {str(region.index): region for region in regions}
    return names.get(fold(text))


def find_region(text: str, regions: Regions) -> Region:
    """What `by_name` finds, or a UserError with regions that are called like it."""
    if (found := by_name(text, regions)) is not None:
        return found
    names = {fold(region.name): region for region in regions}
    words = set(fold(text).split())
    near = [region for name, region in names.items() if words and words <= set(name.split())]
    near += [names[name] for name in get_close_matches(fold(text), names, n=3, cutoff=0.5)]
    hints = tuple(line("cluster", {"name": region.name}) for region in dict.fromkeys(near or regions))
    known = ", ".join(region.name for region in regions)
    raise UserError(f"There is no region {shorten(text)}. There are: {known}.", hints[:3])


def suggest_regions(services: Services, prefix: str) -> list[Choice]:
    """Regions whose name or leading genres hold what has been typed."""
    wanted = fold(prefix)
    labels = [(f"{r.name}: {_genres(r.genres)}", r.name) for r in services.models.regions]
    return [Choice(label, name) for label, name in labels if wanted in fold(label)]


def _subject(request: Request, services: Services) -> Reply:
    """Where one track or demo lies."""
    subject = read_subject(request, services)
    sound_map, regions = services.models.sound_map, services.models.regions
    sound = services.models.completer.typical(subject.x)[None, :]
    spot = sound_map.locate(sound)
    region = regions[spot.region]
    finding = wording.sentence(f"{subject.name} lies in “{region.name}”, {_typical(spot, regions)}")
    near = sound_map.nearest_known(sound, without=subject.track.row if subject.track else None)
    fields = (
        Field("The region", _portrait(region)),
        Field("Genres in it", _lifts(region.genres)),
        Field("How typical", f"nearer to the region's middle than {wording.percent(spot.typical)} of its tracks"),
        *_tracks([services.models.catalog.track(int(row)) for row in near], "a well-known track that sounds alike"),
    )
    title = wording.sentence(f"{subject.name} lies among {region.name} sounds")
    chart = _chart(services, title, [(spot.x, spot.y, subject.name)], focus=spot.region)
    text = "\n".join(filter(None, [finding + ".", assumption(subject)]))
    steps = [Next("This region", line("cluster", {"name": region.name})), Next("The whole map", "/cluster")]
    if subject.track:
        steps.append(Next("More like this", line("recommend", {"like": subject.track.name})))
    return Reply(text, fields, (chart,), next=tuple(steps))


def _region(region: Region, services: Services) -> Reply:
    """One region's portrait."""
    regions, catalog = services.models.regions, services.models.catalog
    finding = f"“{region.name}” is {_portrait(region)}"
    best = [catalog.track(row) for row in region.best_known]
    fields = [Field("Genres in it", _lifts(region.genres) or "none stands out")]
    if region.charted:
        fields.append(
            Field(
                "Hits",
                f"{wording.percent(region.hit_share)} of its {region.charted:,} tracks in the hit data were Hot 100 "
                f"hits; over all regions {wording.percent(regions.hit_share)}",
            )
        )
    fields.append(
        Field("Popularity", f"{region.popularity:.0f} of 100 on average; over all regions {regions.popularity:.0f}")
    )
    fields += _tracks(best, "among its best known")
    home = [genre for genre, _ in region.genres[:3]]
    told = f"home of {wording.listed(home)}" if home else f"{wording.percent(region.share)} of all tracks"
    title = f"{region.name[0].upper()}{region.name[1:]}: {told}"
    places = services.models.sound_map.coordinates[list(region.best_known)]
    pins = [(x, y, track.title) for (x, y), track in zip(places.tolist(), best, strict=True)]
    steps = (
        Next(f"Where {best[0].title} lies"[:60], line("cluster", {"track": best[0].name})),
        *(Next(f"Songs tagged {genre}", line("recommend", {"genre": genre})) for genre, _ in region.genres[:1]),
        Next("The whole map", "/cluster"),
    )
    return Reply(finding + ".", tuple(fields), (_chart(services, title, pins, focus=region.index),), next=steps)


def _whole(services: Services) -> Reply:
    """The whole map, and the sounds with few hits and much love."""
    regions, catalog = services.models.regions, services.models.catalog
    gaps = regions.gaps[:_GAPS]
    cut = f"Sound is a continuum; this map cuts it into {len(regions)} regions."
    served = f"Few hits but much love go to {wording.listed([g.name for g in gaps])}." if gaps else ""
    fields = [
        *(Field(f"Under-served: {gap.name}", _gap(gap, catalog.track(gap.best_known[0]))) for gap in gaps),
        *(Field(r.name, f"{wording.percent(r.share)} of tracks · {_genres(r.genres)}") for r in regions),
    ]
    places = services.models.sound_map.coordinates[[gap.row for gap in gaps]].tolist()
    pins = [(x, y, gap.name) for (x, y), gap in zip(places, gaps, strict=True)]
    title = f"Few hits, much love: {wording.listed([g.name for g in gaps])}" if gaps else "The map of sounds"
    tags = [gap.name.split(" & ")[0] for gap in gaps]
    steps = [Next(f"Songs tagged {tag}", line("recommend", {"genre": tag})) for tag in tags]
    steps.append(Next(f"The region {regions[0].name}", line("cluster", {"name": regions[0].name})))
    steps.append(Next("Where a track lies", line("cluster", {"track": "Blinding Lights"})))
    text = "\n".join(filter(None, [served, _MEANING if gaps else "", cut]))
    return Reply(text, tuple(fields), (_chart(services, title, pins),), next=tuple(steps))


def _file(request: Request, services: Services) -> Reply:
    """Every demo of a CSV as a dot on the map."""
    file = request.options["file"]
    try:
        demos = demo_csv.read(file.data)
    except MlError as error:
        raise UserError(f"{shorten(file.name)}: {error}", ("/cluster energy:0.8 tempo:124",)) from None
    good = [i for i, error in enumerate(demos.errors) if not error][:_MAX_DOTS]
    if not good:
        said = f"The first says: {demos.errors[0]}" if demos.errors else "There is none below the first line"
        raise UserError(f"{shorten(file.name)}: no row can be placed. {said}.", ("/cluster energy:0.8 tempo:124",))
    completer, sound_map, regions = services.models.completer, services.models.sound_map, services.models.regions
    sounds = np.array([completer.typical(completer.complete(demos.x[i])) for i in good])
    inside = sound_map.clusters.predict(sounds)
    counts = Counter(inside.tolist()).most_common()
    lead = regions[counts[0][0]]
    finding = f"{counts[0][1]:,} of {len(good):,} demos lie in “{lead.name}”"
    fields = [
        Field(
            regions[k].name,
            f"{n:,}: {wording.listed([_demo(demos, good[i]) for i in np.flatnonzero(inside == k)[:5]])}",
        )
        for k, n in counts
    ]
    fields += [Field("Left out", remark) for remark in demo_csv.remarks(demos)]
    chart = _chart(services, finding, [], dots=sound_map.place(sounds))
    steps = (Next("This region", line("cluster", {"name": lead.name})), Next("The whole map", "/cluster"))
    return Reply(finding + ".", tuple(fields), (chart,), next=steps)


def _demo(demos: demo_csv.Demos, row: int) -> str:
    return shorten(demos.titles[row]) if demos.titles[row] else f"row {row + 1}"


def _typical(spot: Spot, regions: Regions) -> str:
    if spot.border:
        return f"at the border with “{regions[spot.next].name}”"
    return "typical of it" if spot.typical >= 0.5 else "away from its middle"


def _portrait(region: Region) -> str:
    traits = [wording.compared(t.feature, t.deviation > 0) for t in region.traits]
    return f"{wording.listed(traits)} than most: {region.size:,} tracks, {wording.percent(region.share)} of all"


def _genres(genres: tuple[tuple[str, float], ...]) -> str:
    return ", ".join(genre for genre, _ in genres[:3])


def _lifts(genres: tuple[tuple[str, float], ...]) -> str:
    listed = [f"{genre} {lift:.1f} ×" for genre, lift in genres]
    return f"{', '.join(listed)} their share of all tracks" if listed else ""


def _gap(gap: Gap, best: Track) -> str:
    return (
        f"{wording.percent(gap.hit_share)} of {gap.charted:,} in the hit data were hits; popularity {gap.love:.0f}, "
        f"where sounds with as few hits have {gap.expected:.0f} · {gap.size:,} tracks such as {shorten(best.title)}"
    )


def _tracks(tracks: list[Track], why: str) -> list[Field]:
    return [Field(f"{n}. {track.title} — {track.artist}", why, track.url) for n, track in enumerate(tracks, 1)]


def _chart(
    services: Services,
    title: str,
    pins: list[tuple[float, float, str]],
    focus: int | None = None,
    dots: NDArray[np.float32] | None = None,
) -> Chart:
    regions = services.models.regions
    names = [(r.name, ", ".join(genre for genre, _ in r.genres[:2])) for r in regions]
    footer = f"Timbre catalogue, {len(services.models.catalog):,} tracks; t-SNE of nine audio features"
    terrain = services.models.sound_map.terrain
    png = charts.clusters(terrain, names, pins, title=title, footer=footer, focus=focus, dots=dots)
    marked = f" Pinned: {', '.join(name for *_, name in pins)}." if pins else ""
    return Chart("cluster.png", png, f"Map of sounds. {title}.{marked} Regions: {'; '.join(n for n, _ in names)}.")


COMMAND = Command(
    name="cluster",
    help="the map of sounds: where a track, a demo or a region lies",
    options=(
        *SOUND_OPTIONS[:1],
        Option("name", "text", "a region of the map", suggest=suggest_regions),
        *SOUND_OPTIONS[1:],
        FILE_OPTION,
    ),
    run=run,
    example='/cluster "Enter Sandman"',
)
