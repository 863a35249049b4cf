"""The commands, one file each; `COMMANDS` is the whole table."""

from bot.commands import about, blend, compare, explain, genre, help, hitscore, recommend, track, trend, whatif
from bot.core import Command

COMMANDS: tuple[Command, ...] = (
    recommend.COMMAND,
    genre.COMMAND,
    hitscore.COMMAND,
    whatif.COMMAND,
    compare.COMMAND,
    explain.COMMAND,
    blend.COMMAND,
    trend.COMMAND,
    track.COMMAND,
    about.COMMAND,
    help.COMMAND,
)
