"""The bot's tests run on slow and busy machines too: its notebook is given time where a test is not about that."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what reads and writes the notebook take as long as it takes."""
    monkeypatch.setattr("bot.store.store._READ_SECONDS", 30.0)
    monkeypatch.setattr("bot.store.store._WRITE_SECONDS", 30.0)
