"""Outputs, inputs and requirements as JSON text and back, whatever their authors put into them."""

import datetime as dates
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from workflows.run import StepCompletedEvent, WorkflowRunOutput, workflow_run_output_event_from_dict
from workflows.types import StepInput, StepOutput, StepRequirement


class Model(BaseModel):
    """A model of an author's."""

    text: str
    number: int


@dataclass
class Pair:
    """A dataclass of an author's."""

    left: Any
    right: Any


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
    st.binary(max_size=8),
    st.dates(),
    st.datetimes(timezones=st.just(dates.UTC)),
    st.decimals(allow_nan=False, allow_infinity=False).map(Decimal),
    st.builds(Model, text=TEXT, number=st.integers()),
)
KEYS = st.one_of(TEXT, st.just("$type"))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=3),
        st.tuples(inner, inner),
        st.builds(Pair, left=inner, right=inner),
    ),
    max_leaves=8,
)
OUTPUTS = st.recursive(
    st.builds(
        StepOutput, content=VALUES, step_name=TEXT, images=st.none() | st.lists(st.binary(), max_size=2)
    ),
    lambda inner: st.builds(
        StepOutput, content=TEXT, step_type=st.just("Steps"), steps=st.lists(inner, max_size=3)
    ),
    max_leaves=4,
)


def round_trip(thing: Any) -> Any:
    """The same, by way of JSON text."""
    return type(thing).from_dict(json.loads(json.dumps(thing.to_dict())))


@settings(max_examples=50)
@given(OUTPUTS)
def test_an_output_comes_back(output: StepOutput) -> None:
    assert round_trip(output) == output


@settings(max_examples=50)
@given(VALUES, st.dictionaries(TEXT, OUTPUTS, max_size=2))
def test_an_input_comes_back(value: Any, outputs: dict[str, StepOutput]) -> None:
    step_input = StepInput(input=value, previous_step_content=value, previous_step_outputs=outputs)
    assert round_trip(step_input) == step_input


@settings(max_examples=50)
@given(OUTPUTS, VALUES)
def test_a_reviewed_requirement_comes_back(output: StepOutput, edited: Any) -> None:
    requirement = StepRequirement("s", step_output=output, requires_output_review=True)
    requirement.edit(edited)
    assert round_trip(requirement) == requirement


@settings(max_examples=50)
@given(VALUES, st.lists(OUTPUTS, max_size=3))
def test_a_run_and_its_events_come_back(value: Any, outputs: list[StepOutput]) -> None:
    run = WorkflowRunOutput(input=value, content=value, step_results=outputs, metadata={"m": value})
    assert round_trip(run) == run
    for output in outputs:
        event = StepCompletedEvent(content=value, step_response=output)
        assert workflow_run_output_event_from_dict(json.loads(json.dumps(event.to_dict()))) == event


def test_a_run_inside_a_run_comes_back_as_deep_as_anybody_looks() -> None:
    run = WorkflowRunOutput(workflow_id="w")
    for _ in range(12):
        run = WorkflowRunOutput(workflow_id="w", step_executor_runs=[run])
    back, depth = round_trip(run), 0
    while isinstance(back, WorkflowRunOutput) and back.step_executor_runs:
        back, depth = back.step_executor_runs[0], depth + 1
    assert depth == 11
    assert isinstance(back, dict)
