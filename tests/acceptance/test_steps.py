"""Groups of steps that people start (W59)."""

from typing import Any

from tests.acceptance.acting import Log, Way, asked, results
from workflows import Step, Steps, Workflow
from workflows.db import SqliteDb


def grouped(handle: SqliteDb, log: Log, *inner: Any, **options: Any) -> Workflow:
    """A group of two steps or of those given, and an end."""
    steps = list(inner) or [log.step("one"), log.step("two")]
    group = Steps(name="group", steps=steps, **options)
    return Workflow(name="grouped", db=handle, steps=[group, log.step("end")])


def test_w59_a_yes_runs_all_of_them(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = grouped(handle, log, requires_confirmation=True)
    run = way.run(workflow)
    assert asked(run).confirmation_message == "Execute steps pipeline 'group'?"
    asked(run).confirm()
    assert way.resume(workflow, run).content == "end(two(one(x)))"


def test_w59_a_no_runs_none(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = grouped(handle, log, requires_confirmation=True)
    run = way.run(workflow)
    asked(run).reject()
    assert results(way.resume(workflow, run)) == {"end": "end(x)"}


def test_a_step_inside_asks_too(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = grouped(handle, log, log.step("one"), Step("two", log.step("two"), requires_confirmation=True))
    run = way.run(workflow)
    assert (run.paused_step_name, asked(run).step_name, log.calls) == ("group", "two", ["one"])
    asked(run).confirm()
    assert way.resume(workflow, run).content == "end(two(one(x)))"


def test_the_whole_workflow_may_be_one_group(handle: SqliteDb, log: Log) -> None:
    group = Steps(name="group", steps=[log.step("one"), log.step("two")])
    assert Workflow(name="whole", db=handle, steps=group).run("x").content == "two(one(x))"
