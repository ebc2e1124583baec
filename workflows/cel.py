"""CEL expressions for evaluators, selectors and end conditions, through the optional package cel-python.

Without it an evaluator is false, a selector chooses nothing and an end condition never ends a loop early, each with
a line in the log; nothing is run as Python, ever.
"""

import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from workflows.types import StepInput, StepOutput
from workflows.types.step_io import as_text

log = logging.getLogger(__name__)

CEL_AVAILABLE = find_spec("celpy") is not None


def validate_cel_expression(expression: str) -> bool:
    """Whether it can be parsed; False too where the package is missing."""
    if not CEL_AVAILABLE:
        return False
    from celpy.celparser import CELParseError

    try:
        _program(expression)
    except CELParseError:
        return False
    return True


def evaluator(expression: str) -> Callable[..., Any]:
    """A condition's evaluator."""

    def evaluate(step_input: StepInput, session_state: dict[str, Any]) -> bool:
        return bool(_value(expression, _of_step(step_input, session_state), otherwise=False))

    return _checked(expression, evaluate)


def selector(expression: str) -> Callable[..., Any]:
    """A router's selector; the expression gives a choice's name or a list of them."""

    def select(step_input: StepInput, session_state: dict[str, Any], step_choices: list[str]) -> Any:
        facts = _of_step(step_input, session_state) | {"step_choices": step_choices}
        return _value(expression, facts, otherwise=[])

    return _checked(expression, select)


def end_condition(expression: str) -> Callable[..., Any]:
    """A loop's end condition."""

    def ended(outputs: list[StepOutput], current_iteration: int, max_iterations: int) -> bool:
        facts = {
            "current_iteration": current_iteration,
            "max_iterations": max_iterations,
            "all_success": all(output.success for output in outputs),
            "last_step_content": as_text(outputs[-1].deepest) if outputs else "",
            "step_outputs": {output.step_name or "": as_text(output.deepest) for output in outputs},
        }
        return bool(_value(expression, facts, otherwise=False))

    return _checked(expression, ended)


def value_of(expression: str, input: Any) -> Any:
    """What an expression over a run's input gives; None where the package is missing."""
    return _value(expression, {"input": _clean(input)}, otherwise=None)


def _checked(expression: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, when the expression can be parsed as far as that can be known here."""
    if CEL_AVAILABLE and not validate_cel_expression(expression):
        raise ValueError(f"Not a CEL expression: {expression!r}")
    return function


def _of_step(step_input: StepInput, session_state: dict[str, Any]) -> dict[str, Any]:
    outputs = step_input.previous_step_outputs
    return {
        "input": _clean(step_input.input),
        "previous_step_content": _clean(step_input.previous_step_content),
        "previous_step_outputs": {name: _clean(output.deepest) for name, output in outputs.items()},
        "additional_data": _clean(step_input.additional_data or {}),
        "session_state": _clean(session_state),
    }


def _clean(value: Any) -> Any:
    """Data that CEL knows; the rest as text."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else as_text(value)


def _value(expression: str, facts: dict[str, Any], *, otherwise: Any) -> Any:
    if not CEL_AVAILABLE:
        log.warning("cel-python is not installed: %r counts as %r", expression, otherwise)
        return otherwise
    from celpy.adapter import json_to_cel

    return _python(_program(expression).evaluate({name: json_to_cel(value) for name, value in facts.items()}))


@cache
def _program(expression: str) -> Any:
    """Parsed once: that takes longer than anything else here."""
    import celpy

    environment = celpy.Environment()
    return environment.program(environment.compile(expression))


def _python(value: Any) -> Any:
    """CEL's own types as Python's."""
    if isinstance(value, list):
        return [_python(item) for item in value]
    return str(value) if isinstance(value, str) else value
