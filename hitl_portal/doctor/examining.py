"""Runs checks side by side, each in a thread and for its time, and tells of each as soon as it is done."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from django.db import connections
from django.urls import get_script_prefix, set_script_prefix
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from hitl_portal.doctor.findings import Check, Finding, failed

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a check has found, and after how many seconds."""

    check: Check
    finding: Finding
    took: float


def examine(checks: Iterable[Check]) -> Iterator[Result]:
    """Run all of them now; the results in the order in which they come.

    A check that is not done in its time counts as failed; its thread is left behind and ends with what it waits for.
    """
    waiting = {check.name: check for check in checks}
    done: SimpleQueue[Result] = SimpleQueue()
    began = time.monotonic()
    told = (get_language(), get_script_prefix())
    for check in waiting.values():
        Thread(target=_work, args=(check, done, *told), name=f"doctor {check.name}", daemon=True).start()
    while waiting:
        for result in _next(waiting, done, began):
            if waiting.pop(result.check.name, None):
                yield result


def _next(waiting: dict[str, Check], done: "SimpleQueue[Result]", began: float) -> list[Result]:
    """One that is done, or those whose time is over."""
    left = began + min(check.seconds for check in waiting.values()) - time.monotonic()
    try:
        return [done.get(timeout=max(left, 0.0))]
    except Empty:
        passed = time.monotonic() - began
        return [_late(check) for check in waiting.values() if check.seconds <= passed]


def _late(check: Check) -> Result:
    found = _("It was not done within %(seconds)g s.") % {"seconds": check.seconds}
    remedy = _("Whatever it waits for hangs or is overloaded: look there, then look again.")
    return Result(check=check, finding=failed(found, remedy), took=check.seconds)


def _work(check: Check, done: "SimpleQueue[Result]", language: str | None, prefix: str) -> None:
    """In a thread of its own, which knows neither the language of who asked nor below which path the portal is."""
    set_script_prefix(prefix)
    with override(language):
        done.put(_look(check))


def _look(check: Check) -> Result:
    began = time.monotonic()
    try:
        finding = check.look()
    except Exception as error:  # whatever it is, it is what the doctor was called for
        log.exception("the check %s could not be made", check.name)
        finding = _broken(error)
    finally:
        connections.close_all()
    return Result(check=check, finding=finding, took=time.monotonic() - began)


def _broken(error: Exception) -> Finding:
    found = _("The look itself failed: %(kind)s: %(error)s") % {"kind": type(error).__name__, "error": error}
    return failed(found, _("The log of this process has the details."))
