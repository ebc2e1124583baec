"""Whole definitions as data and back."""

import json
from typing import Any

import pytest

from tests.acceptance.acting import asked
from workflows import Condition, Loop, Parallel, Router, Step, StepInput, Steps, Workflow
from workflows.db import SqliteDb


def act(step_input: StepInput) -> str:
    """Do something."""
    return "acted"


def whole() -> Workflow:
    """One of everything, of functions that have an address."""
    inner = Workflow(name="inner", steps=[act])
    return Workflow(
        name="Whole",
        description="All",
        session_state={"a": 1},
        add_workflow_history_to_steps=True,
        steps=[
            act,
            Step("asks", act, requires_confirmation=True, on_error="pause"),
            Steps(name="group", steps=[Step("in", act)], requires_confirmation=True),
            Loop([act], name="loop", max_iterations=2, end_condition=ended, requires_iteration_review=True),
            Condition(
                [act], else_steps=[Step("other", act)], name="cond", evaluator=ended, on_reject="cancel"
            ),
            Router(
                [Step("x", act), [act, act]], name="router", selector=chosen, allow_multiple_selections=True
            ),
            Parallel(Step("p", act), Step("q", act), name="par"),
            Step("nested", workflow=inner),
            inner,
        ],
    )


def ended(outputs: Any) -> bool:
    """Always."""
    return True


def chosen(step_input: StepInput) -> str:
    """The first."""
    return "x"


def test_a_whole_definition_comes_back_from_json() -> None:
    workflow = whole()
    data = json.loads(json.dumps(workflow.to_dict()))
    back = Workflow.from_dict(data)
    assert back.to_dict() == workflow.to_dict()
    assert back.plan.fingerprint == workflow.plan.fingerprint
    assert back.plan.outline == workflow.plan.outline


def test_a_definition_that_came_back_runs(handle: SqliteDb) -> None:
    data = Workflow(name="back", steps=[act, Step("b", act, requires_confirmation=True)]).to_dict()
    workflow = Workflow.from_dict(data, db=handle)
    run = workflow.run("x")
    asked(run).confirm()
    assert workflow.continue_run(run).content == "acted"


def test_a_function_without_an_address_cannot_come_back() -> None:
    data = Workflow(name="local", steps=[Step("a", lambda step_input: None)]).to_dict()
    with pytest.raises(ValueError, match="No function at"):
        Workflow.from_dict(data)
