"""Claims: the right to drive a run. A claim is a lease: while it lasts `wake_at` is its end, so that the query for
due runs finds what a dead worker left behind; its fence tells an old holder from a new one.

Which run is next is one statement: the highest priority first, then the longest due; without what its workflow, or its
queue key, has no room for. The index of the queue begins with the priority, so each priority is looked at by itself:
neither a long queue nor many runs that wait for a deadline are read through.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Q
from django.utils import timezone

from workflows import points
from workflows.models import Priority, Workflow, WorkflowRun
from workflows.store.statements import by_hand

# What is due later than this is nothing to wait for: somebody looks again before.
HORIZON = timedelta(minutes=1)

# `driven`: who has a lease right now. It is found by when leases end, which needs no index of its own.
ROOM = """
WITH driven AS (
    SELECT workflow_id, queue_key FROM {run}
    WHERE priority IN ({priorities}) AND wake_at > %s AND wake_at <= %s AND lease_owner <> ''
), allowed AS (
    SELECT id, max_per_key FROM {workflow} AS w WHERE name IN ({names})
    AND (max_running IS NULL OR max_running > (SELECT count(*) FROM driven WHERE driven.workflow_id = w.id))
)
"""
# SQLite reads the tables of a CROSS JOIN in this order, so that the queue's index is what it walks along.
FIRST = """
SELECT * FROM (
    SELECT r.id, r.wake_at, r.priority FROM {run} AS r CROSS JOIN allowed AS a
    WHERE a.id = r.workflow_id AND r.priority = {priority} AND r.wake_at <= %s AND (
        a.max_per_key IS NULL OR r.queue_key = ''
        OR a.max_per_key > (SELECT count(*) FROM driven WHERE driven.queue_key = r.queue_key))
    ORDER BY r.wake_at LIMIT 1{lock}
) AS first_{priority}
"""
LOOK = """
{room} SELECT wake_at, EXISTS (
    SELECT 1 FROM {workflow} WHERE max_running IS NOT NULL OR max_per_key IS NOT NULL
) FROM ({firsts}) AS found ORDER BY wake_at LIMIT 1
"""
TAKE = """
{room} UPDATE {run} SET fence = fence + 1, lease_owner = %s, wake_at = %s
WHERE wake_at <= %s AND id = (SELECT id FROM ({firsts}) AS found ORDER BY priority DESC LIMIT 1)
RETURNING id, fence, (SELECT name FROM {workflow} WHERE {workflow}.id = workflow_id)
"""


def lease() -> timedelta:
    """How long a claim lasts without a heartbeat."""
    return timedelta(seconds=settings.HITL_LEASE_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to drive one run, until somebody claims it with a higher fence."""

    run_id: UUID
    workflow: str
    owner: str
    fence: int


class Due(NamedTuple):
    """When the next run is due, and whether any workflow has a limit."""

    at: datetime
    limited: bool


def claim_run(run_id: UUID, owner: str, using: str = DEFAULT_DB_ALIAS) -> Claim | None:
    """Claim one run that nobody drives, whether it is due or not; None when somebody does, or it has ended."""
    now = timezone.now()
    with by_hand(using) as statements:
        taken = statements.take(run_id, owner, now, until=now + lease())
    if taken is None:
        return None
    fence, workflow = taken
    return Claim(run_id=run_id, workflow=workflow, owner=owner, fence=fence)


def claim(owner: str, workflows: Iterable[str], using: str = DEFAULT_DB_ALIAS) -> Claim | None:
    """Claim the next run of the workflows that this process knows; None when nothing is due that there is room for."""
    names, now = list(workflows), timezone.now()
    due = _look(names, now, using)
    if due is None or due.at > now:
        return None
    with _alone(using) if due.limited else nullcontext():
        return _take(names, owner, using)


def next_due(workflows: Iterable[str], using: str = DEFAULT_DB_ALIAS) -> datetime | None:
    """When the next run of these workflows is due that there is room for; None when that is no time soon."""
    due = _look(list(workflows), timezone.now(), using)
    return due.at if due else None


def _look(names: list[str], now: datetime, using: str) -> Due | None:
    """What is due first, without a lock."""
    rows = _run(using, LOOK, names, now, until=now + HORIZON) if names else []
    for at, limited in rows:
        return Due(at if at.tzinfo else at.replace(tzinfo=connections[using].timezone), bool(limited))
    return None


def _take(names: list[str], owner: str, using: str) -> Claim | None:
    now = timezone.now()
    for run_id, fence, workflow in _run(
        using, TAKE, names, now, until=now, changes=(owner, now + lease(), now)
    ):
        # SQLite keeps a UUID as text.
        key = run_id if isinstance(run_id, UUID) else UUID(run_id)
        points.reached("claim.after")
        return Claim(run_id=key, workflow=workflow, owner=owner, fence=fence)
    return None


@contextmanager
def _alone(using: str) -> Iterator[None]:
    """Meanwhile nobody else counts who is driven: two could find the last place free at once."""
    with transaction.atomic(using=using):
        limited = Q(max_running__isnull=False) | Q(max_per_key__isnull=False)
        rows = Workflow.objects.using(using).filter(limited).order_by("id")
        list(rows.select_for_update(no_key=True).values_list("id"))
        yield


def _run(
    using: str,
    statement: str,
    names: list[str],
    now: datetime,
    *,
    until: datetime,
    changes: Sequence[Any] = (),
) -> list[tuple[Any, ...]]:
    connection = connections[using]
    params = [now, now + 2 * lease(), *names, *changes, *[until] * len(Priority)]
    moment = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            _text(connection.vendor, statement, len(names)),
            [moment(value) if isinstance(value, datetime) else value for value in params],
        )
        return list(cursor.fetchall())


@cache
def _text(vendor: str, statement: str, names: int) -> str:
    """A statement for a database, with so many names of workflows."""
    tables = {"run": WorkflowRun._meta.db_table, "workflow": Workflow._meta.db_table}
    # Who takes the row that another one has just taken would come back with nothing.
    lock = " FOR UPDATE OF r SKIP LOCKED" if vendor == "postgresql" and statement is TAKE else ""
    firsts = [FIRST.format(priority=priority.value, lock=lock, **tables) for priority in Priority]
    priorities = ", ".join(str(priority.value) for priority in Priority)
    room = ROOM.format(priorities=priorities, names=", ".join(["%s"] * names), **tables)
    return statement.format(room=room, firsts=" UNION ALL ".join(firsts), **tables)
