"""At once: all of it, or nothing where the run does not stand as its driver knows it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests.rows import a_run
from workflows.acting import ENGINE, append_event
from workflows.audit.chain import Head
from workflows.ids import new_id
from workflows.models import RunEvent, StepRecord, Value, WorkflowRun
from workflows.store.at_once import Known, at_once
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 7, 8, 9, 123456, tzinfo=UTC)


def known(run: WorkflowRun) -> Known:
    return Known(run_id=run.id, fence=run.fence, head=Head(digest=run.chain_head, length=run.chain_length))


def written(run: WorkflowRun, memo: object = None, values: int = 1) -> bool:
    """Some of everything, of a run as it was when it was read."""
    with at_once("default", known(run)) as writing:
        writing.insert_values(
            (new_id(), run.id, "step", f"call:{number}", '"a\\\\b \' ü"') for number in range(values)
        )
        record = ("step", "step", "Step", "running", 1, 0, "call:0", memo or {}, None, NOW, None)
        writing.upsert_records([(new_id(), run.id, *record)])
        grown = writing.insert_events(
            run.id, [(new_id(), run.id, "StepStarted", "step", None, "engine", {"of": [1, None]}, NOW)]
        )
        return writing.send(grown | {"status": "RUNNING", "wake_at": NOW}, "save.within")


def test_what_was_written_is_there_as_it_was_given() -> None:
    run = a_run()
    assert written(run, memo={"told": True, "text": "…"}, values=250)

    run.refresh_from_db()
    record = StepRecord.objects.get(run=run)
    assert (run.status, run.wake_at, run.chain_length) == (RunStatus.running, NOW, 1)
    assert (record.memo, record.started_at, record.finished_at) == ({"told": True, "text": "…"}, NOW, None)
    assert (record.tries, record.in_flight, record.output) == (1, "call:0", None)
    assert Value.objects.filter(run=run, data='"a\\\\b \' ü"').count() == 250
    assert RunEvent.objects.get(run=run).data == {"of": [1, None]}


def test_what_is_known_already_is_changed() -> None:
    run = a_run()
    written(run)
    run.refresh_from_db()
    written(run, memo={"again": 1}, values=0)

    assert StepRecord.objects.get(run=run).memo == {"again": 1}
    assert list(run.events.values_list("position", flat=True)) == [1, 2]


def nested(levels: int) -> dict[str, object]:
    made: dict[str, object] = {}
    for _ in range(levels):
        made = {"in": made}
    return made


def test_what_is_nested_deeply_is_written_as_well() -> None:
    run = a_run()
    assert written(run, memo=nested(400))

    assert StepRecord.objects.get(run=run).memo == nested(400)


def fenced(run: WorkflowRun) -> None:
    WorkflowRun.objects.filter(id=run.id).update(fence=run.fence + 1)


def told(run: WorkflowRun) -> None:
    append_event(WorkflowRun.objects.get(id=run.id), "Commented", ENGINE)


def cancelled(run: WorkflowRun) -> None:
    WorkflowRun.objects.filter(id=run.id).update(cancel_requested_by="admin")


@pytest.mark.parametrize("happens", [fenced, told, cancelled])
def test_nothing_is_written_after_something_else_has_happened(
    happens: Callable[[WorkflowRun], None],
) -> None:
    run = a_run()
    happens(run)
    events = run.events.count()

    assert not written(run)
    assert (Value.objects.count(), StepRecord.objects.count(), run.events.count()) == (0, 0, events)
    assert WorkflowRun.objects.get(id=run.id).status == RunStatus.pending


def test_a_save_without_events_finds_out_as_well() -> None:
    run = a_run(wake_at=timezone.now())
    for stands in (True, False):
        with at_once("default", known(run)) as writing:
            assert writing.send({}, "save.within") is stands
        fenced(run)


def test_a_run_that_its_source_has_sent_before_is_not_written_again() -> None:
    first = a_run(source="script", external_id="mine")
    again = WorkflowRun(workflow=first.workflow, session=first.session, source="script", external_id="mine")

    with at_once("default", known(again)) as writing:
        writing.insert_values([(new_id(), again.id, "", "inputs", "{}")])
        assert not writing.create(again, {})
    assert list(WorkflowRun.objects.all()) == [first]
    assert not Value.objects.exists()
