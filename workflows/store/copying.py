"""Copying: what is kept of one run becomes the beginning of another one: its records, and the values behind them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils import timezone

from workflows.engine.filled import PUT_AWAY
from workflows.engine.forking import Cut
from workflows.engine.snapshot import Saved
from workflows.ids import new_id
from workflows.models import StepRecord, Value, WorkflowRun
from workflows.types import StepStatus

FIELDS = ("path", "name", "kind", "status", "tries", "cursor", "memo")
AT_ONCE = 500
INPUTS = "inputs"

Ids = Mapping[tuple[str, str], UUID]


def saved_of(run: WorkflowRun) -> list[Saved]:
    """Everything that has happened in a run, in order, as data; one query."""
    rows = run.records.order_by("started_at", "id").values(*FIELDS, "in_flight", "output__slot")
    return [
        Saved(
            **{name: row[name] for name in FIELDS},
            in_flight=row["in_flight"] or None,
            slot=row["output__slot"],
        )
        for row in rows
    ]


def data_at(run: WorkflowRun, path: str, slot: str) -> dict[str, Any]:
    """What is kept in a slot, as data with its tags; a query."""
    found: dict[str, Any] = json.loads(run.values.values_list("data", flat=True).get(path=path, slot=slot))
    return found


def copy_into(new: WorkflowRun, old: WorkflowRun, made: Cut) -> None:
    """Write the records and values that a new run begins with; some queries for every few hundred of them."""
    ids = _copied_values(new, old, made)
    times = {path: times for path, *times in old.records.values_list("path", "started_at", "finished_at")}
    rows = (_record(new, record, ids, times, made) for record in made.records)
    for some in _portions(rows):
        StepRecord.objects.bulk_create(some)


def _copied_values(new: WorkflowRun, old: WorkflowRun, made: Cut) -> Ids:
    places = old.values.values_list("id", "path", "slot")
    wanted = {key: (path, slot) for key, path, slot in places if _is_kept(path, slot, made)}
    ids: dict[tuple[str, str], UUID] = {}
    for keys in _portions(wanted):
        values = [
            Value(id=new_id(), run=new, path=value.path, slot=value.slot, data=value.data)
            for value in Value.objects.filter(id__in=keys)
        ]
        Value.objects.bulk_create(values)
        ids |= {(value.path, value.slot): value.id for value in values}
    return ids


def _is_kept(path: str, slot: str, made: Cut) -> bool:
    if not path and (slot == INPUTS or slot.startswith(PUT_AWAY)):
        return False  # what the new run was given came with it
    return path in made.whole or slot in made.slots.get(path, ())


def _record(
    new: WorkflowRun, record: Saved, ids: Ids, times: Mapping[str, list[Any]], made: Cut
) -> StepRecord:
    begun, ended = times[record.path] if record.path in made.whole else (timezone.now(), None)
    return StepRecord(
        run=new,
        in_flight=record.in_flight or "",
        output_id=ids[record.path, record.slot] if record.slot else None,
        started_at=begun,
        finished_at=ended if StepStatus(record.status).finished else None,
        **{name: getattr(record, name) for name in FIELDS},
    )


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    while some := list(islice(rest, AT_ONCE)):
        yield some
