"""The commands, one file each; `COMMANDS` is the whole table."""

from bot.commands import about, genre, help, hitscore, recommend, track, trend
from bot.core import Command

COMMANDS: tuple[Command, ...] = (
    recommend.COMMAND,
    genre.COMMAND,
    hitscore.COMMAND,
    trend.COMMAND,
    track.COMMAND,
    about.COMMAND,
    help.COMMAND,
)
