"""The author's Workflow: its name, its id, its plan."""

from typing import Any

import pytest

from workflows import Step, Workflow
from workflows.workflow import slug


def nothing(step_input: Any) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Refund over limit", "refund-over-limit"),
        ("  Release  2.0! ", "release-2-0"),
        ("snake_case", "snake-case"),
        ("Größe", "größe"),
        ("!!!", "workflow"),
    ],
)
def test_an_id_is_made_of_the_name(name: str, expected: str) -> None:
    assert slug(name) == Workflow(name=name, steps=[nothing]).id == expected


def test_an_id_of_its_own_is_kept() -> None:
    workflow = Workflow(id="refund-v2", name="Refund", steps=[nothing])
    assert (workflow.plan.name, workflow.plan.title) == ("refund-v2", "Refund")


def test_an_id_alone_is_the_name_too() -> None:
    assert Workflow(id="refund", steps=[nothing]).name == "refund"


def test_it_needs_a_name_and_steps() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        Workflow(steps=[nothing])
    with pytest.raises(ValueError, match="Workflow 'Refund' needs steps"):
        Workflow(name="Refund")


def test_the_plan_is_built_once_and_with_it() -> None:
    workflow = Workflow(name="flow", steps=[Step("a", nothing)])
    assert workflow.plan is workflow.plan


def test_changing_the_list_afterwards_changes_nothing() -> None:
    steps: list[Any] = [nothing]
    workflow = Workflow(name="flow", steps=steps)
    steps.append(nothing)
    assert len(workflow.plan.root.children) == 1
    assert workflow.steps == [nothing]
