"""The gateway: sessions over websockets that identify, beat, drop and resume."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord.model import Guild, Json

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
GUILDS_INTENT = 1
PRIVILEGED = {"GUILD_MEMBERS": 1 << 1, "GUILD_PRESENCES": 1 << 8, "MESSAGE_CONTENT": 1 << 15}
_ALL_INTENTS = (1 << 26) - 1
_QUIET_OPS = (3, 4, 8)


class Connection:
    """One websocket, plain or compressed as the client asked."""

    def __init__(self, request: web.Request) -> None:
        self.socket = web.WebSocketResponse(compress=False)
        self.request = request
        self.last_beat = time.monotonic()
        self._zlib = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None

    async def send(self, op: int, data: Any = None, seq: int | None = None, event: str | None = None) -> None:
        """One frame; a socket that is gone is not an error here."""
        raw = json.dumps({"op": op, "d": data, "s": seq, "t": event}).encode()
        with contextlib.suppress(ConnectionError):
            if self._zlib:
                await self.socket.send_bytes(self._zlib.compress(raw) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            else:
                await self.socket.send_str(raw.decode())

    async def close(self, code: int, reason: str = "") -> None:
        """Close in order, with a code."""
        await self.socket.close(code=code, message=reason.encode())

    def drop(self) -> None:
        """Cut the cable."""
        if self.request.transport:
            self.request.transport.abort()


@dataclass(eq=False)
class Session:
    """What survives a dropped socket: numbered events, kept for a resume."""

    shard: int
    shards: int
    intents: int
    connection: Connection | None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    events: deque[tuple[int, str, Json]] = field(default_factory=lambda: deque(maxlen=5000))
    left: float | None = None

    async def send(self, event: str, data: Json) -> None:
        """Send an event, and keep it for a resume."""
        self.seq += 1
        self.events.append((self.seq, event, data))
        if self.connection:
            await self.connection.send(DISPATCH, data, self.seq, event)

    async def replay(self, connection: Connection, after: int) -> None:
        """Send again what the client missed, and only then let new events through, so that numbers only grow."""
        while missed := [e for e in self.events if e[0] > after]:
            for after, event, data in missed:
                await connection.send(DISPATCH, data, after, event)
        self.connection, self.left = connection, None


@dataclass
class Terms:
    """What the gateway asks of a client."""

    token: str
    heartbeat_seconds: float = 41.25
    shards: int = 1
    require_shards: bool = False
    max_concurrency: int = 1
    identify_seconds: float = 5.0
    resume_seconds: float = 60.0
    privileged: int = 0


class Gateway:
    """Every session; events of a server go to its shard."""

    def __init__(self, terms: Terms, ready: Callable[[Session], tuple[Json, list[Json]]]) -> None:
        self.terms = terms
        self.sessions: dict[str, Session] = {}
        self.identifies = self.resumes = self.invalidated = 0
        self.beats = 0
        self.missed: list[float] = []
        self.closes: list[int] = []
        self._ready = ready
        self._identified: dict[int, float] = {}
        self._changed = asyncio.Event()

    # What a test does.

    def live(self, shard: int | None = None) -> list[Session]:
        """Sessions with a socket, of one shard or all."""
        return [s for s in self.sessions.values() if s.connection and shard in (None, s.shard)]

    async def ready(self, sessions: int = 1, within: float = 20.0) -> None:
        """Wait until so many sessions are connected."""
        async with asyncio.timeout(within):
            while len(self.live()) < sessions:
                await self._changed.wait()

    def drop(self, shard: int | None = None) -> None:
        """Cut the cable: the client may resume."""
        for session in self.live(shard):
            self._leave(session).drop()

    async def reconnect(self, shard: int | None = None) -> None:
        """Ask clients to come back (op 7)."""
        for session in self.live(shard):
            if session.connection:
                await session.connection.send(RECONNECT)

    async def invalidate(self, shard: int | None = None, *, resumable: bool = False) -> None:
        """Tell clients their session is over (op 9)."""
        for session in self.live(shard):
            connection = self._leave(session)
            if not resumable:
                del self.sessions[session.id]
            self.invalidated += 1
            await connection.send(INVALID, resumable)

    async def dispatch(self, event: str, data: Json, guild: Guild | None) -> int:
        """Send an event to the shard of a server, or with none to shard 0; answers how many sockets got it."""
        sessions = [s for s in self.sessions.values() if s.shard == (guild.shard(s.shards) if guild else 0)]
        for session in sessions:
            await session.send(event, data)
        return sum(s.connection is not None for s in sessions)

    def late(self) -> list[float]:
        """Gaps between heartbeats longer than two intervals, in seconds, those of now included."""
        moment, limit = time.monotonic(), 2 * self.terms.heartbeat_seconds
        waiting = [moment - s.connection.last_beat for s in self.live() if s.connection]
        return [*self.missed, *(gap for gap in waiting if gap > limit)]

    # What a client does.

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One connection from HELLO to the end."""
        connection = Connection(request)
        await connection.socket.prepare(request)
        session: Session | None = None
        if request.query.get("v", "10") not in ("9", "10"):
            await connection.close(4012, "Invalid API version.")
            return connection.socket
        await connection.send(HELLO, {"heartbeat_interval": int(self.terms.heartbeat_seconds * 1000)})
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                frame = json.loads(message.data)
                op, data = int(frame["op"]), frame.get("d")
            except (ValueError, KeyError, TypeError):
                await self._refuse(connection, 4002, "Error while decoding payload.")
                break
            if op == HEARTBEAT:
                await self._beat(connection)
            elif op in (IDENTIFY, RESUME) and session:
                await self._refuse(connection, 4005, "Already authenticated.")
            elif op == IDENTIFY:
                session = await self._identify(connection, data)
            elif op == RESUME:
                session = await self._resume(connection, data)
            elif op not in _QUIET_OPS:
                await self._refuse(connection, 4001, "Unknown opcode.")
            elif not session:
                await self._refuse(connection, 4003, "Not authenticated.")
        if session and session.connection is connection:
            self._leave(session)
            if connection.socket.close_code in (1000, 1001):
                self.sessions.pop(session.id, None)
        return connection.socket

    async def _beat(self, connection: Connection) -> None:
        moment = time.monotonic()
        gap, connection.last_beat = moment - connection.last_beat, moment
        self.beats += 1
        if gap > 2 * self.terms.heartbeat_seconds:
            self.missed.append(gap)
        await connection.send(ACK)

    async def _identify(self, connection: Connection, data: Json) -> Session | None:
        intents, terms = data.get("intents"), self.terms
        shard, shards = data.get("shard") or (0, 1)
        if data.get("token") != terms.token:
            return await self._refuse(connection, 4004, "Authentication failed.")
        if not isinstance(intents, int) or intents & ~_ALL_INTENTS:
            return await self._refuse(connection, 4013, "Invalid intent(s).")
        if intents & sum(PRIVILEGED.values()) & ~terms.privileged:
            return await self._refuse(connection, 4014, "Disallowed intent(s).")
        if not 0 <= shard < shards:
            return await self._refuse(connection, 4010, "Invalid shard.")
        if terms.require_shards and shards < terms.shards:
            return await self._refuse(connection, 4011, "Sharding required.")
        bucket, moment = shard % terms.max_concurrency, time.monotonic()
        if moment - self._identified.get(bucket, -1e9) < terms.identify_seconds:
            return await self._void(connection)
        self._identified[bucket] = moment
        self.identifies += 1
        session = Session(shard, shards, intents, connection)
        self.sessions = {s.id: s for s in [*self.sessions.values(), session] if not self._stale(s)}
        ready, guilds = self._ready(session)
        await session.send("READY", ready)
        if intents & GUILDS_INTENT:
            for guild in guilds:
                await session.send("GUILD_CREATE", guild)
        self._notify()
        return session

    async def _resume(self, connection: Connection, data: Json) -> Session | None:
        if data.get("token") != self.terms.token:
            return await self._refuse(connection, 4004, "Authentication failed.")
        session = self.sessions.get(str(data.get("session_id")))
        seq = data.get("seq") or 0
        oldest = session.events[0][0] if session and session.events else 0
        if session is None or self._stale(session) or oldest > seq + 1:
            return await self._void(connection)
        if seq > session.seq:
            return await self._refuse(connection, 4007, "Invalid seq.")
        if session.connection:
            session.connection.drop()
            self._leave(session)
        self.resumes += 1
        await session.replay(connection, seq)
        await session.send("RESUMED", {"_trace": []})
        self._notify()
        return session

    async def _refuse(self, connection: Connection, code: int, reason: str) -> Session | None:
        self.closes.append(code)
        await connection.close(code, reason)
        return None

    async def _void(self, connection: Connection) -> Session | None:
        self.invalidated += 1
        await connection.send(INVALID, False)
        return None

    def _stale(self, session: Session) -> bool:
        return session.left is not None and time.monotonic() - session.left > self.terms.resume_seconds

    def _leave(self, session: Session) -> Connection:
        connection, session.connection, session.left = session.connection, None, time.monotonic()
        self._notify()
        if connection is None:
            raise RuntimeError("the session has no socket")
        return connection

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
