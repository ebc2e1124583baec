"""Routers: chosen by a person, by a selector that a person confirms, and again after a review (W40-W46)."""

from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, kinds, needs_cel, results
from workflows import HumanReview, OnReject, Router, Step, StepInput, Steps, Workflow
from workflows.db import SqliteDb
from workflows.run import RouterPausedEvent, RunStatus, StepPausedEvent


def routed(handle: SqliteDb, log: Log, **options: Any) -> Workflow:
    """Prepare, one of three analyses, report."""
    choices = [Step(name, log.step(name), description=f"{name} one") for name in ("quick", "deep", "custom")]
    router = Router(choices, name="analysis", **options)
    return Workflow(name="routed", db=handle, steps=[log.step("prepare"), router, log.step("report")])


def chosen(handle: SqliteDb, log: Log, **options: Any) -> Workflow:
    """The same, where a person chooses."""
    return routed(handle, log, requires_user_input=True, **options)


def deep(step_input: StepInput) -> str:
    """Choose the deep one."""
    return "deep"


def test_w40_one_choice_runs_alone_and_flows_on(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = chosen(handle, log)
    run = way.run(workflow)
    (requirement,) = run.steps_requiring_route
    assert requirement.available_choices == ["quick", "deep", "custom"]
    requirement.select("deep")
    assert way.resume(workflow, run).content == "report(deep(prepare(x)))"
    assert log.calls == ["prepare", "deep", "report"]


def test_w40_choices_come_with_their_descriptions(handle: SqliteDb, log: Log) -> None:
    requirement = asked(chosen(handle, log).run("x"))
    assert requirement.choice_descriptions == {
        "quick": "quick one",
        "deep": "deep one",
        "custom": "custom one",
    }


def test_w41_two_choices_need_permission(handle: SqliteDb, log: Log) -> None:
    requirement = asked(chosen(handle, log).run("x"))
    with pytest.raises(ValueError, match="This router only allows single selection"):
        requirement.select("quick", "deep")


def test_w41_several_run_in_the_order_of_the_choices(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = chosen(handle, log, allow_multiple_selections=True)
    run = way.run(workflow)
    asked(run).select_multiple(["custom", "quick"])
    assert way.resume(workflow, run).content == "report(custom(quick(prepare(x))))"


def test_w42_select_multiple_needs_permission(handle: SqliteDb, log: Log) -> None:
    requirement = asked(chosen(handle, log).run("x"))
    with pytest.raises(ValueError, match="This router does not allow multiple selections"):
        requirement.select_multiple(["quick"])


def test_w43_a_route_that_is_not_there_is_refused_with_those_that_are(handle: SqliteDb, log: Log) -> None:
    workflow = chosen(handle, log)
    run = workflow.run("x")
    with pytest.raises(ValueError, match=r"Unknown route: nope\. Available choices: quick, deep, custom"):
        asked(run).select("nope")
    asked(run).selected_choices = ["nope"]
    with pytest.raises(ValueError, match=r"Unknown: nope\. Choose from: quick, deep, custom"):
        workflow.continue_run(run)


def test_w44_groups_among_the_choices_have_names(handle: SqliteDb, log: Log) -> None:
    choices = [
        Steps(name="both", steps=[log.step("a"), log.step("b")]),
        [log.step("c"), log.step("d")],
        log.step("e"),
    ]
    router = Router(choices, name="r", requires_user_input=True)
    workflow = Workflow(name="groups", db=handle, steps=[router])
    run = workflow.run("x")
    assert asked(run).available_choices == ["both", "steps_group_1", "e"]
    asked(run).select("steps_group_1")
    assert workflow.continue_run(run).content == "d(c(x))"


def test_w45_a_confirmed_router_runs_the_route_that_was_shown(handle: SqliteDb, log: Log, way: Way) -> None:
    asked_for: list[str] = []

    def select(step_input: StepInput) -> str:
        asked_for.append("selector")
        return "deep"

    workflow = routed(handle, log, selector=select, requires_confirmation=True)
    run = way.run(workflow)
    assert asked(run).proposed_choices == ["deep"]
    assert asked(run).confirmation_message == "Execute router 'analysis' with selected steps?"
    asked(run).confirm()
    assert way.resume(workflow, run).content == "report(deep(prepare(x)))"
    assert asked_for == ["selector"]


@pytest.mark.parametrize(
    ("policy", "calls", "status"),
    [
        ("skip", ["prepare", "report"], RunStatus.completed),
        ("cancel", ["prepare"], RunStatus.cancelled),
    ],
)
def test_w45_a_rejected_router_is_skipped_or_ends_the_run(
    handle: SqliteDb, log: Log, way: Way, policy: str, calls: list[str], status: RunStatus
) -> None:
    workflow = routed(handle, log, selector=deep, requires_confirmation=True, on_reject=policy)
    run = way.run(workflow)
    asked(run).reject()
    assert way.resume(workflow, run).status is status
    assert log.calls == calls


def test_a_rejected_router_with_retry_offers_the_choice(handle: SqliteDb, log: Log) -> None:
    workflow = routed(handle, log, selector=deep, requires_confirmation=True, on_reject="retry")
    run = workflow.run("x")
    asked(run).reject()
    run = workflow.continue_run(run)
    asked(run).select("quick")
    assert workflow.continue_run(run).content == "report(quick(prepare(x)))"


def test_a_router_may_ask_both_first_whether_then_where(handle: SqliteDb, log: Log) -> None:
    workflow = chosen(handle, log, requires_confirmation=True)
    run = workflow.run("x")
    assert asked(run).needs_confirmation
    asked(run).confirm()
    run = workflow.continue_run(run)
    asked(run).select("quick")
    assert workflow.continue_run(run).content == "report(quick(prepare(x)))"


def test_w46_a_stream_tells_choices_and_message(handle: SqliteDb, log: Log) -> None:
    workflow = chosen(handle, log, user_input_message="Which?")
    *_, event, _ = workflow.run("x", stream=True, stream_events=True)
    assert isinstance(event, RouterPausedEvent)
    assert isinstance(event, StepPausedEvent)
    assert (event.available_choices, event.user_input_message) == (["quick", "deep", "custom"], "Which?")
    run = workflow.get_session().runs[-1]  # type: ignore[union-attr]
    asked(run).select("quick")
    told = kinds(workflow.continue_run(run, stream=True, stream_events=True))
    assert told[0] == "RouterExecutionStarted analysis"


async def test_w46_the_same_awaited(handle: SqliteDb, log: Log) -> None:
    workflow = chosen(handle, log)
    events = [event async for event in workflow.arun("x", stream=True)]
    assert [event.event for event in events[-2:]] == ["RouterPaused", "WorkflowPaused"]


def test_a_choice_can_be_refused(handle: SqliteDb, log: Log) -> None:
    workflow = chosen(handle, log, on_reject=OnReject.cancel)
    run = workflow.run("x")
    asked(run).reject()
    assert workflow.continue_run(run).is_cancelled


def test_the_review_object_of_a_router_takes_the_choice(handle: SqliteDb, log: Log) -> None:
    review = HumanReview(requires_user_input=True, user_input_message="Select analysis type:")
    run = routed(handle, log, human_review=review).run("x")
    assert asked(run).user_input_message == "Select analysis type:"


@needs_cel
def test_a_selector_may_be_an_expression(handle: SqliteDb, log: Log) -> None:
    workflow = routed(handle, log, selector="input == 'x' ? 'deep' : 'quick'")
    assert workflow.run("x").content == "report(deep(prepare(x)))"


def test_a_selector_may_give_steps_and_lists(handle: SqliteDb, log: Log) -> None:
    workflow = routed(handle, log, selector=lambda step_input: ["quick", [Step("custom", log.step("other"))]])
    run = workflow.run("x")
    assert run.content == "report(custom(quick(prepare(x))))"
    assert list(results(run)) == ["prepare", "analysis", "report"]
