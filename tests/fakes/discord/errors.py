"""Discord's error answers: a status, a JSON code, and for a bad form the errors nested by field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


@dataclass
class ApiError(Exception):
    """An answer that is not a success."""

    status: int
    code: int
    message: str
    errors: dict[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """The JSON body."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        return body | {"errors": self.errors} if self.errors else body


UNAUTHORIZED = ApiError(401, 0, "401: Unauthorized")
UNKNOWN_ROUTE = ApiError(404, 0, "404: Not Found")
UNKNOWN_CHANNEL = ApiError(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = ApiError(404, 10004, "Unknown Guild")
UNKNOWN_MESSAGE = ApiError(404, 10008, "Unknown Message")
UNKNOWN_USER = ApiError(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = ApiError(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = ApiError(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = ApiError(404, 10063, "Unknown application command")
TOO_MANY_COMMANDS = ApiError(400, 30032, "Maximum number of application commands reached (100)")
TOO_LARGE = ApiError(413, 40005, "Request entity too large")
ACKNOWLEDGED = ApiError(400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = ApiError(403, 50001, "Missing Access")
NOT_YOUR_MESSAGE = ApiError(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = ApiError(400, 50006, "Cannot send an empty message")
MISSING_PERMISSIONS = ApiError(403, 50013, "Missing Permissions")
BAD_WEBHOOK_TOKEN = ApiError(401, 50027, "Invalid Webhook Token")
NONCE_TOO_LONG = ApiError(400, 50035, "Invalid Form Body")
BAD_JSON = ApiError(400, 50109, "The request body contains invalid JSON.")


class Problems:
    """What is wrong with a form, field by field."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one error at a field."""
        node = self._tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def text(self, path: Path, value: object, high: int, *, low: int = 0) -> None:
        """A string of `low` to `high` code points; the API is Python, so it counts them as `len` does."""
        if value is None or (low and isinstance(value, str) and not value.strip()):
            if low:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif len(value) > high and low:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        elif len(value) > high:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")

    def count(self, path: Path, values: list[Any], high: int, *, low: int = 0) -> None:
        """A list of `low` to `high` entries."""
        if low and not low <= len(values) <= high:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        elif len(values) > high:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")

    def choice(self, path: Path, value: object, allowed: tuple[Any, ...]) -> None:
        """One of a few values."""
        if value not in allowed or isinstance(value, bool):
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {set(allowed)}.")

    def check(self) -> None:
        """Raise 50035 when anything was noted."""
        if self._tree:
            raise ApiError(400, 50035, "Invalid Form Body", self._tree)
