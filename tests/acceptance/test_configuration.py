"""What a definition says, and what of it can be written down and read again (W1-W19)."""

import inspect
import json
from typing import Any

import pytest
from pydantic import BaseModel

from tests.acceptance.acting import Log, asked, results
from workflows import (
    Condition,
    ErrorRequirement,
    HumanReview,
    Loop,
    OnError,
    OnReject,
    OnTimeout,
    Parallel,
    Router,
    Step,
    StepInput,
    StepOutput,
    StepRequirement,
    Steps,
    UserInputField,
    Workflow,
)
from workflows.db import SqliteDb
from workflows.decorators import pause
from workflows.run import (
    WORKFLOW_RUN_EVENT_TYPE_REGISTRY,
    RunStatus,
    WorkflowRunEvent,
    WorkflowRunOutput,
    workflow_run_output_event_from_dict,
)

COMPONENTS = [
    (Step, {"executor": lambda step_input: None}),
    (Loop, {"steps": []}),
    (Router, {"choices": [lambda step_input: None]}),
    (Condition, {"steps": []}),
    (Steps, {"steps": []}),
    (Parallel, {}),
]
SUPPORTED = {
    "Step": "requires_confirmation, requires_user_input, requires_output_review",
    "Router": "requires_confirmation, requires_user_input, requires_output_review",
    "Loop": "requires_confirmation, requires_iteration_review",
    "Condition": "requires_confirmation",
    "Steps": "requires_confirmation",
    "Parallel": "requires_confirmation",
}
REQUESTS = [
    "requires_confirmation",
    "requires_user_input",
    "requires_output_review",
    "requires_iteration_review",
]


class Report(BaseModel):
    """A model as content."""

    title: str


def act(step_input: StepInput) -> str:
    """Do something."""
    return "acted"


@pause(
    name="Ask me", requires_user_input=True, user_input_message="Fill in", user_input_schema=[{"name": "a"}]
)
def paused(step_input: StepInput) -> str:
    """Do something that asks first."""
    return "paused"


@pause(requires_confirmation=True)
async def paused_async(step_input: StepInput) -> str:
    """Do the same, awaited."""
    return "paused"


def round_trip(thing: Any) -> Any:
    """The same, by way of JSON text."""
    return type(thing).from_dict(json.loads(json.dumps(thing.to_dict())))


def test_w1_what_is_asked_can_be_read_and_is_written_under_one_key() -> None:
    step = Step("a", act, requires_confirmation=True, confirmation_message="Go?")
    assert (step.requires_confirmation, step.confirmation_message) == (True, "Go?")
    review = step.to_dict()["human_review"]
    assert (review["requires_confirmation"], review["confirmation_message"]) == (True, "Go?")


def test_w2_answers_never_reach_the_definition(handle: SqliteDb) -> None:
    step = Step("a", act, requires_user_input=True, user_input_schema=[{"name": "n", "field_type": "int"}])
    requirement = asked(Workflow(name="w2", db=handle, steps=[step]).run("x"))
    requirement.set_user_input(n=1)
    assert isinstance((requirement.user_input_schema or [])[0], UserInputField)
    assert step.user_input_schema[0].value is None


@pytest.mark.parametrize(
    ("field", "word", "member"),
    [
        ("on_reject", "cancel", OnReject.cancel),
        ("on_error", "pause", OnError.pause),
        ("on_timeout", "reject", OnTimeout.reject),
    ],
)
def test_w3_a_word_is_as_good_as_a_member(field: str, word: str, member: Any) -> None:
    by_word, by_member = Step("a", act, **{field: word}), Step("a", act, **{field: member})  # type: ignore[arg-type]
    assert getattr(by_word, field) is getattr(by_member, field) is member
    assert by_member.to_dict()["human_review"][field] == word


@pytest.mark.parametrize("field", ["on_reject", "on_error", "on_timeout"])
def test_an_unknown_word_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field}='bogus' is not one of"):
        HumanReview(**{field: "bogus"})  # type: ignore[arg-type]


def test_w4_both_reviews_at_once_are_refused() -> None:
    with pytest.raises(
        ValueError, match="requires_output_review and requires_iteration_review cannot both be set"
    ):
        HumanReview(requires_output_review=True, requires_iteration_review=True)


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize(("kind", "given"), COMPONENTS)
def test_w5_what_is_not_supported_is_refused_by_name(
    kind: type[Any], given: dict[str, Any], request_: str
) -> None:
    review = HumanReview(**{request_: True})  # type: ignore[arg-type]
    supported = SUPPORTED[kind.__name__]
    if request_ in supported.split(", "):
        assert kind(name="c", **given, human_review=review).human_review == review
        return
    expected = rf"{request_} is not supported on {kind.__name__}\. Supported: {supported}\."
    with pytest.raises(ValueError, match=expected):
        kind(name="c", **given, human_review=review)


@pytest.mark.parametrize(("kind", "given"), COMPONENTS)
def test_w5_on_error_is_for_steps_and_conditions(kind: type[Any], given: dict[str, Any]) -> None:
    review = HumanReview(on_error=OnError.pause)
    if kind in (Step, Condition):
        assert kind(name="c", **given, human_review=review).on_error is OnError.pause
    else:
        with pytest.raises(ValueError, match=f"on_error is not supported on {kind.__name__}"):
            kind(name="c", **given, human_review=review)


def test_w6_the_review_object_counts_alone() -> None:
    review = HumanReview(confirmation_message="Review")
    step = Step("a", act, requires_confirmation=True, on_reject="cancel", human_review=review)
    assert (step.requires_confirmation, step.on_reject, step.confirmation_message) == (
        False,
        "skip",
        "Review",
    )


def test_w7_a_review_comes_back() -> None:
    review = HumanReview(
        requires_user_input=True,
        user_input_schema=[UserInputField("a", "int", allowed_values=[1, 2])],
        on_reject=OnReject.retry,
        on_error=OnError.fail,
        timeout=60,
        on_timeout=OnTimeout.skip,
    )
    assert round_trip(review) == review
    assert HumanReview.from_dict({}) == HumanReview()


def test_w7_a_review_predicate_is_written_as_true() -> None:
    assert HumanReview(requires_output_review=bool).to_dict()["requires_output_review"] is True


def test_w8_older_data_has_flat_keys() -> None:
    data = {"type": "Condition", "name": "c", "steps": [], "on_reject": "skip", "requires_confirmation": True}
    old = Condition.from_dict(data)
    assert (old.on_reject, old.requires_confirmation) == ("skip", True)
    both = Condition.from_dict({**data, "human_review": {"on_reject": "cancel"}})
    assert (both.on_reject, both.requires_confirmation) == ("cancel", False)


def test_w9_a_requirement_comes_back_with_everything() -> None:
    requirement = StepRequirement(
        "a",
        step_name="a",
        step_index=2,
        step_type="Step",
        requires_output_review=True,
        requires_confirmation=True,
        on_reject=OnReject.retry,
        retry_count=1,
        max_retries=3,
        available_choices=["x"],
        selected_choices=["x"],
        step_output=StepOutput(content=Report(title="t"), images=[b"raw"]),
        step_input=StepInput(
            input=Report(title="i"), previous_step_outputs={"b": StepOutput(content=b"bytes")}
        ),
        requires_executor_input=True,
        executor_id="agent-1",
        executor_requirements=[{"confirmation": True}],
    )
    requirement.edit(Report(title="mine"))
    requirement.rejection_feedback = "was wrong"
    assert round_trip(requirement) == requirement


def test_w9_a_deadline_keeps_its_timezone() -> None:
    from datetime import UTC, datetime

    at = datetime(2030, 1, 1, tzinfo=UTC)
    assert round_trip(StepRequirement("a", timeout_at=at)).timeout_at == at


def test_w10_without_an_executor_there_are_no_executor_keys() -> None:
    assert not [key for key in StepRequirement("a").to_dict() if key.startswith("executor_")]


def test_w11_input_that_does_not_fit_is_refused_when_read() -> None:
    data = StepRequirement("s", step_name="s", user_input_schema=[UserInputField("n", "int")]).to_dict()
    with pytest.raises(ValueError, match="Invalid user_input for step 's'"):
        StepRequirement.from_dict({**data, "user_input": {"n": "one"}})


def test_w12_an_error_requirement_keeps_its_decision() -> None:
    error = ErrorRequirement("a", step_name="a", step_index=0, error_message="m", error_type="E")
    error.retry()
    assert round_trip(error) == error
    assert (error.should_retry, error.should_skip) == (True, False)
    error.skip()
    assert (error.should_retry, error.should_skip) == (False, True)


def test_w13_a_field_has_defaults_and_comes_back() -> None:
    assert (UserInputField("a").field_type, UserInputField("a").required) == ("str", True)
    field = UserInputField("a", "int", "How many", 1, False, [1, 2])
    assert round_trip(field) == field
    assert "allowed_values" not in UserInputField("a").to_dict()


def test_w14_a_run_comes_back(handle: SqliteDb, log: Log) -> None:
    failing = Step("b", log.fails("b"), max_retries=0, on_error="pause", requires_confirmation=True)
    workflow = Workflow(
        name="w14", db=handle, steps=[Steps(name="g", steps=[log.step("a", Report(title="t"))]), failing]
    )
    run = workflow.run(Report(title="i"), images=[b"raw"])
    for again in (run, workflow.continue_run(confirmed(run))):
        back = round_trip(again)
        assert (back.status, back.pause_kind) == (RunStatus.paused, "step")
        assert (back.paused_step_index, back.paused_step_name) == (1, "b")
        assert back.step_requirements == again.step_requirements
        assert back.error_requirements == again.error_requirements
        assert results(back) == results(again)
        assert back.input == Report(title="i")
        assert (back.step_results[0].steps or [])[0].content == Report(title="t")


def confirmed(run: WorkflowRunOutput) -> WorkflowRunOutput:
    """The run with a yes."""
    asked(run).confirm()
    return run


def test_w14_missing_keys_are_none_and_old_ones_join() -> None:
    run = WorkflowRunOutput.from_dict({"router_requirements": [{"step_id": "r", "step_name": "r"}]})
    assert [requirement.step_name for requirement in run.step_requirements or []] == ["r"]
    assert (run.error_requirements, run.pause_kind, run.paused_step_index) == (None, None, None)


def test_w15_what_is_resolved_is_not_active() -> None:
    review = StepRequirement("r", requires_output_review=True, requires_confirmation=True)
    confirm = StepRequirement("c", requires_confirmation=True)
    form = StepRequirement("f", requires_user_input=True)
    route = StepRequirement("w", requires_route_selection=True, available_choices=["a"])
    run = WorkflowRunOutput(step_requirements=[review, confirm, form, route])
    assert run.active_step_requirements == [review, confirm, form, route]
    assert run.steps_requiring_confirmation == [confirm]
    assert run.steps_requiring_output_review == [review]
    assert run.steps_requiring_user_input == [form]
    assert run.steps_requiring_route == [route]
    review.confirm()
    confirm.reject()
    form.set_user_input(a=1)
    route.select("a")
    assert run.active_step_requirements == []


def test_w15_a_run_without_requirements_has_empty_lists() -> None:
    run = WorkflowRunOutput()
    assert run.active_step_requirements == run.steps_requiring_route == []
    assert run.steps_with_errors == []
    assert (run.is_paused, run.is_cancelled, run.has_completed()) == (False, False, False)


def test_w16_an_output_that_is_paused_stays_so() -> None:
    assert StepOutput().is_paused is False
    assert round_trip(StepOutput(is_paused=True)).is_paused is True


def test_w17_a_router_has_defaults_and_writes_its_limit() -> None:
    router = Router([act], name="r", requires_user_input=True)
    assert (router.requires_output_review, router.output_review_message) == (False, None)
    assert router.hitl_max_retries == 3
    assert router.to_dict()["human_review"]["max_retries"] == 3


def test_w18_every_event_is_registered_and_comes_back() -> None:
    assert set(WORKFLOW_RUN_EVENT_TYPE_REGISTRY) == {str(member) for member in WorkflowRunEvent}
    for name, kind in WORKFLOW_RUN_EVENT_TYPE_REGISTRY.items():
        event = kind(run_id="r")
        back = workflow_run_output_event_from_dict(json.loads(json.dumps(event.to_dict())))
        assert (type(back), back) == (kind, event), name


def test_w18_pauses_and_continuations_come_in_pairs() -> None:
    assert {"StepPaused", "StepContinued", "StepExecutorPaused", "StepExecutorContinued"} <= set(
        WORKFLOW_RUN_EVENT_TYPE_REGISTRY
    )


def test_w18_the_events_of_a_run_come_back(handle: SqliteDb, log: Log) -> None:
    workflow = Workflow(
        name="w18",
        db=handle,
        steps=[log.step("a", Report(title="t")), Step("b", act, requires_confirmation=True)],
    )
    for event in workflow.run("x", stream=True, stream_events=True):
        data = json.loads(json.dumps(event.to_dict()))
        back = workflow_run_output_event_from_dict(data)
        assert json.loads(json.dumps(back.to_dict())) == data, event.event


def test_w19_pause_stamps_a_function_and_leaves_it_alone() -> None:
    step = Step(executor=paused)
    assert (step.name, step.user_input_message) == ("Ask me", "Fill in")
    assert [field.name for field in step.user_input_schema] == ["a"]
    assert paused(StepInput()) == "paused"
    assert Step(executor=paused_async).requires_confirmation
    assert inspect.iscoroutinefunction(paused_async)


def test_w19_what_a_step_says_itself_wins_over_pause() -> None:
    assert Step(executor=paused, user_input_message="Mine").user_input_message == "Mine"
    assert not Step(executor=paused, human_review=HumanReview()).requires_user_input


def test_w19_a_bare_function_with_pause_asks(handle: SqliteDb) -> None:
    run = Workflow(name="w19", db=handle, steps=[paused]).run("x")
    assert (asked(run).step_name, asked(run).needs_user_input) == ("Ask me", True)
