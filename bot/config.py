"""Settings from the environment or `.env`; the only reader of the environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_DATABASE = re.compile(r"(sqlite(\+aiosqlite)?:///(?!:memory:)|postgres(ql)?(\+asyncpg)?://).+")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

Numbers = Annotated[tuple[int, ...], NoDecode]
"""Whole numbers in one variable, separated by commas."""


Names = Annotated[tuple[str, ...], NoDecode]
"""Words in one variable, separated by commas."""


class SetupError(Exception):
    """Timbre cannot start; the message is one line that says why and what to do."""


class TokenError(SetupError):
    """A platform refuses the token, or what goes with it: trying again cannot help."""


class Settings(BaseSettings):
    """Where Timbre finds its artifacts, keeps its data and listens."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    artifacts_dir: Path = Path(__file__).resolve().parent.parent / "artifacts"
    data_dir: Path = Path("data")
    database_url: str = ""
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8765, ge=0, le=65535)
    log_level: str = "INFO"
    moderators: Names = ()
    discord_token: str = Field(default="", repr=False)
    discord_api_base: str = ""
    discord_guild_ids: Numbers = ()
    discord_shard_count: int = Field(default=0, ge=0)
    discord_shard_ids: Numbers = ()

    @field_validator("database_url")
    @classmethod
    def _is_supported(cls, url: str) -> str:
        if url and not _DATABASE.fullmatch(url):
            raise ValueError("it must be sqlite:///path/to/file or postgresql://user:password@host/name")
        return url

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, name: str) -> str:
        if name.upper() not in _LEVELS:
            raise ValueError(f"it must be one of {', '.join(_LEVELS)}")
        return name.upper()

    @field_validator("discord_token", "discord_api_base")
    @classmethod
    def _is_bare(cls, text: str) -> str:
        return text.strip()

    @field_validator("discord_api_base")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://\S+", url):
            raise ValueError("it must be an address such as https://discord.com/api/v10")
        return url

    @field_validator("discord_guild_ids", "discord_shard_ids", mode="before")
    @classmethod
    def _are_numbers(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        parts = text.replace(",", " ").split()
        if not all(part.isdecimal() for part in parts):
            raise ValueError("it must be numbers separated by commas")
        return tuple(dict.fromkeys(map(int, parts)))

    @field_validator("moderators", mode="before")
    @classmethod
    def _are_people(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        people = [part.strip() for part in text.split(",")]
        if any(p and not re.fullmatch(r"local|\w+:\S+", p) for p in people):
            raise ValueError("it must be people as the bot knows them, such as discord:42, separated by commas")
        return tuple(dict.fromkeys(filter(None, people)))

    @field_validator("discord_shard_ids")
    @classmethod
    def _are_shards(cls, ids: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if ids and max(ids) >= info.data.get("discord_shard_count", 0):
            raise ValueError("each must be less than DISCORD_SHARD_COUNT")
        return ids

    @property
    def store_url(self) -> str:
        """Where the store is: DATABASE_URL, or an SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'timbre.sqlite3'}"

    @property
    def web_is_wanted(self) -> bool:
        """The web chat runs when no token does, and beside one when it was given a place of its own."""
        return not self.discord_token or bool({"web_host", "web_port"} & self.model_fields_set)

    def writable_data_dir(self) -> Path:
        """The data folder, made if absent.

        Raises
        ------
        SetupError
            When it cannot be made or written.
        """
        probe = self.data_dir / ".writable"
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise SetupError(
                f"DATA_DIR {self.data_dir} cannot be written ({error.strerror}). Set DATA_DIR to a folder that can."
            ) from None
        return self.data_dir
