"""Keys that sort by the time they were made: UUIDv7, from a library because Python < 3.14 has none."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7."""
    return uuid7()


def id_in(text: str) -> UUID | None:
    """The key that a text from outside is; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
