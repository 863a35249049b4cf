"""A message on its way in: the user, the line and the files of a POST, as JSON or as a form."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from bot.core import File
from bot.transports.web_guard import RefusedError

MAX_TEXT = 50_000
"""Characters of a line; what is shorter and still too long for a command is the parser's to say."""
MAX_PLAIN = 1024**2
"""Bytes of a message without files: read at once, 25 MB of brackets would become a gigabyte of lists."""


async def read_message(request: web.Request) -> tuple[str, str, tuple[File, ...]]:
    """Return user ("" when none is named), line and files, or refuse in words what cannot be read."""
    form = request.content_type in {"multipart/form-data", "application/x-www-form-urlencoded"}
    if not form and request.content_type != "application/json":
        raise RefusedError(415, "Send application/json, or multipart/form-data with a file.")
    if request.content_type != "multipart/form-data" and len(await request.read()) > MAX_PLAIN:
        raise RefusedError(413, f"That is too large: at most {MAX_PLAIN // 1024**2} MB without a file.")
    body, files = await _read_form(request) if form else (await _read_json(request), ())
    user, text = body.get("user", ""), body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise RefusedError(400, '"text" is missing or not text: send a line such as /trend tempo.')
    if not isinstance(user, str) or len(user) > 100 or ("user" in body and not user):
        raise RefusedError(400, '"user" must be a text of 1 to 100 characters.')
    if len(text) > MAX_TEXT:
        raise RefusedError(413, f"That line has {len(text):,} characters; at most {MAX_TEXT:,} are read.")
    # JSON can carry half a surrogate pair, which no later encoder takes.
    return _encodable(user), _encodable(text), files


async def _read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, 'That is not JSON: send {"user": "me", "text": "/trend tempo"}.') from error
    if not isinstance(body, dict):
        raise RefusedError(400, 'Send a JSON object: {"user": "me", "text": "/trend tempo"}.')
    return body


async def _read_form(request: web.Request) -> tuple[dict[str, Any], tuple[File, ...]]:
    try:
        form = await request.post()
    except (ValueError, LookupError, AssertionError, RuntimeError) as error:
        raise RefusedError(400, "That form cannot be read: it is cut off or malformed.") from error
    files = []
    for part in form.getall("file", ()):
        if not isinstance(part, FileField):
            raise RefusedError(400, '"file" must be an upload with a file name.')
        name = "".join(c for c in PurePath(part.filename.replace("\\", "/")).name if c.isprintable())[-120:]
        files.append(File(_encodable(name) or "file", part.file.read()))
    return dict(form), tuple(files)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
