"""What stands between the network and the handlers: who may ask, safe headers, and every failure as JSON."""

from __future__ import annotations

import logging
from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

from bot.core import Reply
from bot.wire import reply_json

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Server": "Timbre",
    "X-Content-Type-Options": "nosniff",
}
WORTH_COMPRESSING = 1024  # bytes; below, the gzip header eats the gain
COMPRESSIBLE = {"application/json", "image/svg+xml", "text/css", "text/csv", "text/html", "text/javascript"}


class RefusedError(Exception):
    """A request that is not let through: a fitting 4xx or 503 and one sentence that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def guard(bound_host: str, max_body: int) -> Middleware:
    """Return the middleware for a server bound to `bound_host` that reads at most `max_body` bytes a request."""
    local_only = is_loopback(bound_host)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if local_only:
                _require_local_name(request)
            if request.method == "POST":
                _require_same_origin(request)
            if (request.content_length or 0) > max_body:
                raise web.HTTPRequestEntityTooLarge(max_body)
            response = await handler(request)
        except RefusedError as refused:
            response = _failure(refused.status, refused.message)
        except web.HTTPException as failed:
            response = _failure(failed.status, _wording(failed, request, max_body))
            if "Allow" in failed.headers:
                response.headers["Allow"] = failed.headers["Allow"]
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            response = _failure(500, "Something broke on our side; the log says what.")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        compress(response)
        return response

    return middleware


def is_loopback(host: str) -> bool:
    """Tell whether a server bound to this host can be reached from its own machine only."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def compress(response: web.StreamResponse) -> None:
    """Let text that is long enough go out as gzip where the client takes it."""
    size = response.content_length or 0
    if size >= WORTH_COMPRESSING and response.content_type in COMPRESSIBLE:
        response.enable_compression()
        response.headers["Vary"] = "Accept-Encoding"


def _require_local_name(request: web.Request) -> None:
    # DNS rebinding: a stranger's page can point its own name at 127.0.0.1 and would pass for our origin. It cannot
    # forge the Host header, and it cannot rebind an address or localhost.
    if "Host" not in request.headers:
        return
    try:
        host = URL(f"http://{request.headers['Host']}").host or ""
    except ValueError:
        host = ""
    if not (_is_address(host) or host == "localhost" or host.endswith(".localhost")):
        raise RefusedError(421, "This server answers to localhost only; set WEB_HOST to serve it under another name.")


def _require_same_origin(request: web.Request) -> None:
    # Browsers say where a request comes from; command-line clients say nothing, and cannot be tricked into asking.
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        allowed = site in {"same-origin", "none"}
    elif origin is not None:
        allowed = _same_origin(origin, request.host)
    else:
        allowed = True
    if not allowed:
        raise RefusedError(403, "Messages are taken from this server's own page only.")


def _same_origin(origin: str, host: str) -> bool:
    try:
        claimed = URL(origin)
        return claimed.origin() == URL(f"{claimed.scheme}://{host}").origin()
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _failure(status: int, message: str) -> web.Response:
    body = reply_json(Reply(message, error=True), url_of=lambda name, data: "")
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})


def _wording(failed: web.HTTPException, request: web.Request, max_body: int) -> str:
    if isinstance(failed, web.HTTPMethodNotAllowed):
        return f"{request.path} takes {' or '.join(sorted(failed.allowed_methods))}, not {request.method}."
    return {
        404: "There is nothing here. The chat is at /, its API at /api/commands, /api/suggest and /api/messages.",
        413: f"That is too large: at most {max_body // 1024**2} MB a message, its files included.",
    }.get(failed.status, f"{failed.reason}.")
