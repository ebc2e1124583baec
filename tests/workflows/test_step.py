"""The author's Step: names, policies, refusals (spec 1.4; W1-W6, W37)."""

from typing import Any

import pytest

from workflows import HumanReview, OnError, Step, StepInput, UserInputField, Workflow
from workflows.engine.plan import StepNode


def fetch(step_input: StepInput) -> str:
    """Fetch something."""
    return "fetched"


def node(step: Step) -> StepNode:
    made = step.node(0)
    assert isinstance(made, StepNode)
    return made


def test_what_is_asked_can_be_read_flat_and_as_one_object() -> None:
    step = Step("a", fetch, requires_confirmation=True, confirmation_message="Go on?", hitl_max_retries=1)
    assert (step.requires_confirmation, step.confirmation_message, step.hitl_max_retries) == (
        True,
        "Go on?",
        1,
    )
    assert step.human_review.confirmation_message == "Go on?"


def test_human_review_counts_alone() -> None:
    review = HumanReview(requires_output_review=True)
    step = Step("a", fetch, requires_confirmation=True, on_error="fail", human_review=review)
    assert (step.requires_confirmation, step.requires_output_review) == (False, True)
    assert node(step).on_error is OnError.skip


def test_the_programs_tries_and_peoples_are_two_things() -> None:
    step = Step("a", fetch, max_retries=5, hitl_max_retries=1)
    assert (node(step).max_retries, node(step).review.max_retries) == (5, 1)


def test_without_a_name_it_is_called_like_its_function() -> None:
    assert Step(executor=fetch).name == "fetch"


def test_it_needs_something_to_run() -> None:
    with pytest.raises(ValueError, match="Step 'a' must have one executor"):
        Step("a")


@pytest.mark.parametrize(
    "settings",
    [
        {"risk": "extreme"},
        {"max_retries": -1},
        {"max_retries": None},
        {"max_retries": "3"},
        {"hitl_max_retries": -1},
        {"on_error": "bogus"},
        {"on_reject": "bogus"},
    ],
    ids=str,
)
def test_a_setting_that_no_run_could_use_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings)).removeprefix("hitl_")):
        Step("a", fetch, **settings)


@pytest.mark.parametrize("on_error", [OnError.pause, "pause"])
def test_a_string_is_as_good_as_the_member(on_error: Any) -> None:
    assert node(Step("a", fetch, on_error=on_error)).on_error is OnError.pause


def test_a_schema_may_be_fields_or_dicts() -> None:
    fields = Step("a", fetch, requires_user_input=True, user_input_schema=[UserInputField("env")])
    dicts = Step("a", fetch, requires_user_input=True, user_input_schema=[{"name": "env"}])
    assert fields.user_input_schema == dicts.user_input_schema


def test_what_it_does_not_have_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="'Step' object has no attribute 'colour'"):
        _ = Step("a", fetch).colour


def test_a_bare_function_becomes_a_step() -> None:
    (child,) = Workflow(name="flow", steps=[fetch]).plan.root.children
    assert (child.name, child.kind) == ("fetch", "Step")


@pytest.mark.parametrize("item", ["text", 3, None, Step, object()])
def test_anything_else_is_no_step(item: Any) -> None:
    with pytest.raises(ValueError, match=f"Invalid step type: {type(item).__name__}"):
        Workflow(name="flow", steps=[item])
