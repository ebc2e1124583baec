"""Nobody answers in time: what silence means, and whose answer counts (W84-W86)."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.acceptance.acting import Log, Way, asked
from workflows import (
    Condition,
    HumanReview,
    Loop,
    OnTimeout,
    Parallel,
    Router,
    Step,
    StepRequirement,
    Steps,
    UserInputField,
    Workflow,
)
from workflows.db import SqliteDb
from workflows.hop import hop
from workflows.models import Requirement
from workflows.run import RunStatus, WorkflowRunOutput

MINUTE = timedelta(minutes=1)


def gated(handle: SqliteDb, log: Log, on_timeout: Any, **options: Any) -> Workflow:
    """A step that asks and waits for an hour, and an end."""
    settings: dict[str, Any] = {"requires_confirmation": True, "hitl_timeout": 3600} | options
    gate = Step("gate", log.step("gate"), on_timeout=on_timeout, **settings)
    return Workflow(name="gated", db=handle, steps=[gate, log.step("end")])


def deadline(handle: SqliteDb, run: WorkflowRunOutput, at: datetime) -> None:
    """Let the run's open questions have another deadline."""
    using = handle.runs.using  # type: ignore[attr-defined]
    open_ones = Requirement.objects.using(using).open().filter(run=UUID(run.run_id))
    hop(open_ones.update, timeout_at=at)


def pass_by(handle: SqliteDb, run: WorkflowRunOutput) -> None:
    """Let the deadline pass."""
    deadline(handle, run, datetime.now(UTC) - MINUTE)


@pytest.mark.parametrize(
    ("at", "passed"), [(None, False), (MINUTE, False), (-MINUTE, True)], ids=["none", "future", "past"]
)
def test_w84_a_deadline_has_passed_or_not(at: timedelta | None, passed: bool) -> None:
    requirement = StepRequirement("s", timeout_at=None if at is None else datetime.now(UTC) + at)
    assert requirement.is_timed_out is passed


def test_w84_the_deadline_is_the_pause_and_the_seconds(handle: SqliteDb, log: Log) -> None:
    requirement = asked(gated(handle, log, "cancel").run("x"))
    assert requirement.timeout_at
    left = requirement.timeout_at - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)
    assert requirement.on_timeout == OnTimeout.cancel


@pytest.mark.parametrize(
    ("on_timeout", "status", "calls"),
    [
        ("approve", RunStatus.completed, ["gate", "end"]),
        ("skip", RunStatus.completed, ["end"]),
        ("reject", RunStatus.completed, ["end"]),
        ("cancel", RunStatus.cancelled, []),
    ],
)
def test_w85_silence_is_applied_when_the_run_is_continued(
    handle: SqliteDb, log: Log, way: Way, on_timeout: str, status: RunStatus, calls: list[str]
) -> None:
    workflow = gated(handle, log, on_timeout)
    run = way.run(workflow)
    pass_by(handle, run)
    assert way.resume(workflow, run).status is status
    assert log.calls == calls


def test_w85_a_rejection_by_silence_follows_on_reject(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log, "reject", on_reject="retry", hitl_max_retries=1)
    run = workflow.run("x")
    for _ in range(2):
        pass_by(handle, run)
        run = workflow.continue_run(run)
    assert run.content == "Max retries (1) reached for step 'gate'"


REVIEW = HumanReview(requires_confirmation=True, timeout=60, on_timeout=OnTimeout.approve)


@pytest.mark.parametrize("kind", ["Steps", "Condition", "Loop", "Router", "Parallel"])
def test_w85_every_primitive_has_deadlines(handle: SqliteDb, log: Log, kind: str) -> None:
    step = log.step("inside")
    items: dict[str, Any] = {
        "Steps": Steps(name="c", steps=[step], human_review=REVIEW),
        "Condition": Condition([step], name="c", human_review=REVIEW),
        "Loop": Loop([step], name="c", max_iterations=1, human_review=REVIEW),
        "Router": Router([step], name="c", selector=lambda _: "inside", human_review=REVIEW),
        "Parallel": Parallel(step, name="c", human_review=REVIEW),
    }
    workflow = Workflow(name="timed", db=handle, steps=[items[kind]])
    run = workflow.run("x")
    pass_by(handle, run)
    assert workflow.continue_run(run).status is RunStatus.completed
    assert log.calls == ["inside"]


@pytest.mark.parametrize(("value", "status"), [("csv", "COMPLETED"), (None, "CANCELLED")])
def test_w85_a_form_is_approved_with_its_defaults_or_not_at_all(
    handle: SqliteDb, log: Log, value: str | None, status: str
) -> None:
    fields = [UserInputField("format", value=value)]
    workflow = gated(
        handle,
        log,
        "approve",
        requires_confirmation=False,
        requires_user_input=True,
        user_input_schema=fields,
    )
    run = workflow.run("x")
    pass_by(handle, run)
    assert workflow.continue_run(run).status == status
    if value:
        assert (log.seen["gate"].additional_data or {})["user_input"] == {"format": "csv"}


def test_w85_a_choice_without_a_proposal_is_cancelled(handle: SqliteDb, log: Log) -> None:
    review = HumanReview(requires_user_input=True, timeout=60, on_timeout=OnTimeout.approve)
    router = Router([log.step("a"), log.step("b")], name="r", human_review=review)
    workflow = Workflow(name="routed", db=handle, steps=[router])
    run = workflow.run("x")
    pass_by(handle, run)
    assert workflow.continue_run(run).is_cancelled


def test_w85_a_review_has_a_deadline_too(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log, "approve", requires_confirmation=False, requires_output_review=True)
    run = workflow.run("x")
    pass_by(handle, run)
    assert workflow.continue_run(run).content == "end(gate(x))"


@pytest.mark.parametrize(("answer", "calls"), [(True, ["gate", "end"]), (False, ["end"])])
def test_w86_an_answer_in_time_counts_however_late_it_is_continued(
    handle: SqliteDb, log: Log, answer: bool, calls: list[str]
) -> None:
    workflow = gated(handle, log, "skip" if answer else "approve")
    run = workflow.run("x")
    asked(run).confirmed = answer
    deadline(handle, run, datetime.now(UTC))
    workflow.continue_run(run)
    assert log.calls == calls


def test_a_late_answer_does_not_count_and_its_author_is_told(
    handle: SqliteDb, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    workflow = gated(handle, log, "cancel")
    run = workflow.run("x")
    pass_by(handle, run)
    asked(run).confirm()
    with caplog.at_level(logging.WARNING, logger="workflows.scripts"):
        done = workflow.continue_run(run)
    assert done.is_cancelled
    assert "The answer to step 'gate' came after its deadline" in caplog.text
    assert asked_again(done).confirmed is False, "the object tells what counted"


def asked_again(run: WorkflowRunOutput) -> StepRequirement:
    """The last question of a run, open or not."""
    return (run.step_requirements or [])[-1]
