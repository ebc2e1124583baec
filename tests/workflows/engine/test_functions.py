"""Authors' functions, inspected once."""

import functools
from typing import Any

import pytest

from workflows import StepInput
from workflows.engine.functions import EXTRAS, StepFunction


class Checker:
    """A callable object."""

    def __call__(self, step_input: StepInput, session_state: dict[str, Any]) -> bool:
        """Look at nothing."""
        return True

    def method(self, step_input: StepInput, *, run_context: Any) -> None:
        """Do nothing."""


def both(step_input: StepInput, run_context: Any, session_state: Any) -> None:
    """Want everything."""


@pytest.mark.parametrize(
    ("function", "wants"),
    [
        (lambda _: 1, set()),
        (lambda *args: 1, set()),
        (lambda step_input, threshold=3: 1, set()),
        (lambda step_input, **extras: 1, set(EXTRAS)),
        (both, {"session_state", "run_context"}),
        (Checker(), {"session_state"}),
        (Checker().method, {"run_context"}),
        (functools.partial(both, run_context=None), {"session_state", "run_context"}),
    ],
)
def test_it_is_given_what_it_declares(function: Any, wants: set[str]) -> None:
    assert StepFunction.of(function).wants == wants


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (both, "both"),
        (Checker(), "Checker"),
        (Checker().method, "method"),
        (functools.partial(both), "partial"),
    ],
)
def test_it_has_a_name(function: Any, name: str) -> None:
    assert StepFunction.of(function).name == name


@pytest.mark.parametrize(
    "function",
    [
        lambda: 1,
        lambda step_input, other: 1,
        lambda *, step_input: 1,
        lambda session_state: 1,
        "both",
        None,
        3,
    ],
)
def test_what_cannot_be_called_with_a_step_input_is_refused(function: Any) -> None:
    with pytest.raises(ValueError, match=r"StepInput|not a function"):
        StepFunction.of(function)
