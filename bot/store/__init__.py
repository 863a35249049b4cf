"""What Timbre remembers about people, in SQLite or PostgreSQL; importing it loads neither driver nor SQLAlchemy."""

from bot.store.store import Store
from bot.store.trouble import StoreError

__all__ = ["Store", "StoreError"]
