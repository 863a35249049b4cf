"""The web chat over real loopback sockets: its contract, and what it refuses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.config import Settings, SetupError
from bot.core import Reply, Request
from bot.router import Router
from bot.transports.web import MAX_BODY, make_app, serve
from bot.transports.web_media import Media
from ml.models import Models
from tests.fakes.router import COMMANDS, HOSTILE, PNG, FakeRouter

Client = TestClient[Any, Any]
FILE_WITHOUT_NAME = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nhi\r\n--x--'
REPLY = {"text", "fields", "charts", "files", "next", "private", "error"}


def _client(router: Any, web_host: str = "127.0.0.1") -> Client:
    return TestClient(TestServer(make_app(router, Settings(web_host=web_host))), auto_decompress=True)


@pytest.fixture
async def web() -> AsyncIterator[Client]:
    async with _client(FakeRouter()) as client:
        yield client


async def _say(client: Client, text: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    response = await client.post("/api/messages", json={"user": "ann", "text": text}, headers=headers)
    return response.status, await response.json()


async def test_a_message_is_answered_in_the_agreed_shape(web: Client) -> None:
    status, reply = await _say(web, "/card")
    assert status == 200
    assert set(reply) == REPLY
    assert reply["text"] == f"The finding.\n{HOSTILE}"
    assert reply["fields"][0] == {
        "name": f"1. {HOSTILE}",
        "value": HOSTILE,
        "url": "https://open.spotify.com/track/1",
        "next": [
            {"label": "👍", "line": "/rate track:1 verdict:up"},
            {"label": "👎", "line": "/rate track:1 verdict:down"},
        ],
    }
    assert reply["next"][0] == {"label": "Say hello", "line": "/echo hello"}
    assert reply["error"] is False
    assert reply["charts"][0]["alt"].startswith("One pixel")


async def test_a_users_error_is_an_answer_with_200(web: Client) -> None:
    status, reply = await _say(web, "/crad")
    assert status == 200
    assert reply["error"] is True
    assert reply["next"] == [{"label": "/card", "line": "/card"}]


async def test_charts_and_files_come_back_with_their_types(web: Client) -> None:
    _, reply = await _say(web, "/card")
    chart = await web.get(reply["charts"][0]["url"])
    assert (await chart.read(), chart.content_type) == (PNG, "image/png")
    assert "immutable" in chart.headers["Cache-Control"]
    assert "Content-Disposition" not in chart.headers
    file = await web.get(reply["files"][0]["url"])
    assert await file.read() == b"a,b\n1,2\n"
    assert file.headers["Content-Disposition"] == "attachment; filename*=UTF-8''caf%C3%A9%20list.csv"
    _, again = await _say(web, "/card")
    assert again["charts"][0]["url"] == reply["charts"][0]["url"], "the same bytes keep their address"


def test_the_media_store_forgets_the_least_recently_used() -> None:
    media = Media(max_bytes=25)
    first, second = media.put("a.png", b"1" * 10), media.put("b.png", b"2" * 10)
    assert media.put("a.png", b"1" * 10) == first
    media.put("c.png", b"3" * 10)
    kept = {f"/media/{digest}/{name}" for digest, name in media._items}
    assert first in kept
    assert second not in kept
    assert media.put("big.png", b"4" * 100).split("/")[2] in {digest for digest, _ in media._items}
    assert len(media._items) == 1


async def test_a_file_comes_as_multipart(web: Client) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("user", "ann")
    form.add_field("text", "/echo this")
    form.add_field("file", b"RIFF1234", filename="../../my démo.wav", content_type="audio/wav")
    response = await web.post("/api/messages", data=form)
    assert (await response.json())["text"] == "web:ann said this [my démo.wav: 8 bytes]"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "words"),
    [
        (b"{not json", "application/json", 400, "not JSON"),
        (b"\xff\xfe\x00", "application/json", 400, "not JSON"),
        (b"[" * 200_000, "application/json", 400, "not JSON"),
        (b'["/trend"]', "application/json", 400, "JSON object"),
        (b'{"user": "ann"}', "application/json", 400, "text"),
        (b'{"user": "ann", "text": 7}', "application/json", 400, "text"),
        (b'{"user": "ann", "text": "  "}', "application/json", 400, "text"),
        (b'{"user": ["ann"], "text": "/card"}', "application/json", 400, "user"),
        (b'{"user": "", "text": "/card"}', "application/json", 400, "user"),
        (b'{"text": "/card"}', "text/plain", 415, "application/json"),
        (b"not a form", "multipart/form-data; boundary=x", 400, "form"),
        (b"not a form", "multipart/form-data", 400, "form"),
        (FILE_WITHOUT_NAME, "multipart/form-data; boundary=x", 400, "file"),
        (b'{"text": "' + b"x" * 60_000 + b'"}', "application/json", 413, "60,000 characters"),
        (b"x" * (MAX_BODY + 1), "application/json", 413, "25 MB"),
        (b'{"text": "/card", "x": [' + b"{}," * 400_000 + b"0]}", "application/json", 413, "1 MB without a file"),
        (b"text=/card" + b"&a=" * 400_000, "application/x-www-form-urlencoded", 413, "1 MB without a file"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(
    web: Client, body: bytes, content_type: str, status: int, words: str
) -> None:
    response = await web.post("/api/messages", data=body, headers={"Content-Type": content_type})
    reply = await response.json()
    assert response.status == status
    assert set(reply) == REPLY
    assert reply["error"] is True
    assert words in reply["text"]
    assert "Traceback" not in reply["text"]


async def test_everyone_on_the_web_shares_a_room() -> None:
    class Doorkeeper(FakeRouter):
        async def answer(self, line: str, user: str, transport: str, files: Any = (), room: str = "") -> Reply:
            return Reply(f"{user} in {room}")

    async with _client(Doorkeeper()) as client:
        assert (await _say(client, "/card"))[1]["text"] == "web:ann in web"


async def test_half_a_surrogate_and_null_bytes_are_answered(web: Client) -> None:
    status, reply = await _say(web, "/echo \ud83d and \x00 and 🎧")
    assert status == 200
    assert reply["text"] == "web:ann said ? and and 🎧"


async def test_unknown_paths_and_methods_are_refused_as_json(web: Client) -> None:
    missing = await web.get("/nowhere/../../etc/passwd")
    assert missing.status == 404
    assert (await missing.json())["error"] is True
    wrong = await web.get("/api/messages")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "POST")
    assert "takes POST" in (await wrong.json())["text"]
    assert (await web.get("/media/0123/gone.png")).status == 404


async def test_a_strangers_exception_is_logged_and_not_shown(web: Client, caplog: pytest.LogCaptureFixture) -> None:
    chat = FakeRouter()
    chat.suggest = lambda *_: 1 / 0
    async with _client(chat) as client:
        response = await client.get("/api/suggest?command=card&option=track&prefix=e")
        assert response.status == 500
        assert "division" not in await response.text()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[broken"}, 403),
    ],
)
async def test_other_sites_may_not_post(web: Client, headers: dict[str, str], status: int) -> None:
    assert (await _say(web, "/card", **headers))[0] == status


async def test_the_pages_own_origin_may_post(web: Client) -> None:
    own = str(web.make_url("")).rstrip("/")
    assert (await _say(web, "/card", Origin=own))[0] == 200


@pytest.mark.parametrize(
    ("bound", "host", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8765", 200),
        ("127.0.0.1", "localhost:8765", 200),
        ("127.0.0.1", "[::1]:8765", 200),
        ("127.0.0.1", "timbre.localhost", 200),
        ("127.0.0.1", "rebound.example", 421),
        ("localhost", "rebound.example:8765", 421),
        ("127.0.0.1", "[oops", 421),
        ("0.0.0.0", "timbre.example", 200),
    ],
)
async def test_a_rebound_name_is_refused_on_a_local_server(bound: str, host: str, status: int) -> None:
    async with _client(FakeRouter(), web_host=bound) as client:
        assert (await client.get("/healthz", headers={"Host": host})).status == status


async def test_every_answer_is_guarded(web: Client) -> None:
    for path in ("/", "/static/app.js", "/api/commands", "/nowhere"):
        headers = (await web.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in headers
        assert "aiohttp" not in headers["Server"]


async def test_pages_are_compressed_and_revalidated(web: Client) -> None:
    page = await web.get("/static/style.css", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert (await page.text()).startswith("/* The page")
    plain = await web.get("/static/style.css", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    again = await web.get("/static/style.css", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


async def test_health_waits_for_the_models() -> None:
    loaded = asyncio.Event()
    async with _client(FakeRouter(loaded.wait)) as client:
        assert (await client.get("/healthz")).status == 503
        waiting = asyncio.create_task(_say(client, "/card"))
        await asyncio.sleep(0.05)
        assert not waiting.done(), "an early message waits instead of failing"
        loaded.set()
        assert (await waiting)[0] == 200
        assert (await client.get("/healthz")).status == 200


async def _broken() -> None:
    raise RuntimeError("artifacts/genre.npz does not match")


async def test_without_models_it_says_so() -> None:
    async with _client(FakeRouter(_broken)) as client:
        status, reply = await _say(client, "/card")
        assert (status, (await client.get("/healthz")).status) == (503, 503)
        assert reply["text"] == "The models could not be loaded; the log says why."


async def test_serve_ends_when_the_models_do_not_load() -> None:
    with pytest.raises(RuntimeError, match="does not match"):
        await asyncio.wait_for(serve(FakeRouter(_broken), Settings(web_port=0)), 30)


async def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"127\.0\.0\.1:{port} \(the port is in use\); set WEB_HOST or WEB_PORT"):
            await asyncio.wait_for(serve(FakeRouter(), Settings(web_port=port)), 30)


async def test_metrics_count_what_every_transport_asks(models: Models) -> None:
    router = Router(COMMANDS, models)
    async with _client(router) as web:
        for line in ("/card", "/card", "/echo hi", "/no'such\"command", '/card "such'):
            await _say(web, line)
        await router.dispatch(Request("card", {}, "discord:42", "discord"))
        text = await (await web.get("/metrics")).text()
    assert 'timbre_requests_total{command="card",outcome="ok"} 3' in text
    assert 'timbre_requests_total{command="unknown",outcome="error"} 2' in text
    assert 'timbre_request_seconds_bucket{command="card",le="+Inf"} 3' in text
    assert "such" not in text, "what people type never becomes a label"
    assert "timbre_build_info{version=" in text
    assert "timbre_uptime_seconds" in text


async def test_commands_describe_themselves(web: Client) -> None:
    commands = {c["name"]: c for c in await (await web.get("/api/commands")).json()}
    card = commands["card"]
    assert set(card) == {"name", "help", "example", "options", "private", "moderator", "personal"}
    track, mood, tempo = card["options"]
    assert (track["suggest"], mood["suggest"]) == (True, False)
    assert mood["choices"] == ["energetic", "calm", "easy going"]
    assert (tempo["low"], tempo["high"], tempo["unit"]) == (0, 250, "BPM")


async def test_suggestions(web: Client) -> None:
    url = "/api/suggest?command=card&option=track&prefix="
    assert [c["label"] for c in await (await web.get(url + "sand")).json()] == ["Enter Sandman — Metallica"]
    assert await (await web.get(url + "no such thing")).json() == []
    for query in ("", "?command=nope&option=x", "?command=card&option=nope"):
        response = await web.get("/api/suggest" + query)
        assert response.status == 404
        assert (await response.json())["error"] is True


async def test_real_commands_answer_with_chart(router: Any) -> None:
    async with _client(router) as client:
        status, reply = await _say(client, "/trend tempo")
        assert (status, reply["error"]) == (200, False)
        assert reply["charts"][0]["alt"]
        chart = await client.get(reply["charts"][0]["url"])
        assert (await chart.read()).startswith(b"\x89PNG")
        assert {"trend", "genre", "recommend", "hitscore"} <= {
            c["name"] for c in await (await client.get("/api/commands")).json()
        }


async def test_forgetting_takes_the_export_off_the_server_too(router: Router) -> None:
    async with _client(router) as client:
        await _say(client, '/rate "Enter Sandman" verdict:up')
        url = (await _say(client, "/profile export"))[1]["files"][0]["url"]
        export = await client.get(url)
        assert (export.status, export.headers["Cache-Control"]) == (200, "no-store")
        assert "Enter Sandman" in await export.text()
        assert not (await _say(client, "/profile forget"))[1]["error"]
        assert (await client.get(url)).status == 404


async def test_real_titles_complete_from_memory(router: Any) -> None:
    async with _client(router) as client:
        query = {"command": "genre", "option": "track", "prefix": "enter san"}
        choices = await (await client.get("/api/suggest", params=query)).json()
        assert 0 < len(choices) <= 25
        assert "enter san" in choices[0]["label"].casefold()
