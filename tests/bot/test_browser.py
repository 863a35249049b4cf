"""The page in a real browser: completion by keyboard, a reply with its chart, hostile text, files, themes, phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer

from bot.config import Settings
from bot.core import Command, Field, File, Next, Reply
from bot.transports.web import make_app
from tests.discord_bot import eventually
from tests.fakes.router import FakeRouter

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
    pytest.mark.asyncio(loop_scope="module"),
]
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
WAIT = 20_000  # ms


class Visit(Protocol):
    """Opens the page in a fresh profile; fails at its end when the page broke or asked for another origin."""

    def __call__(self, router: Any = None, **context: Any) -> AbstractAsyncContextManager[Any]: ...


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with playwright.async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Any) -> Visit:
    @asynccontextmanager
    async def opened(router: Any = None, **context: Any) -> AsyncIterator[Any]:
        faults: list[str] = []
        asked: list[str] = []
        async with TestServer(make_app(router or FakeRouter(), Settings())) as server:
            profile = await browser.new_context(reduced_motion="reduce", **context)
            profile.set_default_timeout(WAIT)
            page = await profile.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
            page.on("request", lambda request: asked.append(request.url))
            origin = str(server.make_url("/"))
            await page.goto(origin)
            await page.locator(".example").first.wait_for()
            yield page
            await profile.close()
        assert not faults
        assert origin in asked
        assert [url for url in asked if not url.startswith(origin)] == []

    return opened


async def _line(page: Any) -> str:
    return str(await page.input_value("#line"))


async def _completions(page: Any) -> list[str]:
    await page.locator("#palette").wait_for()
    return list(await page.locator("#palette-list .completion-label").all_inner_texts())


async def test_a_line_is_completed_and_sent_by_keyboard_alone(visit: Visit) -> None:
    async with visit() as page:
        await page.keyboard.type("/")
        assert await _completions(page) == ["/echo", "/card"]
        await page.keyboard.type("ca")
        assert await page.get_attribute("#line", "aria-activedescendant") == "completion-0"
        await page.keyboard.press("Enter")
        assert await _line(page) == "/card "
        await page.keyboard.type("mo")
        assert await _completions(page) == ["mood:"]
        await page.keyboard.press("Tab")
        assert await _line(page) == "/card mood:"
        assert await _completions(page) == ["energetic", "calm", "easy going"]
        await page.keyboard.press("ArrowUp")
        assert await page.locator("[aria-selected=true]").inner_text() == "easy going"
        await page.keyboard.press("Enter")
        assert await _line(page) == '/card mood:"easy going" '
        await page.keyboard.type("tem")
        await page.keyboard.press("Tab")
        assert "0 to 250 BPM" in await page.inner_text("#palette-hint")
        await page.keyboard.type("120-130")
        await page.keyboard.press("Enter")
        await page.locator(".card").wait_for()
        assert await page.inner_text(".mine") == '/card mood:"easy going" tempo:120-130'
        assert await _line(page) == ""
        assert not await page.is_visible("#welcome")


async def test_titles_complete_while_typing(visit: Visit) -> None:
    async with visit() as page:
        await page.keyboard.type("/card enter san")
        await page.locator(".completion.value").wait_for()
        assert await _completions(page) == ["Enter Sandman — Metallica"]
        assert await page.get_attribute("#line", "aria-activedescendant") is None, "Enter must still send what is typed"
        await page.keyboard.press("Tab")
        assert await _line(page) == "/card track:5sICkBXVmaCQk5aISGR3x1 "
        await page.keyboard.press("Escape")
        assert not await page.is_visible("#palette")
        await page.keyboard.press("Enter")
        await page.locator(".card").wait_for()
        assert "Enter Sandman — Metallica" in await page.inner_text(".mine"), "an id is shown with its name"


async def test_a_late_suggestion_does_not_replace_a_newer_one(visit: Visit) -> None:
    async with visit() as page:

        async def slow_at_first(route: Any) -> None:
            if route.request.url.endswith("prefix=enter"):
                await asyncio.sleep(0.4)
            await route.continue_()

        await page.route("**/api/suggest?*", slow_at_first)
        async with page.expect_request("**/api/suggest?*prefix=enter"):
            await page.keyboard.type("/card enter")
        await page.keyboard.type(" the")
        await page.locator(".completion.value").wait_for()
        await page.wait_for_timeout(600)
        assert await _completions(page) == ["Enter the Void — Cult"]


async def test_one_question_a_pause_not_one_a_key(visit: Visit) -> None:
    async with visit() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/api/suggest" in request.url else None)
        await page.evaluate(  # without a pause, however slow the machine
            """line => {
                const box = document.querySelector("#line");
                box.focus();
                for (const letter of line) {
                    box.setRangeText(letter, box.value.length, box.value.length, "end");
                    box.dispatchEvent(new InputEvent("input", {bubbles: true, data: letter}));
                }
            }""",
            "/card enter the void",
        )
        await page.locator(".completion.value").wait_for()
        assert len(asked) == 1


async def test_up_recalls_history(visit: Visit) -> None:
    async with visit() as page:
        for line in ("/echo one", "/echo two"):
            await page.keyboard.type(line)
            await page.keyboard.press("Enter")
        await page.locator(".card >> nth=1").wait_for()
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowUp")
        assert await _line(page) == "/echo one"
        await page.keyboard.press("ArrowDown")
        assert await _line(page) == "/echo two"
        await page.keyboard.press("ArrowDown")
        assert await _line(page) == ""


async def test_hostile_text_stays_text(visit: Visit) -> None:
    async with visit() as page:
        await page.keyboard.type("/card <b>bold</b>")
        await page.keyboard.press("Enter")
        await page.locator(".tracks").wait_for()
        assert await page.title() == "Timbre"
        card = page.locator(".card")
        assert "<script>document.title='owned'</script>" in await card.inner_text()
        assert await card.locator("script").count() == 0
        assert await page.locator("img[src=x]").count() == 0
        assert await page.locator(".mine b").count() == 0
        assert await card.locator("a[href^=javascript]").count() == 0
        link = card.locator(".tracks a").first
        assert await link.get_attribute("rel") == "noopener noreferrer"
        assert await link.get_attribute("target") == "_blank"


async def test_charts_enlarge_files_download_and_next_goes_on(visit: Visit) -> None:
    async with visit() as page:
        await page.locator(".example").click()
        chart = page.locator(".chart img")
        await chart.wait_for()
        assert (await chart.get_attribute("alt")).startswith("One pixel.")
        assert await chart.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
        await page.locator(".chart").press("Enter")
        await page.locator("#viewer[open]").wait_for()
        await page.keyboard.press("Escape")
        assert not await page.is_visible("#viewer")
        async with page.expect_download() as download:
            await page.locator(".file").click()
        assert (await download.value).suggested_filename == "café list.csv"
        await page.get_by_role("button", name="Say hello").click()
        await page.locator(".exchange >> nth=1").locator(".card").wait_for()
        assert "said hello" in await page.inner_text(".exchange:last-child .card")


async def test_a_users_error_offers_what_works(visit: Visit) -> None:
    async with visit() as page:
        await page.keyboard.type("/crad")
        await page.keyboard.press("Enter")
        await page.locator(".card.trouble").wait_for()
        assert await page.inner_text(".trouble .lead") == "There is no command /crad."
        await page.locator(".trouble .step").click()
        await page.locator(".tracks").wait_for()


async def test_a_line_survives_a_lost_server(visit: Visit) -> None:
    async with visit() as page:
        await page.route("**/api/messages", lambda route: route.abort())
        await page.keyboard.type("/echo keep me")
        await page.keyboard.press("Enter")
        await page.locator(".card.trouble").wait_for()
        assert "cannot be reached" in await page.inner_text(".trouble")
        assert await _line(page) == "/echo keep me"
        await page.unroute("**/api/messages")
        await page.keyboard.press("Enter")
        await page.locator(".card:not(.trouble)").wait_for()


DROP = """() => {
  const carried = new DataTransfer();
  carried.items.add(new File(["0123456789"], "my demo.wav", { type: "audio/wav" }));
  const send = (kind) => document.querySelector("main").dispatchEvent(
    new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  send("dragenter");
  const shown = !document.getElementById("drop").hidden;
  const taken = !send("dragover") && !send("drop");
  return shown && taken && document.getElementById("drop").hidden;
}"""


async def test_a_dropped_file_is_attached_sent_and_removable(visit: Visit) -> None:
    async with visit() as page:
        assert await page.evaluate(DROP)
        assert await page.inner_text(".chip-name") == "my demo.wav"
        await page.get_by_role("button", name="Remove my demo.wav").click()
        assert not await page.is_visible("#chips")
        await page.set_input_files("#file", {"name": "b.csv", "mimeType": "text/csv", "buffer": b"a,b"})
        await page.keyboard.type("/echo take")
        await page.keyboard.press("Enter")
        await page.locator(".card").wait_for()
        assert "said take [b.csv: 3 bytes]" in await page.inner_text(".card")
        assert not await page.is_visible("#chips")


async def test_a_file_too_large_is_refused_before_it_is_sent(visit: Visit) -> None:
    async with visit() as page:
        await page.evaluate(DROP.replace('"0123456789"', "new Uint8Array(26 << 20)"))
        assert "25 MB" in await page.inner_text(".trouble")
        assert not await page.is_visible("#chips")


async def test_a_browser_without_storage_can_chat(visit: Visit) -> None:
    async with visit() as page:
        await page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked') } })"
        )
        await page.reload()
        await page.locator(".example").click()
        await page.locator(".tracks").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_theme_follows_the_system_until_told(visit: Visit, scheme: str) -> None:
    brightness = "parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"
    async with visit(color_scheme=scheme) as page:
        assert (await page.evaluate(brightness) > 128) == (scheme == "light")
        await page.locator("#theme").click()
        await page.reload()
        await page.locator(".example").wait_for()
        assert (await page.evaluate(brightness) > 128) == (scheme == "dark"), "the choice is remembered"


async def test_a_phone_never_scrolls_sideways(visit: Visit) -> None:
    async with visit(viewport={"width": 360, "height": 640}) as page:
        sideways = "document.documentElement.scrollWidth > innerWidth"
        assert not await page.evaluate(sideways)
        await page.keyboard.type("/card " + "x" * 300)
        await page.keyboard.press("Enter")
        await page.locator(".tracks").wait_for()
        await page.evaluate(DROP)
        assert not await page.evaluate(sideways)
        box = await page.locator(".bar").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


class TasteRouter(FakeRouter):
    """Remembers what was said and by whom; a thumb is kept while `open` is set, or fails with `problem`."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.users: list[str] = []
        self.problem = ""
        self.open = asyncio.Event()
        self.open.set()

    async def answer(self, line: str, user: str, transport: str, files: tuple[File, ...] = (), room: str = "") -> Reply:
        self.said.append(line)
        self.users.append(user.removeprefix("web:"))
        if line.startswith("/rate"):
            await self.open.wait()
            return Reply(self.problem or "Noted.", error=bool(self.problem))
        return await super().answer(line, user, transport, files, room)

    @property
    def rated(self) -> list[str]:
        return [line.removeprefix("/rate track:") for line in self.said if line.startswith("/rate")]


async def _list(page: Any) -> tuple[Any, Any]:
    """Ask for the list; the thumbs of its second track."""
    await page.locator(".example").click()
    await page.locator(".tracks").wait_for()
    return await _thumbs(page)


async def _thumbs(page: Any) -> tuple[Any, Any]:
    exchanges = page.locator(".exchange")
    last = exchanges.nth(await exchanges.count() - 1)
    return (
        last.get_by_role("button", name="Like x", exact=True),
        last.get_by_role("button", name="Not for me: x", exact=True),
    )


async def _pressed(*thumbs: Any) -> list[bool]:
    return [await thumb.get_attribute("aria-pressed") == "true" for thumb in thumbs]


async def test_a_thumb_rates_in_silence_and_offers_a_fresh_list(visit: Visit) -> None:
    router = TasteRouter()
    async with visit(router) as page:
        up, down = await _list(page)
        noted = page.locator(".noted")
        assert await _pressed(up, down) == [False, False]
        assert not await noted.is_visible()
        await up.click()
        await noted.wait_for()
        assert router.said == ["/card mood:energetic", "/rate track:2 verdict:up"]
        assert await page.locator(".exchange").count() == 1, "no message pair for a thumb"
        assert await _pressed(up, down) == [True, False]
        await down.click()
        assert await _pressed(up, down) == [False, True]
        await down.click()
        await noted.wait_for(state="hidden")
        assert await _pressed(up, down) == [False, False]
        assert router.rated == ["2 verdict:up", "2 verdict:down", "2 verdict:clear"]
        await up.click()
        await page.get_by_role("button", name="Fresh list").click()
        await page.locator(".tracks >> nth=1").wait_for()
        assert router.said[-2:] == ["/rate track:2 verdict:up", "/card mood:energetic"]
        assert await _pressed(*await _thumbs(page)) == [True, False]
        assert await page.locator(".noted:visible").count() == 1, "the fresh list is as fresh as it gets"


async def test_a_thumb_that_was_not_kept_is_rolled_back(visit: Visit) -> None:
    router = TasteRouter()
    async with visit(router) as page:
        up, down = await _list(page)
        router.open.clear()
        router.problem = "The store is locked.\nTry: /rate"
        await up.click()
        assert await _pressed(up, down) == [True, False], "shown before the server answers"
        assert not await page.is_visible(".noted"), "said once it is kept"
        router.open.set()
        note = page.locator(".track-note:visible")
        await note.wait_for()
        assert await note.inner_text() == "The store is locked."
        assert await _pressed(up, down) == [False, False]
        assert not await page.is_visible(".noted")
        await page.route("**/api/messages", lambda route: route.abort())
        await down.click()
        await page.get_by_text("Timbre did not answer. Press again to be sure.").wait_for()
        assert await _pressed(up, down) == [False, False]
        await page.unroute("**/api/messages")
        router.problem = ""
        await down.click()
        await page.locator(".noted").wait_for()
        assert await note.count() == 0
        assert await page.locator(".exchange").count() == 1


async def test_a_change_of_mind_is_sent_in_order_and_before_the_next_line(visit: Visit) -> None:
    router = TasteRouter()
    async with visit(router) as page:
        up, down = await _list(page)
        router.open.clear()
        await up.click()
        await down.click()
        assert await _pressed(up, down) == [False, True]
        await page.keyboard.type("/echo next")
        await page.keyboard.press("Enter")
        await eventually(lambda: router.said[1:])
        await page.wait_for_timeout(200)
        assert router.said[1:] == ["/rate track:2 verdict:up"]
        router.open.set()
        await page.locator(".exchange >> nth=1").locator(".card").wait_for()
        assert router.said[1:] == ["/rate track:2 verdict:up", "/rate track:2 verdict:down", "/echo next"]
        assert await _pressed(up, down) == [False, True]


async def test_thumbs_stay_pressed_after_a_reload_until_forgotten(visit: Visit) -> None:
    router = TasteRouter()
    async with visit(router) as page:
        up, down = await _list(page)
        await down.click()
        await page.locator(".noted").wait_for()
        await page.reload()
        up, down = await _list(page)
        assert await _pressed(up, down) == [False, True]
        for line, pressed in (("/rate track:2 verdict:up", [True, False]), ("/echo /profile forget", [True, False])):
            await page.fill("#line", line)
            await page.keyboard.press("Enter")
            await page.locator(".exchange:last-child .card").wait_for()
            assert await _pressed(up, down) == pressed, f"after {line}"
        router.commands["profile"] = router.commands["echo"]
        await page.fill("#line", "/profile action:forget")
        await page.keyboard.press("Enter")
        await page.locator(".exchange:last-child .card").wait_for()
        assert await _pressed(up, down) == [False, False]


async def test_thumbs_are_reached_and_pressed_by_keyboard(visit: Visit) -> None:
    router = TasteRouter()
    async with visit(router) as page:
        up, down = await _list(page)
        await page.locator(".tracks a").focus()
        for _ in range(4):
            await page.keyboard.press("Tab")
        assert await down.evaluate("thumb => thumb === document.activeElement")
        await page.keyboard.press("Space")
        await page.locator(".noted").wait_for()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        assert await _pressed(up, down) == [True, False]
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Fresh list"
        assert router.rated[0] == "2 verdict:down"


async def test_thumbs_are_large_enough_for_a_finger_and_do_not_swell_the_row(visit: Visit) -> None:
    async with visit(viewport={"width": 390, "height": 844}, has_touch=True) as page:
        up, down = await _list(page)
        row = page.locator(".tracks li").nth(1)
        boxes = [await thing.bounding_box() for thing in (up, down, row)]
        assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes[:2])
        assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"], "neither covers the other"
        await row.locator(".thumbs").evaluate("thumbs => thumbs.remove()")
        assert await row.bounding_box() == boxes[2]


async def test_facts_and_tracks_of_one_reply_are_each_drawn_as_such(visit: Visit) -> None:
    router = TasteRouter()
    undo = (Next("Undo", "/rate track:2 verdict:clear"),)
    rows = (Field("Families", "rock (9)"), Field("1. A — b — C", "liked", "https://x.example/1", undo))
    router.commands["profile"] = Command("profile", "", (), lambda *_: Reply("9 likes.", rows))
    async with visit(router) as page:
        up, down = await _list(page)
        await up.click()
        await page.fill("#line", "/profile")
        await page.keyboard.press("Enter")
        await page.locator(".facts").wait_for()
        assert await page.inner_text(".facts dt") == "Families"
        row = page.locator(".facts ~ .list li")
        assert await row.locator("b").inner_text() == "A — b", "an artist's name rarely holds a dash"
        assert await row.locator(".track-artist").inner_text() == "C"
        assert await row.locator(".thumb").count() == 0
        await row.get_by_role("button", name="Undo").click()
        await page.locator(".exchange >> nth=2").locator(".card").wait_for()
        assert router.said[-1] == "/rate track:2 verdict:clear"
        assert await _pressed(up, down) == [False, False], "undone here is undone in every list"


async def test_a_browser_is_known_by_a_secret_that_is_never_shown(visit: Visit) -> None:
    router = TasteRouter()
    async with visit(router) as page:
        await _list(page)
        await page.reload()
        await _list(page)
        first, again = router.users
        assert first == again
        assert len(bytes.fromhex(first)) == 16
        assert first not in await page.content()
        assert first not in page.url
    async with visit(router) as page:
        await _list(page)
        assert router.users[-1] != first


CONTEXTS = [
    ("/ca|", "command", "", "ca"),
    ("/card |", "free", "track", ""),
    ("/card enter san|", "free", "track", "enter san"),
    ('/card "enter san" |', "free", None, "enter san"),
    ("/card mood:ca|", "value", "mood", "ca"),
    ('/card mood:"easy go|', "value", "mood", "easy go"),
    ("/card mood: ca|", "value", "mood", "ca"),
    ("/card mood:|calm tempo:120", "value", "mood", ""),
    ("/card track:abc te|", "free", None, "te"),
    ("/card spotify:track:ab|", "free", "track", "spotify:track:ab"),
    ("hello|", None, None, None),
    ("/unknown te|", None, None, None),
]


async def test_what_the_caret_stands_in(visit: Visit) -> None:
    script = """async ([line, caret]) => {
      const { caretContext } = await import("/static/line.js");
      const commands = await (await fetch("/api/commands")).json();
      const found = caretContext(line, caret, commands);
      return found && [found.stage, found.option?.name ?? null, found.prefix];
    }"""
    async with visit() as page:
        for marked, stage, option, prefix in CONTEXTS:
            found = await page.evaluate(script, [marked.replace("|", ""), marked.index("|")])
            assert found == ([stage, option or None, prefix] if stage else None), marked


async def test_real_models_answer_in_the_page(visit: Visit, router: Any) -> None:
    async with visit(router) as page:
        await page.keyboard.type("/trend te")
        await page.locator(".completion.value").first.wait_for()
        await page.keyboard.press("Tab")
        assert await _line(page) == "/trend tempo "
        await page.keyboard.press("Enter")
        chart = page.locator(".chart img")
        await chart.wait_for()
        assert await chart.evaluate("image => image.decode().then(() => image.naturalWidth)") > 600
        assert await chart.get_attribute("alt")
        await page.locator(".step").first.click()
        await page.locator(".exchange >> nth=1").locator(".card:not(.trouble)").wait_for()
