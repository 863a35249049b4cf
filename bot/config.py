"""Settings from the environment or `.env`; the only reader of the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class SetupError(Exception):
    """Timbre cannot start; the message is one line that says why and what to do."""


class Settings(BaseSettings):
    """Where Timbre finds its artifacts, keeps its data and listens."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    artifacts_dir: Path = Path(__file__).resolve().parent.parent / "artifacts"
    data_dir: Path = Path("data")
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8765, ge=0, le=65535)
    log_level: str = "INFO"

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
