"""Ratings: one verdict a person and track."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table and the index that finds a room's newest likes."""
    op.create_table(
        "ratings",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("track_id", sa.Text, primary_key=True),
        sa.Column("verdict", sa.SmallInteger, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("verdict IN (-1, 1)", name="verdict_is_a_thumb"),
    )
    op.create_index("ratings_of_a_room", "ratings", ["room", "at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ratings")
