"""Clocks: those of this process, of the web process, of the database, of the proxy, and of the workers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor import seeing
from hitl_portal.doctor.findings import Check, Finding, Subject, failed, skipped, together
from hitl_portal.doctor.reaching import Unreached, unreached
from workflows.clock import LIVE, TOLERANCE
from workflows.models import Requirement, WorkerBeat
from workflows.timekeeping import time_of_database

# The Date header has whole seconds.
ROUGHLY = TOLERANCE + timedelta(seconds=1)


def database_clock() -> Finding:
    """This process's clock beside the database server's."""
    if connection.vendor != "postgresql":
        return skipped(_("The database is a file: it has no clock of its own."))
    before = timezone.now()
    return together(
        _apart(_("the database"), time_of_database(), before, TOLERANCE),
        _("The database has the same time as this process."),
    )


def web_clocks() -> Finding:
    """This process's clock beside the web process's and the proxy's, as both say it at the public address."""
    try:
        seen = seeing.look()
    except (Unreached, seeing.Strange):
        return unreached() or skipped(_("What answers there is not this portal: see the public address."))
    asked = _moment(seen.asked)
    wrong = [*_apart(_("the web process"), _moment(seen.at), asked, TOLERANCE, seen.answered - seen.asked)]
    date = seen.reply.headers.get("date", "")
    if date:
        there = parsedate_to_datetime(date)
        wrong += _apart(_("the proxy"), there, asked, ROUGHLY, seen.answered - seen.asked)
    return together(wrong, _("The web process and the proxy have the same time as this process."))


def worker_clocks() -> Finding:
    """What was written with a time that has not come yet, by a clock that is ahead."""
    now = timezone.now()
    return together(
        [*_of_workers(now), *_of_questions(now)], _("Nothing was written with a time that has not come yet.")
    )


def _of_workers(now: datetime) -> Iterator[Finding]:
    for beat in WorkerBeat.objects.filter(seen_at__gt=now + TOLERANCE):
        yield from _apart(_("the worker %(name)s") % {"name": beat.name}, beat.seen_at, now, TOLERANCE)
    for beat in WorkerBeat.objects.filter(concurrency=0):
        if beat.is_alive(now):
            yield failed(
                _("The worker %(name)s takes no runs: its clock is not the database's.")
                % {"name": beat.name},
                _("Let both set their clocks by the network (NTP): then it goes on by itself."),
            )


def _of_questions(now: datetime) -> Iterator[Finding]:
    asked = Requirement.objects.filter(status__in=LIVE, opened_at__gt=now + TOLERANCE).count()
    if asked:
        yield failed(
            _("%(count)d requirements were asked at times that have not come yet.") % {"count": asked},
            _("A clock was ahead: once all are right, the workers move such times within seconds."),
        )


def _apart(
    whose: str, there: datetime, here: datetime, tolerance: timedelta, took: float | None = None
) -> Iterator[Finding]:
    """What is wrong where the other clock is further away than the tolerance, and the time that the answer took."""
    took = timezone.now().timestamp() - here.timestamp() if took is None else took
    by = there - here
    if -tolerance <= by <= tolerance + timedelta(seconds=took):
        return
    seconds = abs(by.total_seconds())
    way = _("ahead of") if by > timedelta() else _("behind")
    yield failed(
        _("The clock of %(whose)s is %(seconds).0f s %(way)s this one.")
        % {"whose": whose, "seconds": seconds, "way": way},
        _("Let both set their clocks by the network (NTP): deadlines, signatures and leases depend on them."),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


SUBJECT = Subject(
    name="clocks",
    title=gettext_lazy("Clocks"),
    checks=(
        Check(
            name="web-clocks",
            title=gettext_lazy("Clocks of web process and proxy"),
            looked_at=gettext_lazy(
                "Compares their time, and the Date that the proxy sends, with the time here."
            ),
            look=web_clocks,
        ),
        Check(
            name="database-clock",
            title=gettext_lazy("Clock of the database"),
            looked_at=gettext_lazy("Asks the database for its time."),
            look=database_clock,
        ),
        Check(
            name="worker-clocks",
            title=gettext_lazy("Clocks of workers"),
            looked_at=gettext_lazy("Looks for signs of life and requirements from the future."),
            look=worker_clocks,
        ),
    ),
)
