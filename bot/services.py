"""What a command may use besides its request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core import Command
from ml.models import Models


@dataclass(frozen=True)
class Services:
    """The loaded models and the command table (for help)."""

    models: Models
    commands: Mapping[str, Command]
