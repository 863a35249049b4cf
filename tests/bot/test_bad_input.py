"""Whatever people type is answered politely, shown as text, and never with a trace."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core import Command, Option, Reply, Request
from bot.router import Router
from ml.models import Models
from tests.conftest import Ask

UGLY = [
    "@everyone @here <@&123>",
    "<script>alert(1)</script>",
    "'; DROP TABLE ratings; --",
    "\u202eright to left \u05d0\u05d1\u05d2 \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "🎵🔥👩‍👩‍👧‍👦",
    "A$AP Ke$ha $\\frac{1}{0}$",
    "x" * 290,
    "%s %d {0} {name} \\n \\x00",
    "=cmd|'/c calc'!A1",
    "../../etc/passwd",
]


def no_trace(reply: Reply) -> None:
    assert "Traceback" not in reply.text
    assert "Something broke" not in reply.text
    assert reply.text


@pytest.mark.parametrize("ugly", UGLY)
async def test_ugly_text_in_every_text_option_is_answered(ask: Ask, router: Router, ugly: str) -> None:
    for command in router.commands.values():
        for option in command.options:
            quoted = ugly.replace('"', "")
            no_trace(await ask(f'/{command.name} {option.name}:"{quoted}"'))
            router.suggest(command.name, option.name, ugly)
        no_trace(await ask(f"/{command.name} {ugly}"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_line_gets_a_reply(router: Router, text: str) -> None:
    no_trace(asyncio.run(router.answer(text, f"any:{text}", "test")))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/recomend mood:happy", "There is no command"),
        ("/genre energi:0.5", "It has: energy"),
        ("/recommend mood:xyzzy", "There are: energetic, happy"),
        ("/playlist", "Name an activity"),
        ('/playlist genre:""', "Name an activity"),
        ('/playlist like:";"', "Name an activity"),
        ("/rate nobodyknowsthis up", "I don't know a track"),
        ("/cluster name:nowhere", "region"),
        ("/trend tmpo", "tempo"),
        ("/trend tempo genre:sinth-pop", "I don't know a genre"),
        ("/genre energy:1.7", "from 0 to 1"),
        ("/genre energy:17", "Did you mean 0.17"),
        ("/genre loudness:40", r"-60 to 6 (dB)"),
        ("/genre energy:73", "Did you mean 0.73"),
        ("/genre bohemain rapsody", "I don't know a track"),
        ("/genre", "Name a track, or give a demo's features"),
        ('/genre "Enter Sandman" energy:0.5', "not both"),
        ("/recommend mood:happy page:51", "from 1 to 50"),
        ("/trend tempo from:2010 to:1990", "is after"),
        ("/trend tempo from:1901 to:1902", "Too few tracks"),
        ("/trend tempo horizon:500", "from 0 to 10"),
        ("/about please", "takes no options"),
        ('/genre "half open', "never closed"),
        ("/" + "x" * 10_000, "10,001 characters"),
        ("/trend tempo tempo", "no feature"),
        ("hello there", "There is no command"),
    ],
)
async def test_errors_say_what_was_wrong(ask: Ask, line: str, said: str) -> None:
    reply = await ask(line)
    assert reply.error
    assert reply.private
    assert said in reply.text
    no_trace(reply)


@pytest.mark.parametrize(
    "line",
    [
        "/recomend mood:happy",
        "/genre bohemain rapsody",
        "/trend tmpo",
        "/trend tempo genre:sinth-pop",
        "/genre energy:73",
    ],
)
async def test_the_line_an_error_offers_works(ask: Ask, line: str) -> None:
    reply = await ask(line)
    assert reply.next
    assert len(reply.next) <= 5
    assert not (await ask(reply.next[0].line)).error


async def test_a_stranger_s_exception_becomes_a_reference(models: Models, caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: Request, services: object) -> Reply:
        raise RuntimeError("secret detail")

    router = Router((Command("broken", "breaks", (), broken),), models)
    reply = await router.answer("/broken", "a", "test")
    assert reply.error
    assert "secret" not in reply.text
    reference = reply.text.split("reference ")[1][:4]
    assert reference in caplog.text
    assert "secret detail" in caplog.text


async def test_a_flood_is_slowed_and_others_are_not(models: Models) -> None:
    router = Router((Command("hi", "", (), lambda request, services: Reply("hi")),), models)
    replies = [await router.answer("/hi", "flooder", "test") for _ in range(200)]
    assert not replies[0].error
    assert any("a lot of commands" in r.text for r in replies)
    assert not (await router.answer("/hi", "somebody else", "test")).error
    await asyncio.sleep(0.3)
    assert not (await router.answer("/hi", "flooder", "test")).error


async def test_work_happens_off_the_event_loop(models: Models) -> None:
    import time

    def slow(request: Request, services: object) -> Reply:
        time.sleep(0.3)
        return Reply("done")

    router = Router((Command("slow", "", (Option("x", "text", ""),), slow),), models)
    working = asyncio.create_task(router.answer("/slow", "a", "test"))
    beats = 0
    while not working.done():
        await asyncio.sleep(0.01)
        beats += 1
    assert beats > 10


async def test_half_a_character_breaks_nothing(router: Router) -> None:
    reply = await router.dispatch(Request("track", {"name": "\ud800"}, "any:half", "test"))
    assert "Something broke" not in reply.text
    assert reply.text.encode()
