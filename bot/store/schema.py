"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, MetaData, SmallInteger, Table, Text

REVISION = "0004"
"""The newest migration; a store of this version opens without loading Alembic."""

metadata = MetaData()

# `person`, not `user`: in PostgreSQL an unquoted "user" is the database role. `at`: microseconds since 1970, UTC.
ratings = Table(
    "ratings",
    metadata,
    Column("person", Text, primary_key=True),
    Column("track_id", Text, primary_key=True),
    Column("verdict", SmallInteger, CheckConstraint("verdict IN (-1, 1)", name="verdict_is_a_thumb"), nullable=False),
    Column("room", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ratings_of_a_room", "room", "at"),
)

pages = Table(
    "pages",
    metadata,
    Column("person", Text, primary_key=True),
    Column("list", Text, primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("track_ids", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
)

lines = Table(
    "lines",
    metadata,
    Column("key", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("lines_of_a_person", "person", "at"),
)

notes = Table(
    "notes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

# `author`, not `person`: the post stays with its room when the author is forgotten, without the name. `held_until`: the
# process that claimed the firing at `due` has until then to post it.
schedules = Table(
    "schedules",
    metadata,
    Column("id", Text, primary_key=True),
    Column("author", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("held_until", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Index("schedules_by_due", "due"),
)

posted = Table(
    "posted",
    metadata,
    Column("key", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("posted_to_a_channel", "channel", "at"),
)

PERSONAL = (ratings, pages, lines)
"""Every table that holds something about a person, by `person`: what forgetting empties."""
