"""Creating and editing messages: forms checked, files stored, mentions noted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tests.fakes.discord.errors import EMPTY_MESSAGE, TOO_LARGE, Path, Problems
from tests.fakes.discord.forms import MAX_FILE_BYTES, MAX_FILES, check_message, pings
from tests.fakes.discord.model import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    Attachment,
    Channel,
    Json,
    Message,
    Upload,
    User,
    now,
    numbered,
    safe_name,
    snowflake,
)

_SETTABLE = EPHEMERAL | COMPONENTS_V2 | 1 << 2 | 1 << 12


@dataclass(frozen=True)
class Ping:
    """A message whose words would have reached somebody."""

    message: Message
    whom: str


@dataclass(frozen=True)
class Form:
    """What came with a request: JSON, and files by their number."""

    body: Json
    files: dict[int, Upload]


class Messages:
    """Every message of the bot, and the content server with its files."""

    def __init__(self, bot: User, application: int, keep_files: int) -> None:
        self.bot = bot
        self.application = application
        self.base = ""
        self.all: dict[int, Message] = {}
        self.pings: list[Ping] = []
        self.downloads: list[str] = []
        self.nonces: dict[tuple[int, str], Message] = {}
        self._files: dict[int, Attachment] = {}
        self._kept: deque[int] = deque()
        self._keep = keep_files

    def create(
        self, channel: Channel, form: Form, *, reader: User | None = None, interaction: bool = False, at: Path = ()
    ) -> Message:
        """A new message; `reader` is the one person an ephemeral one is for."""
        message = Message(channel, self.bot, application=self.application if interaction else None, reader=reader)
        message.flags = int(form.body.get("flags") or 0) & _SETTABLE
        self._write(message, form, at)
        self.all[message.id] = message
        return message

    def placeholder(self, channel: Channel, flags: int, reader: User) -> Message:
        """The bot is thinking."""
        message = Message(channel, self.bot, application=self.application, reader=reader)
        message.flags = flags & EPHEMERAL | LOADING
        self.all[message.id] = message
        return message

    def edit(self, message: Message, form: Form, *, at: Path = ()) -> Message:
        """Change what the form names, keep the rest."""
        self._write(message, form, at)
        message.edits += 1
        message.edited = now()
        message.flags = message.flags & ~LOADING | int(form.body.get("flags") or 0) & COMPONENTS_V2
        return message

    def delete(self, message: Message) -> None:
        """Nobody sees it any more."""
        message.deleted = True

    def store(self, channel_id: int, upload: Upload, description: str | None = None) -> Attachment:
        """Lay a file on the content server; the oldest give up their bytes when there are too many."""
        name, number = safe_name(upload.filename), snowflake()
        url = f"{self.base}/attachments/{channel_id}/{number}/{name}"
        size = len(upload.data) if upload.size is None else upload.size
        attachment = Attachment(name, upload.data, url, number, upload.content_type, description, size)
        self._files[number] = attachment
        self._kept.append(number)
        if len(self._kept) > self._keep:
            self._files.pop(self._kept.popleft()).data = b""
        return attachment

    def file(self, number: int) -> Attachment | None:
        """A file by its id, as somebody downloads it."""
        attachment = self._files.get(number)
        if attachment:
            self.downloads.append(attachment.filename)
        return attachment

    def _write(self, message: Message, form: Form, at: Path) -> None:
        body, problems = form.body, Problems()
        interaction = message.application is not None
        check_message(problems, at, body)
        listed = body.get("attachments")
        described = {str(a.get("id")): a for a in listed or []}
        kept = [a for a in message.attachments if listed is None or str(a.id) in described]
        for index, entry in enumerate(listed or []):
            if str(entry.get("id")) not in {*map(str, form.files), *(str(a.id) for a in message.attachments)}:
                where = (*at, "attachments", index, "id")
                problems.add(where, "ATTACHMENT_NOT_FOUND", f"Attachment {entry.get('id')} was not found")
        if len(kept) + len(form.files) > MAX_FILES:
            problems.add((*at, "attachments"), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")
        problems.check()
        if any(len(upload.data) > MAX_FILE_BYTES for upload in form.files.values()):
            raise TOO_LARGE
        content = (body["content"] or "") if "content" in body else message.content
        embeds = (body["embeds"] or []) if "embeds" in body else message.embeds
        rows = (body["components"] or []) if "components" in body else message.components
        layout = (int(body.get("flags") or 0) | message.flags) & COMPONENTS_V2
        if not (content.strip() or embeds or kept or form.files or (layout and rows)):
            raise EMPTY_MESSAGE
        message.content, message.embeds, message.components = content.strip(), embeds, numbered(rows)
        for attachment in kept:
            entry = described.get(str(attachment.id), {})
            attachment.description = entry.get("description", attachment.description)
        new = [
            self.store(message.channel.id, upload, described.get(str(number), {}).get("description"))
            for number, upload in form.files.items()
        ]
        message.attachments = [*kept, *new]
        self.pings += [Ping(message, whom) for whom in pings(body, interaction=interaction)]
