"""HumanReview: what goes together, what each component can ask (spec 1.3, 1.5; W3-W7)."""

import json
from typing import Any

import pytest

from workflows import HumanReview, OnError, OnReject, OnTimeout, Step, Steps, UserInputField


def test_the_defaults_are_those_of_page_004() -> None:
    review = HumanReview()
    assert (review.on_reject, review.on_error, review.on_timeout) == (OnReject.skip, None, None)
    assert (review.max_retries, review.timeout, review.asks_first) == (3, None, False)


def test_both_kinds_of_review_at_once_are_refused() -> None:
    with pytest.raises(
        ValueError, match="requires_output_review and requires_iteration_review cannot both be set"
    ):
        HumanReview(requires_output_review=True, requires_iteration_review=True)


@pytest.mark.parametrize(
    ("policy", "value"),
    [
        ("on_reject", "bogus"),
        ("on_error", "explode"),
        ("on_timeout", "shrug"),
        ("max_retries", -1),
        ("timeout", 1.5),
    ],
)
def test_an_unknown_policy_is_refused_by_name(policy: str, value: Any) -> None:
    with pytest.raises(ValueError, match=policy):
        HumanReview(**{policy: value})


@pytest.mark.parametrize("value", [OnReject.else_branch, "else"])
def test_a_string_is_as_good_as_the_member(value: Any) -> None:
    review = HumanReview(on_reject=value)
    assert review.on_reject is OnReject.else_branch
    assert review.to_dict()["on_reject"] == "else"


def test_it_comes_back_from_json_as_it_was() -> None:
    review = HumanReview(
        requires_confirmation=True,
        confirmation_message="Go on?",
        requires_user_input=True,
        user_input_schema=[UserInputField("env", allowed_values=["a"])],
        on_reject=OnReject.retry,
        on_error=OnError.pause,
        on_timeout=OnTimeout.reject,
        max_retries=None,
        timeout=60,
    )
    assert HumanReview.from_dict(json.loads(json.dumps(review.to_dict()))) == review


def test_what_is_missing_takes_its_default_and_what_is_unknown_is_ignored() -> None:
    assert HumanReview.from_dict({"timeout": 5, "invented": 1}) == HumanReview(timeout=5)


def test_a_predicate_becomes_true() -> None:
    assert HumanReview(requires_output_review=lambda _: False).to_dict()["requires_output_review"] is True


def test_a_schema_of_dicts_becomes_fields() -> None:
    schema: Any = [{"name": "env", "allowed_values": ["a"]}]
    assert HumanReview(user_input_schema=schema).user_input_schema == [
        UserInputField("env", allowed_values=["a"])
    ]


@pytest.mark.parametrize(
    "request_", ["requires_output_review", "requires_user_input", "requires_iteration_review"]
)
def test_steps_can_ask_for_confirmation_alone(request_: str) -> None:
    message = rf"{request_} is not supported on Steps\. Supported: requires_confirmation\."
    with pytest.raises(ValueError, match=message):
        Steps("g", human_review=HumanReview.from_dict({request_: True}))


def test_a_step_has_no_iterations() -> None:
    supported = "Supported: requires_confirmation, requires_user_input, requires_output_review"
    with pytest.raises(
        ValueError, match=rf"requires_iteration_review is not supported on Step\. {supported}\."
    ):
        Step("s", lambda _: 1, human_review=HumanReview(requires_iteration_review=True))


def test_the_first_offender_is_the_one_that_is_named() -> None:
    review = HumanReview(requires_output_review=True, requires_user_input=True)
    with pytest.raises(ValueError, match=r"^requires_output_review"):
        Steps("g", human_review=review)


def test_on_error_belongs_to_steps_that_run_something() -> None:
    with pytest.raises(ValueError, match="on_error is not supported on Steps"):
        Steps("g", human_review=HumanReview(on_error=OnError.fail))
    Steps("g", human_review=HumanReview(on_error=OnError.skip))
