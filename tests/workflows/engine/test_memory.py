"""The store in memory: what it refuses, and that it holds nothing but data."""

import json
from typing import Any

import pytest

from workflows import Step, StepOutput, Workflow
from workflows.engine.drivers import drive
from workflows.engine.flow import Inputs
from workflows.engine.memory import MemoryStore
from workflows.engine.values import UnencodableValue

PLAN = Workflow(name="flow", steps=[Step("a", lambda given: given.input, requires_confirmation=True)]).plan


def test_a_run_is_not_begun_with_what_cannot_be_kept() -> None:
    with pytest.raises(UnencodableValue):
        MemoryStore().start(PLAN, Inputs(input=object()))


def test_it_holds_text_alone() -> None:
    store = MemoryStore()
    machine = store.start(PLAN, Inputs(run_id="r-1", input={"a": (1, 2)}))
    list(drive(machine, store.save))
    held = [
        store._inputs,
        store._state,
        *store._records.values(),
        *store._values.values(),
        *store._asks.values(),
    ]
    assert len(held) == 5
    assert all(json.loads(text) is not None for text in held)


def test_what_comes_back_is_the_same_and_not_itself() -> None:
    given: dict[str, Any] = {"list": [1]}
    store = MemoryStore()
    store.start(PLAN, Inputs(input=given))
    loaded = store.load(PLAN).inputs.input
    assert loaded == given
    assert loaded is not given


def test_a_value_that_is_written_twice_is_noticed() -> None:
    store = MemoryStore()
    machine = store.start(PLAN)
    for _ in range(2):
        machine.journal.keep("a", "call:0.0.0", json.dumps(StepOutput(content=1).to_dict()))
    with pytest.raises(AssertionError, match="written twice"):
        store.save(machine)


def test_what_nobody_wrote_is_not_found() -> None:
    store = MemoryStore()
    assert store.record("a") is None
    with pytest.raises(KeyError):
        store.value("a", "call:0.0.0")
