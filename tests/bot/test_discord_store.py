"""What the store keeps for Discord: long lines by a short key, and notes all processes share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core import Forget
from bot.store import Store, StoreError


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = Store(url)
    yield store
    await store.close()


async def test_a_line_is_found_by_its_key_in_another_process(store: Store, url: str) -> None:
    line = "recommend like:'A; B' \0 🎧 " + "x" * 2000
    key = await store.keep_line("discord:1", line)
    assert key == await store.keep_line("discord:1", line)
    assert len(key) == 24
    assert key != await store.keep_line("discord:2", line)
    other = Store(url)
    assert await other.line(key) == line.replace("\0", "\ufffd")
    assert await other.line("nothing") is None
    await other.close()


async def test_forgetting_takes_a_persons_lines(store: Store) -> None:
    mine, theirs = [await store.keep_line(f"discord:{n}", "trend tempo") for n in (1, 2)]
    assert (await store.recall("discord:1", "", "")).lines == ("trend tempo",)
    await store.remember("discord:1", "", "", (Forget(),))
    assert (await store.line(mine), await store.line(theirs)) == (None, "trend tempo")


async def test_only_a_persons_newest_lines_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.database._LINES_KEPT", 3)
    keys = [await store.keep_line("discord:1", f"trend {n}") for n in range(5)]
    assert [await store.line(key) for key in keys] == [None, None, "trend 2", "trend 3", "trend 4"]


async def test_a_note_is_what_was_noted_last(store: Store) -> None:
    assert await store.note("discord:commands") is None
    await store.set_note("discord:commands", "one")
    await store.set_note("discord:commands", "two")
    assert await store.note("discord:commands") == "two"


async def test_a_store_that_is_away_says_so(tmp_path: object) -> None:
    store = Store(f"sqlite:///{tmp_path}")  # a folder
    with pytest.raises(StoreError):
        await store.line("x")
    with pytest.raises(StoreError):
        await store.keep_line("discord:1", "x")
