"""A workflow that says what its input must be: steps get the model, everything else is refused."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from workflows import Step, StepInput, Workflow
from workflows.engine.flow import Inputs
from workflows.engine.memory import MemoryStore
from workflows.types import InputErrors, RunStatus


class Trip(BaseModel):
    where: str
    day: date
    nights: int = Field(1, ge=1)


class Loose(TypedDict):
    where: str


@dataclass
class Plain:
    where: str


def told(step_input: StepInput) -> str:
    return f"{type(step_input.input).__name__}: {step_input.input!r}"


def trips(schema: Any = Trip) -> Workflow:
    return Workflow(name="trips", steps=[Step("tell", told)], input_schema=schema)


def test_steps_get_the_model() -> None:
    run = trips().run({"where": "Graz", "day": "2026-01-31"})
    assert run.content == "Trip: Trip(where='Graz', day=datetime.date(2026, 1, 31), nights=1)"


@pytest.mark.parametrize(
    "given", ['{"where": "Graz", "day": "2026-01-31"}', Trip(where="Graz", day=date.min)]
)
def test_text_is_read_as_json_and_a_model_is_one_already(given: Any) -> None:
    assert trips().run(given).content.startswith("Trip: Trip(where='Graz'")


@pytest.mark.parametrize("given", [None, "", "words", [], {}, {"where": "Graz"}])
def test_anything_else_is_refused_at_the_start(given: Any) -> None:
    with pytest.raises(ValueError, match="validation failed"):
        trips().run(given)


def test_what_is_wrong_is_told_by_field() -> None:
    with pytest.raises(InputErrors) as refused:
        trips().run({"where": 3, "day": "soon", "nights": 0})
    assert set(refused.value.by_field) == {"where", "day", "nights"}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (Loose, "dict"),
        (Plain, "Plain"),
        ({"properties": {"where": {"type": "string"}}, "required": ["where"]}, "dict"),
    ],
)
def test_it_may_be_another_kind_of_schema(schema: Any, kind: str) -> None:
    assert trips(schema).run({"where": "Graz"}).content.startswith(kind)
    with pytest.raises(InputErrors):
        trips(schema).run({})


def test_the_plan_has_it_as_a_json_schema() -> None:
    schema = trips().plan.input_schema or {}
    assert list(schema["properties"]) == ["where", "day", "nights"]
    assert trips(None).plan.input_schema is None


def test_a_schema_that_json_cannot_say_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="input_schema: no JSON can fill it"):
        trips(pytest.FixtureRequest)


def test_a_run_whose_kept_input_does_not_fit_ends_with_the_reason() -> None:
    machine = MemoryStore().start(trips().plan, Inputs(run_id="r", input={"where": "Graz"}))
    assert machine.ready() == []
    assert machine.status is RunStatus.error
    assert "day" in machine.outcome
