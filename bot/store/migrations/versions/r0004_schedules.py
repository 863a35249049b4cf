"""Schedules: lines that are posted to channels; and what was posted where the store itself is the channel."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, and the indexes that find what is due and a channel's newest posts."""
    op.create_table(
        "schedules",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
    )
    op.create_index("schedules_by_due", "schedules", ["due"])
    op.create_table(
        "posted",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("posted_to_a_channel", "posted", ["channel", "at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("posted")
    op.drop_table("schedules")
