"""The gallery shows every line with its charts, escaped, and knows when a chart is missing."""

from __future__ import annotations

from bot.commands import COMMANDS
from bot.core import Chart, Reply
from ml import charts
from tests import gallery
from tests.ml.test_charts import CASES, FOOTER, PLAIN

SHOWN = gallery.Shown('/track "<b>"', Reply("", (), (Chart("a.png", b"1", "<i>one</i>"), Chart("b.png", b"2", "two"))))


def test_every_chart_stands_on_dark_and_on_white_and_at_full_width() -> None:
    page = gallery.page([SHOWN], [["0-a.png", "1-b.png"]])
    for name in ("0-a.png", "1-b.png"):
        assert page.count(f'<img src="{name}"') == 3
    assert page.count('class="dark"') == page.count('class="white"') == page.count('class="white full"') == 2
    assert "<b>" not in page.split("</style>")[1]
    assert "&lt;i&gt;one" in page
    assert "2 charts" in page


def test_lines_are_of_commands_that_exist_each_in_one_group() -> None:
    commands = [line.split()[0].removeprefix("/") for line in gallery.LINES]
    assert set(commands) <= {command.name for command in COMMANDS}
    assert len([a for a, b in zip(commands, [*commands[1:], ""], strict=True) if a != b]) == len(set(commands))
    assert len(set(gallery.LINES)) == len(gallery.LINES)


def test_a_kind_of_chart_that_no_line_draws_is_told() -> None:
    with gallery.recorded() as calls:
        assert "track" in gallery.undrawn(calls)
        drawn = charts.track(*CASES["track"].args, title=PLAIN, footer=FOOTER)
    assert drawn == CASES["track"].render()
    assert "track" not in gallery.undrawn(calls)
    assert "genre" in gallery.undrawn(calls)
