"""Discord's own rules for what a bot sends: messages, embeds, components, modals, mentions."""

from __future__ import annotations

import re
from bisect import bisect
from urllib.parse import urlsplit

from tests.fakes.discord.errors import ApiError, Path, Problems
from tests.fakes.discord.model import COMPONENTS_V2, Json, walk

MAX_FILES = 10
MAX_FILE_BYTES = 10 * 1024 * 1024
_LINK, _PREMIUM = 5, 6
_INPUTS, _SELECTS = (4, 19, 21, 22, 23), (3, 5, 6, 7, 8)
_MODAL_TOP = (1, 10, 18)

# The characters of the basic plane with the Unicode property Emoji, as first-last pairs.
_EMOJI_SPANS = """
A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB 25B6 25C0
25FB-25FE 2600-2604 260E 2611 2614-2615 2618 261D 2620 2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 2648-2653
265F-2660 2663 2665-2666 2668 267B 267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB 26B0-26B1 26BD-26BE
26C4-26C5 26C8 26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD 2702 2705 2708-270D 270F 2712 2714 2716
271D 2721 2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764 2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07
2B1B-2B1C 2B50 2B55 3030 303D 3297 3299 1F004 1F0CF 1F170-1F251 1F300-1FAFF
"""
_EMOJI = [int(code, 16) for span in _EMOJI_SPANS.split() for code in (span.split("-") * 2)[:2]]


def check_message(problems: Problems, at: Path, body: Json) -> None:
    """The body of a message that is created or edited."""
    embeds, components = body.get("embeds") or [], body.get("components") or []
    problems.text((*at, "content"), body.get("content"), 2000)
    if int(body.get("flags") or 0) & COMPONENTS_V2:
        for key in ("content", "embeds"):
            if body.get(key):
                message = "The field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                problems.add((*at, key), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
        _check_layout(problems, at, components)
    else:
        _check_rows(problems, (*at, "components"), components)
    _check_embeds(problems, (*at, "embeds"), embeds)
    _check_custom_ids(problems, (*at, "components"), components)
    _check_allowed(problems, (*at, "allowed_mentions"), body.get("allowed_mentions"))
    attachments = body.get("attachments") or []
    problems.count((*at, "attachments"), attachments, MAX_FILES)
    for index, attachment in enumerate(attachments):
        problems.text((*at, "attachments", index, "description"), attachment.get("description"), 1024)


def _check_embeds(problems: Problems, at: Path, embeds: list[Json]) -> None:
    problems.count(at, embeds, 10)
    total = 0
    for index, embed in enumerate(embeds):
        here: Path = (*at, index)
        fields = embed.get("fields") or []
        footer, author = embed.get("footer") or {}, embed.get("author") or {}
        problems.count((*here, "fields"), fields, 25)
        texts = [
            (("title",), embed.get("title"), 256, 0),
            (("description",), embed.get("description"), 4096, 0),
            (("footer", "text"), footer.get("text"), 2048, 1 if footer else 0),
            (("author", "name"), author.get("name"), 256, 1 if author else 0),
        ]
        for number, field in enumerate(fields):
            texts.append((("fields", str(number), "name"), field.get("name"), 256, 1))
            texts.append((("fields", str(number), "value"), field.get("value"), 1024, 1))
        for path, text, high, low in texts:
            problems.text((*here, *path), text, high, low=low)
            total += len(text) if isinstance(text, str) else 0
        if not any(embed.get(k) for k in ("title", "description", "fields", "footer", "author", "image", "thumbnail")):
            problems.add((*here, "description"), "BASE_TYPE_REQUIRED", "This field is required")
        _check_links(problems, here, embed)
        colour = embed.get("color")
        if colour is not None and not 0 <= colour <= 0xFFFFFF:
            problems.add((*here, "color"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
    if total > 6000:
        problems.add(at, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _check_links(problems: Problems, at: Path, embed: Json) -> None:
    pages = {("url",): embed.get("url"), ("author", "url"): (embed.get("author") or {}).get("url")}
    pictures: dict[Path, str | None] = {(k, "url"): (embed.get(k) or {}).get("url") for k in ("image", "thumbnail")}
    pictures |= {(k, "icon_url"): (embed.get(k) or {}).get("icon_url") for k in ("author", "footer")}
    for links, schemes in ((pages, ("http", "https")), (pictures, ("http", "https", "attachment"))):
        for path, link in links.items():
            check_link(problems, (*at, *path), link, schemes, 2048)


def check_link(problems: Problems, at: Path, link: str | None, schemes: tuple[str, ...], high: int) -> None:
    """A web address of an allowed scheme."""
    if not link:
        return
    problems.text(at, link, high)
    parts = urlsplit(link)
    if parts.scheme not in schemes:
        message = f'Scheme "{parts.scheme}" is not supported. Scheme must be one of {schemes}.'
        problems.add(at, "URL_TYPE_INVALID_SCHEME", message)
    elif not parts.netloc or re.search(r"\s", link):
        problems.add(at, "URL_TYPE_INVALID_URL", "Not a well formed URL.")


def _check_rows(problems: Problems, at: Path, rows: list[Json]) -> None:
    problems.count(at, rows, 5)
    for index, row in enumerate(rows):
        here: Path = (*at, index)
        items = row.get("components") or []
        if row.get("type") != 1:
            problems.choice((*here, "type"), row.get("type"), (1,))
            continue
        problems.count((*here, "components"), items, 5, low=1)
        if len(items) > 1 and any(i.get("type") in _SELECTS for i in items):
            message = "The specified component exceeds the maximum width"
            problems.add((*here, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        for number, item in enumerate(items):
            _check_control(problems, (*here, "components", number), item)


def _check_layout(problems: Problems, at: Path, components: list[Json]) -> None:
    items = walk(components)
    if len(items) > 40:
        problems.add((*at, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 40 in length.")
    if sum(len(i.get("content") or "") for i in items if i.get("type") == 10) > 4000:
        message = "The total displayable text of components is above 4000 characters"
        problems.add((*at, "components"), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    for number, item in enumerate(items):
        if item.get("type") in (2, *_SELECTS):
            _check_control(problems, (*at, "components", number), item)


def _check_control(problems: Problems, at: Path, item: Json) -> None:
    kind, style = item.get("type"), item.get("style")
    if kind == 2:
        problems.choice((*at, "style"), style, (1, 2, 3, 4, 5, 6))
        problems.text((*at, "label"), item.get("label"), 80)
        if style == _LINK:
            problems.text((*at, "url"), item.get("url"), 512, low=1)
            check_link(problems, (*at, "url"), item.get("url"), ("http", "https", "discord"), 512)
            if item.get("custom_id"):
                message = "A custom id and url cannot both be specified"
                problems.add((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        elif style != _PREMIUM:
            problems.text((*at, "custom_id"), item.get("custom_id"), 100, low=1)
            if not item.get("label") and not item.get("emoji"):
                problems.add(at, "BUTTON_COMPONENT_INVALID", "A button must have a label or emoji")
    else:
        problems.choice((*at, "type"), kind, (2, *_SELECTS))
        problems.text((*at, "custom_id"), item.get("custom_id"), 100, low=1)
        problems.text((*at, "placeholder"), item.get("placeholder"), 150)
        if kind == 3:
            options = item.get("options") or []
            problems.count((*at, "options"), options, 25, low=1)
            for number, option in enumerate(options):
                for key, low in (("label", 1), ("value", 1), ("description", 0)):
                    problems.text((*at, "options", number, key), option.get(key), 100, low=low)
    for emoji in filter(None, [item.get("emoji"), *(o.get("emoji") for o in item.get("options") or [])]):
        if not emoji.get("id") and not _is_emoji(str(emoji.get("name") or "")):
            problems.add((*at, "emoji", "name"), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")


def _is_emoji(text: str) -> bool:
    if not text or len(text) > 32:
        return False
    return "\u20e3" in text or (bisect(_EMOJI, ord(text[0])) % 2 == 1 or ord(text[0]) in _EMOJI)


def _check_custom_ids(problems: Problems, at: Path, components: list[Json]) -> None:
    seen: set[str] = set()
    for number, item in enumerate(walk(components)):
        custom_id = item.get("custom_id")
        if custom_id and custom_id in seen:
            message = "Component custom id cannot be duplicated"
            problems.add((*at, number, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id or "")


def _check_allowed(problems: Problems, at: Path, allowed: Json | None) -> None:
    if not allowed:
        return
    parse = allowed.get("parse") or []
    for index, kind in enumerate(parse):
        problems.choice((*at, "parse", index), kind, ("users", "roles", "everyone"))
    for kind in ("users", "roles"):
        problems.count((*at, kind), allowed.get(kind) or [], 100)
        if kind in parse and allowed.get(kind):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            problems.add(at, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def check_modal(modal: Json) -> None:
    """Raise what an answer with this modal gets when it breaks a rule."""
    problems, components = Problems(), modal.get("components") or []
    problems.text(("data", "title"), modal.get("title"), 45, low=1)
    problems.text(("data", "custom_id"), modal.get("custom_id"), 100, low=1)
    problems.count(("data", "components"), components, 5, low=1)
    for index, item in enumerate(components):
        problems.choice(("data", "components", index, "type"), item.get("type"), _MODAL_TOP)
    _check_custom_ids(problems, ("data", "components"), components)
    for index, item in enumerate(walk(components)):
        at: Path = ("data", "components", index)
        if item.get("type") in (*_INPUTS, *_SELECTS):
            problems.text((*at, "custom_id"), item.get("custom_id"), 100, low=1)
        if item.get("type") in (4, 18):
            problems.text((*at, "label"), item.get("label"), 45, low=1 if item["type"] == 18 else 0)
            problems.text((*at, "placeholder"), item.get("placeholder"), 100)
            problems.text((*at, "value"), item.get("value"), 4000)
    problems.check()


def pings(body: Json, *, interaction: bool) -> list[str]:
    """Whom the words of a message would reach with the mentions it allows: everyone unless it says otherwise,
    for interactions the people named. Embeds ping nobody today; what is in them counts here all the same."""
    allowed = body.get("allowed_mentions")
    if allowed is None:
        allowed = {"parse": ["users"] if interaction else ["users", "roles", "everyone"]}
    parse = allowed.get("parse") or []
    embeds = [{k: v for k, v in e.items() if k not in ("url", "image")} for e in body.get("embeds") or []]
    text = f"{body.get('content') or ''} {embeds}"
    found = []
    for mention in re.findall(r"@everyone|@here|<@!?\d+>|<@&\d+>", text):
        kind = "everyone" if mention[0] == "@" else "roles" if "&" in mention else "users"
        named = {str(i) for i in allowed.get(kind) or []} if kind != "everyone" else set()
        if kind in parse or re.sub(r"\D", "", mention) in named:
            found.append(mention)
    return found


def bad_form(path: Path, code: str, message: str) -> ApiError:
    """One error of a form, to raise."""
    problems = Problems()
    problems.add(path, code, message)
    try:
        problems.check()
    except ApiError as error:
        return error
    raise AssertionError
