"""Plans: places, paths, and what tells two definitions apart."""

from typing import Any

import pytest

from workflows import Step, StepInput, Steps, Workflow
from workflows.engine.plan import Plan


def nothing(step_input: StepInput) -> None:
    """Do nothing."""


def plan_of(*steps: Any, name: str = "flow") -> Plan:
    return Workflow(name=name, steps=list(steps)).plan


def segments(plan: Plan) -> list[str]:
    return [child.segment for child in plan.root.children]


def test_a_place_is_called_by_its_name() -> None:
    plan = plan_of(Step("fetch", nothing), Step("save", nothing))
    assert segments(plan) == ["fetch", "save"]


def test_two_of_one_name_are_told_apart_by_position() -> None:
    plan = plan_of(Step("draft", nothing), Step("send", nothing), Step("draft", nothing))
    assert segments(plan) == ["0:draft", "send", "2:draft"]


def test_a_name_that_looks_like_a_position_keeps_a_place_of_its_own() -> None:
    plan = plan_of(Step("a", nothing), Step("a", nothing), Step("1:a", nothing))
    assert len(set(segments(plan))) == 3


@pytest.mark.parametrize("name", ["a/b", "%2F", "50%", "ü/ß", "/", "1:x"])
def test_any_name_can_be_found_by_its_path(name: str) -> None:
    plan = plan_of(Steps(name, steps=[Step(name, nothing)]))
    (group,) = plan.root.children
    (step,) = group.children
    assert plan.find(f"{group.segment}/{step.segment}") is step
    assert step.name == name


def test_the_empty_path_is_the_root() -> None:
    plan = plan_of(nothing)
    assert plan.find("") is plan.root


@pytest.mark.parametrize("path", ["gone", "group/gone", "group/step/deeper", "/"])
def test_no_node_is_found_where_there_is_none(path: str) -> None:
    assert plan_of(Steps("group", steps=[Step("step", nothing)])).find(path) is None


def test_two_builds_of_one_definition_have_one_fingerprint() -> None:
    def build() -> Plan:
        return plan_of(Steps("group", steps=[Step("a", nothing)]), Step("b", lambda _: 1))

    assert build().fingerprint == build().fingerprint


def test_what_people_are_asked_does_not_change_the_fingerprint() -> None:
    silent, asking = Step("a", nothing), Step("a", nothing, requires_confirmation=True, max_retries=0)
    assert plan_of(silent).fingerprint == plan_of(asking).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        plan_of(Step("b", nothing), Step("a", nothing)),
        plan_of(Step("a", nothing)),
        plan_of(Step("a", nothing), Steps("b", steps=[nothing])),
        plan_of(Step("a", nothing), Step("c", nothing)),
        plan_of(Step("a", nothing), Step("b", nothing), name="other"),
    ],
    ids=["order", "missing", "kind", "name", "workflow"],
)
def test_shape_and_names_change_the_fingerprint(other: Plan) -> None:
    assert plan_of(Step("a", nothing), Step("b", nothing)).fingerprint != other.fingerprint


def test_the_outline_tells_pages_what_there_is() -> None:
    step = Step("pay", nothing, description="Send money", requires_confirmation=True, irreversible=True)
    (group,) = plan_of(Steps("refund", steps=[step])).outline["children"]
    assert (group["kind"], group["path"], group["asks"]) == ("Steps", "refund", [])
    (pay,) = group["children"]
    assert pay == {
        "name": "pay",
        "kind": "Step",
        "path": "refund/pay",
        "description": "Send money",
        "asks": ["confirmation"],
        "irreversible": True,
        "children": [],
    }
