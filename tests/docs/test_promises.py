"""What the pages promise, in tests of our own: these need no page beside the checkout."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.docs.samples import REPOSITORY
from tests.docs.scripts import a_flow, let_deadlines_pass, names, says
from workflows import (
    Condition,
    HumanReview,
    Loop,
    OnReject,
    OnTimeout,
    Parallel,
    PauseKind,
    Router,
    Step,
    StepInput,
    Steps,
    UserInputField,
    pause,
)
from workflows.run import RouterPausedEvent, StepPausedEvent, WorkflowPausedEvent, WorkflowRunOutput

pytestmark = pytest.mark.usefixtures("folder")

Make = Callable[[HumanReview], Any]
PRIMITIVES: dict[str, Make] = {
    "Step": lambda review: Step("it", says("ran"), human_review=review),
    "Steps": lambda review: Steps("it", steps=[says("ran")], human_review=review),
    "Condition": lambda review: Condition([says("ran")], name="it", human_review=review),
    "Loop": lambda review: Loop([says("ran")], name="it", human_review=review),
    "Router": lambda review: Router([Step("a", says("ran"))], lambda _: "a", name="it", human_review=review),
    "Parallel": lambda review: Parallel(says("ran"), name="it", human_review=review),
}
REQUESTS = {
    "requires_confirmation": set(PRIMITIVES),
    "requires_user_input": {"Step", "Router"},
    "requires_output_review": {"Step", "Router"},
    "requires_iteration_review": {"Loop"},
}
MATRIX = [(request, name) for request in REQUESTS for name in PRIMITIVES]

each_primitive = pytest.mark.parametrize("make", PRIMITIVES.values(), ids=PRIMITIVES)


def asked(**review: Any) -> HumanReview:
    """A confirmation, with more said about it."""
    return HumanReview(requires_confirmation=True, **review)


# Confirmation (000, 004)


@each_primitive
def test_a_yes_runs_every_primitive(make: Make) -> None:
    workflow = a_flow(make(asked(confirmation_message="Shall it?")))
    run = workflow.run()
    assert run.steps_requiring_confirmation[0].confirmation_message == "Shall it?"
    assert (run.pause_kind, run.paused_step_name, run.paused_step_index) == (PauseKind.STEP, "it", 0)
    run.steps_requiring_confirmation[0].confirm()
    run = workflow.continue_run(run)
    assert (run.status, run.content, run.pause_kind) == ("COMPLETED", "ran", None)


@each_primitive
def test_a_no_skips_every_primitive(make: Make) -> None:
    workflow = a_flow(make(asked()), says("next"))
    run = workflow.run()
    run.steps_requiring_confirmation[0].reject()
    run = workflow.continue_run(run)
    assert [output.content for output in run.step_results] == ["next"]


@each_primitive
def test_a_no_can_cancel_at_every_primitive(make: Make) -> None:
    workflow = a_flow(make(asked(on_reject=OnReject.cancel)), says("next"))
    run = workflow.run()
    run.steps_requiring_confirmation[0].reject()
    run = workflow.continue_run(run)
    assert (run.is_cancelled, run.content) == (True, "Workflow cancelled: Step 'it' was rejected")


def test_a_no_to_a_condition_means_else() -> None:
    condition = Condition([says("if")], else_steps=[says("else")], requires_confirmation=True)
    workflow = a_flow(condition)
    run = workflow.run()
    run.steps_requiring_confirmation[0].reject()
    assert workflow.continue_run(run).content == "else"


# Input and routes (000, 003)


def test_a_form_reaches_the_function() -> None:
    fields = [UserInputField("rate", "float"), UserInputField("note", required=False)]

    @pause(requires_user_input=True, user_input_schema=fields)
    def count(step_input: StepInput) -> Any:
        return (step_input.additional_data or {})["user_input"]

    workflow = a_flow(Step("count", count))
    run = workflow.run()
    form = run.steps_requiring_user_input[0]
    for name, value in {"rate": 0.5, "note": "by hand"}.items():
        form.set_user_input(**{name: value})
    assert workflow.continue_run(run).content == {"rate": 0.5, "note": "by hand"}


def a_choice(**more: Any) -> Router:
    """A router that asks which of three ways to go."""
    steps = [Step(name, says(name)) for name in ("one", "two", "three")]
    return Router(steps, name="way", human_review=HumanReview(requires_user_input=True), **more)


def test_one_route_is_selected_in_two_ways() -> None:
    for method in ("select", "select_single"):
        workflow = a_flow(a_choice())
        run = workflow.run()
        getattr(run.steps_requiring_route[0], method)("two")
        assert names(workflow.continue_run(run).step_results[0]) == ["two"]


def test_several_routes_run_in_the_order_of_the_choices() -> None:
    workflow = a_flow(a_choice(allow_multiple_selections=True))
    run = workflow.run()
    run.steps_requiring_route[0].select_multiple(["three", "one"])
    assert names(workflow.continue_run(run).step_results[0]) == ["one", "three"]


def test_a_single_selection_refuses_several_and_unknown_ones() -> None:
    route = a_flow(a_choice()).run().steps_requiring_route[0]
    with pytest.raises(ValueError, match="does not allow multiple selections"):
        route.select_multiple(["one", "two"])
    with pytest.raises(ValueError, match="only allows single selection"):
        route.select("one", "two")
    with pytest.raises(ValueError, match="Available choices: one, two, three"):
        route.select("four")


# What fails (000)


@pytest.mark.parametrize(("decision", "content"), [("retry", "up"), ("skip", "next")])
def test_a_failure_is_tried_again_or_skipped(decision: str, content: str) -> None:
    down = [ConnectionError("down")] * 2

    def call(step_input: StepInput) -> str:
        if down:
            raise down.pop()
        return "up"

    def after(step_input: StepInput) -> str:
        return "up" if step_input.previous_step_outputs["call"].success else "next"

    workflow = a_flow(Step("call", call, on_error="pause", max_retries=1), after)
    run = workflow.run()
    error = run.steps_with_errors[0]
    assert (error.step_name, error.error_message, error.error_type) == ("call", "down", "ConnectionError")
    getattr(error, decision)()
    run = workflow.continue_run(run)
    assert (run.status, run.content) == ("COMPLETED", content)


# Reviews (003, 004)


def test_an_output_is_made_again_with_what_the_reviewer_said() -> None:
    def write(step_input: StepInput) -> str:
        notes = step_input.additional_data or {}
        return f"{notes['previous_output']}, {notes['rejection_feedback']}" if notes else "draft"

    review = HumanReview(requires_output_review=True, on_reject=OnReject.retry, max_retries=2)
    workflow = a_flow(Step("write", write, human_review=review))
    run = workflow.run()
    for feedback in ("longer", "nicer"):
        run.steps_requiring_output_review[0].reject(feedback)
        run = workflow.continue_run(run)
    assert run.steps_requiring_output_review[0].step_output.content == "draft, longer, nicer"
    run.steps_requiring_output_review[0].reject("again")
    assert workflow.continue_run(run).content == "Max retries (2) reached for step 'write'"


def test_a_reviewer_sends_a_router_another_way() -> None:
    review = HumanReview(requires_output_review=True, on_reject=OnReject.retry)
    steps = [Step(name, says(name)) for name in ("quick", "deep")]
    workflow = a_flow(Router(steps, lambda _: [steps[0]], name="way", human_review=review))
    run = workflow.run()
    run.steps_requiring_output_review[0].reject()
    run = workflow.continue_run(run)
    run.steps_requiring_route[0].select("deep")
    run = workflow.continue_run(run)
    run.steps_requiring_output_review[0].confirm()
    assert workflow.continue_run(run).content == "deep"


# HumanReview (004)


@pytest.mark.parametrize(("request_", "name"), MATRIX, ids=str)
def test_each_primitive_takes_what_the_matrix_says(request_: str, name: str) -> None:
    review = HumanReview.from_dict({request_: True})
    if name in REQUESTS[request_]:
        assert a_flow(PRIMITIVES[name](review)).run().is_paused or request_ == "requires_iteration_review"
        return
    with pytest.raises(ValueError, match=f"{request_} is not supported on {name}. Supported: requires_"):
        PRIMITIVES[name](review)


def test_human_review_counts_alone() -> None:
    step = Step("it", says("ran"), requires_confirmation=True, human_review=HumanReview(timeout=5))
    assert (step.human_review.requires_confirmation, step.human_review.timeout) == (False, 5)


def test_older_data_has_flat_keys() -> None:
    data = {"type": "Loop", "name": "it", "max_iterations": 2, "requires_confirmation": True}
    assert Loop.from_dict(data).human_review == asked(on_reject=OnReject.skip)


@each_primitive
@pytest.mark.parametrize(
    ("on_timeout", "expected"),
    [
        (OnTimeout.approve, ("COMPLETED", "ran")),
        (OnTimeout.reject, ("CANCELLED", "Workflow cancelled: Step 'it' was rejected")),
        (OnTimeout.skip, ("COMPLETED", "No steps executed")),
        (OnTimeout.cancel, ("CANCELLED", "Workflow cancelled: Step 'it' was rejected")),
    ],
)
def test_silence_has_its_consequence_everywhere(
    make: Make, on_timeout: OnTimeout, expected: tuple[str, str]
) -> None:
    workflow = a_flow(make(asked(timeout=60, on_timeout=on_timeout, on_reject=OnReject.cancel)))
    run = workflow.run()
    let_deadlines_pass(workflow)
    run = workflow.continue_run(run)
    assert (run.status, run.content) == expected


# Inside one another, and the four ways to run (001)


@pytest.mark.parametrize(
    "around",
    [
        lambda step: Steps("around", steps=[says("before"), step, says("after")]),
        lambda step: Condition([says("before"), step, says("after")], name="around"),
        lambda step: Loop([says("before"), step, says("after")], name="around", max_iterations=1),
        lambda step: Router(
            [[says("before"), step, says("after")]], lambda _: "steps_group_0", name="around"
        ),
    ],
    ids=["Steps", "Condition", "Loop", "Router"],
)
def test_a_step_inside_pauses_and_what_follows_it_runs(around: Callable[[Step], Any]) -> None:
    workflow = a_flow(around(Step("inside", says("ran"), requires_confirmation=True)), says("next"))
    run = workflow.run()
    assert (run.step_requirements[-1].step_name, run.paused_step_name) == ("inside", "around")
    run.step_requirements[-1].confirm()
    run = workflow.continue_run(run)
    assert run.content == "next"
    assert run.step_results[0].deepest == "after"


def test_a_stream_tells_of_the_pause_and_goes_on() -> None:
    workflow = a_flow(a_choice())
    *_, paused, last = workflow.run(stream=True, stream_events=True)
    assert isinstance(paused, RouterPausedEvent)
    assert isinstance(paused, StepPausedEvent)
    assert isinstance(last, WorkflowPausedEvent)
    session = workflow.get_session()
    assert session is not None
    run = session.runs[-1]
    run.steps_requiring_route[0].select("one")
    *_, end = workflow.continue_run(run, stream=True)
    assert end.content == "one"


async def test_all_of_it_can_be_awaited() -> None:
    workflow = a_flow(Step("it", says("ran"), requires_confirmation=True))
    runs: list[WorkflowRunOutput] = [await workflow.arun("plain")]
    events = [event async for event in workflow.arun("streamed", stream=True)]
    runs.append(events[-1].run_output)
    for run in runs:
        run.steps_requiring_confirmation[0].confirm()
    assert (await workflow.acontinue_run(runs[0])).content == "ran"
    events = [event async for event in workflow.acontinue_run(runs[1], stream=True)]
    assert events[-1].content == "ran"


async def test_a_continued_stream_can_be_awaited_first() -> None:
    workflow = a_flow(Step("it", says("ran"), requires_confirmation=True))
    run = await workflow.arun()
    run.steps_requiring_confirmation[0].confirm()
    events = [event async for event in await workflow.acontinue_run(run, stream=True)]
    assert events[-1].content == "ran"


# One file, two lives

ELSEWHERE = """
from workflows.models import Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer
from django.contrib.auth.models import Group, User

person = User.objects.create_user("reviewer")
person.groups.add(Group.objects.get_or_create(name="reviewers")[0])
requirement = Requirement.objects.open().get()
resolve(requirement.id, revision=requirement.revision, answer=Answer(action=Action.approve), actor=Actor.of(person))
"""


def test_a_decision_in_the_portal_is_what_the_script_goes_on_with(folder: Path) -> None:
    workflow = a_flow(Step("it", says("ran"), requires_confirmation=True))
    run = workflow.run()
    portal = os.environ | {
        "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'workflow.db'}",
        "HITL_HOLD_SECONDS": "0",
    }
    manage = [sys.executable, str(REPOSITORY / "manage.py")]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=portal, check=True)
    subprocess.run([*manage, "shell", "--verbosity", "0", "-c", ELSEWHERE], env=portal, check=True)
    assert workflow.continue_run(run).content == "ran"
