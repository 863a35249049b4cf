"""Settings decide what runs."""

import pytest

from bot.config import Settings


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, True),
        ({"DISCORD_TOKEN": "x"}, False),
        ({"DISCORD_TOKEN": "x", "WEB_PORT": "8765"}, True),
        ({"DISCORD_TOKEN": "x", "WEB_HOST": "0.0.0.0"}, True),
        ({"WEB_PORT": "0"}, True),
    ],
)
def test_the_web_chat_runs_alone_or_where_it_was_given_a_place(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], wanted: bool
) -> None:
    for name in ("DISCORD_TOKEN", "WEB_HOST", "WEB_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None).web_is_wanted is wanted
