"""Rate limits: Discord's buckets as its headers tell them, and storms of 429 that a test orders."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass

from aiohttp import web

_BUCKETS = (
    (r"^(POST) /channels/(\d+)/messages$", 5, 5.0),
    (r"^(PATCH|DELETE) /channels/(\d+)/messages/", 5, 5.0),
    (r"^\w+ /webhooks/(\d+)/([^/]+)", 5, 2.0),
)


def respond(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Discord labels it: discord.py reads it as text when the type names a charset."""
    labelled = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=labelled)


@dataclass
class Storm:
    """Answers 429 to the next `requests`, or for `seconds`, to calls whose "METHOD /path" matches `route`.

    `scope` is "user", "shared" or "global"; a `status` of 500 and more is a fault of Discord's instead. Without `via`
    no header names the proxy that Discord stands behind, and discord.py does not wait.
    """

    requests: int | None = None
    seconds: float | None = None
    retry_after: float = 0.3
    route: str = ""
    scope: str = "user"
    status: int = 429
    via: bool = True
    started: float = 0.0
    served: int = 0

    def hits(self, call: str) -> bool:
        """Whether this call is refused; interactions never count against the global limit."""
        over = self.seconds is not None and time.monotonic() - self.started > self.seconds
        spent = self.requests is not None and self.served >= self.requests
        free = self.scope == "global" and re.search(r"/(interactions|webhooks)/", call)
        if over or spent or free or not re.search(self.route, call):
            return False
        self.served += 1
        return True


@dataclass
class _Window:
    limit: int
    seconds: float
    left: int
    until: float


class Limits:
    """Counts calls by bucket and writes the headers."""

    def __init__(self) -> None:
        self.storms: list[Storm] = []
        self.refused = 0
        self._windows: dict[str, _Window] = {}

    def storm(self, storm: Storm) -> Storm:
        """Begin to refuse."""
        storm.started = time.monotonic()
        self.storms.append(storm)
        return storm

    def take(self, call: str) -> tuple[dict[str, str], web.Response | None]:
        """The headers for this call, and the 429 when there is one."""
        key, window = self._window(call)
        headers: dict[str, str] = {}
        if window:
            window.left -= 1
            reset_after = max(0.0, window.until - time.monotonic())
            headers = {
                "X-RateLimit-Limit": str(window.limit),
                "X-RateLimit-Remaining": str(max(0, window.left)),
                "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
                "X-RateLimit-Reset-After": f"{reset_after:.3f}",
                "X-RateLimit-Bucket": hashlib.blake2s(key.encode(), digest_size=8).hexdigest(),
            }
            if window.left < 0:
                return headers, self._refuse(headers, reset_after, "user")
        for storm in self.storms:
            if storm.hits(call):
                if storm.status >= 500:
                    return headers, respond({"message": f"{storm.status}: Server Error", "code": 0}, storm.status)
                return headers, self._refuse(headers, storm.retry_after, storm.scope, storm.via)
        return headers, None

    def _window(self, call: str) -> tuple[str, _Window | None]:
        for pattern, limit, seconds in _BUCKETS:
            if match := re.match(pattern, call):
                key, moment = f"{pattern} {match.groups()}", time.monotonic()
                window = self._windows.get(key)
                if window is None or moment > window.until:
                    self._windows[key] = window = _Window(limit, seconds, limit, moment + seconds)
                return key, window
        return "", None

    def _refuse(self, headers: dict[str, str], retry_after: float, scope: str, via: bool = True) -> web.Response:
        self.refused += 1
        is_global = scope == "global"
        body = {"message": "You are being rate limited.", "retry_after": round(retry_after, 3), "global": is_global}
        more = {"Retry-After": str(int(retry_after) + 1), "X-RateLimit-Scope": scope}
        if via:
            more["Via"] = "1.1 google"
        if is_global:
            more["X-RateLimit-Global"] = "true"
        return respond(body, 429, headers | more)
