"""The commands, one file each; `COMMANDS` is the whole table."""

from bot.commands import (
    about,
    blend,
    cluster,
    compare,
    explain,
    genre,
    help,
    hitscore,
    playlist,
    post,
    profile,
    rate,
    recommend,
    track,
    trend,
    whatif,
)
from bot.core import Command

COMMANDS: tuple[Command, ...] = (
    recommend.COMMAND,
    playlist.COMMAND,
    rate.COMMAND,
    profile.COMMAND,
    genre.COMMAND,
    hitscore.COMMAND,
    whatif.COMMAND,
    compare.COMMAND,
    explain.COMMAND,
    blend.COMMAND,
    trend.COMMAND,
    cluster.COMMAND,
    post.COMMAND,
    track.COMMAND,
    about.COMMAND,
    help.COMMAND,
)
