"""The author's Steps (spec 1.4, 3.3)."""

from typing import Any

import pytest

from workflows import HumanReview, OnReject, Step, Steps, Workflow


def nothing(step_input: Any) -> None:
    """Do nothing."""


def test_it_holds_steps_functions_and_other_groups() -> None:
    group = Steps("g", steps=[Step("a", nothing), nothing, Steps("inner", steps=[nothing])]).node(0)
    assert [(child.name, child.kind) for child in group.children] == [
        ("a", "Step"),
        ("nothing", "Step"),
        ("inner", "Steps"),
    ]


def test_without_a_name_it_is_called_by_its_place() -> None:
    plan = Workflow(name="flow", steps=[nothing, Steps(steps=[nothing])]).plan
    assert plan.root.children[1].name == "steps_2"


def test_flat_and_as_one_object_it_asks_the_same() -> None:
    flat = Steps("g", requires_confirmation=True, confirmation_message="All?", on_reject="cancel")
    review = HumanReview(requires_confirmation=True, confirmation_message="All?", on_reject=OnReject.cancel)
    assert flat.human_review == Steps("g", human_review=review).human_review


def test_what_is_no_step_inside_is_refused_when_the_plan_is_built() -> None:
    with pytest.raises(ValueError, match="Invalid step type: int"):
        Workflow(name="flow", steps=[Steps("g", steps=[3])])


def test_one_object_may_stand_in_two_places() -> None:
    step = Step("a", nothing)
    plan = Workflow(name="flow", steps=[step, Steps("g", steps=[step])]).plan
    assert plan.find("a") is not plan.find("g/a")
