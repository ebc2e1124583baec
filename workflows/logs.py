"""Logs: each line says which run and which requirement it is about, as text or as JSON."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import UUID

NAMES = ("run", "requirement")

_about: ContextVar[dict[str, str]] = ContextVar("about")


@contextmanager
def about(**ids: UUID) -> Iterator[None]:
    """What is logged meanwhile in this thread is about this run or requirement."""
    token = _about.set(_about.get({}) | {name: str(key) for name, key in ids.items()})
    try:
        yield
    finally:
        _about.reset(token)


def wordless(error: BaseException, around: frozenset[int] = frozenset()) -> BaseException:
    """An exception of authors' code as it may be logged: its type, where it was raised and what led to it, without what
    it says, which may be what a run was given. `around` are those that it led to."""
    kind = type(error)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    bare: BaseException = type(kind.__name__, (Exception,), names)()
    if isinstance(error, BaseExceptionGroup):
        bare = BaseExceptionGroup("", [wordless(one, around | {id(error)}) for one in error.exceptions])
    bare.__traceback__ = error.__traceback__
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in around:
        bare.__context__ = wordless(before, around | {id(error)})
        bare.__cause__ = bare.__context__ if error.__cause__ else None
        bare.__suppress_context__ = bool(error.__cause__)
    return bare


class AboutFilter(logging.Filter):
    """Puts `run` and `requirement` on every record, empty where it is about none; what the call says wins."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = _about.get({})
        for name in NAMES:
            said = getattr(record, name, None)
            setattr(record, name, str(said) if isinstance(said, UUID | str) else known.get(name, ""))
        return True


class TextFormatter(logging.Formatter):
    """A line for people; ids at its end. What somebody has sent begins no line of its own, and hides nothing."""

    def format(self, record: logging.LogRecord) -> str:
        ids = [f"{name}={getattr(record, name)}" for name in NAMES if getattr(record, name, "")]
        line, *rest = super().format(record).split("\n")
        return "\n".join([" ".join([line, *ids]), *rest])

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  as the base class spells it
        record.message = "".join(
            each if each.isprintable() else each.encode("unicode_escape").decode() for each in record.message
        )
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        said |= {name: getattr(record, name) for name in NAMES if getattr(record, name, "")}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)
