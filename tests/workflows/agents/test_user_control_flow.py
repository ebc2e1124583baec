"""UserControlFlowTools: the model asks for what it lacks (spec 4.4; A8)."""

from typing import Any

import pytest

from workflows.agents.toolkit import instructions_of
from workflows.agents.user_control_flow import UserControlFlowTools
from workflows.types import Action, Answer, InputErrors, RequirementKind

ARGS: dict[str, Any] = {
    "user_input_fields": [
        {"field_name": "subject", "field_type": "str", "field_description": "What it is about"},
        {"field_name": "copies", "field_type": "int", "field_description": "How many"},
        {"field_name": "when", "field_type": "date"},
    ]
}


def test_the_form_is_what_the_model_asks_for() -> None:
    tool = UserControlFlowTools().functions["get_user_input"]
    assert tool.gate is RequirementKind.tool_input
    assert [(f["name"], f["field_type"], f["description"], f["value"]) for f in tool.fields(ARGS)] == [
        ("subject", "str", "What it is about", None),
        ("copies", "int", "How many", None),
        ("when", "str", "", None),
    ]


def test_the_model_is_told_what_was_filled_in() -> None:
    tool = UserControlFlowTools().functions["get_user_input"]
    answer = Answer(action=Action.approve, values={"subject": "tea", "copies": 2})
    assert tool.answered({**ARGS, **answer.values}, answer) == (
        'User inputs retrieved: [{"name": "subject", "value": "tea"}, {"name": "copies", "value": 2}, '
        '{"name": "when", "value": null}]'
    )


def test_the_model_is_told_of_a_no() -> None:
    tool = UserControlFlowTools().functions["get_user_input"]
    assert tool.answered(ARGS, Answer(action=Action.reject, feedback="guess")) == "guess"


def test_the_model_sees_how_to_ask() -> None:
    tool = UserControlFlowTools().functions["get_user_input"]
    assert "user_input_fields" in tool.spec.parameters["properties"]
    assert tool.spec.description.startswith("Ask the user")
    with pytest.raises(InputErrors, match="field_name"):
        tool.check({"user_input_fields": [{"field_type": "str"}]}, complete=False)


def test_it_tells_the_model_when_to_use_it() -> None:
    assert "get_user_input" in instructions_of([UserControlFlowTools()])[0]
    assert instructions_of([UserControlFlowTools(instructions="Ask kindly.")]) == ["Ask kindly."]
    assert instructions_of([UserControlFlowTools(add_instructions=False)]) == []


def test_it_may_be_left_out() -> None:
    assert UserControlFlowTools(enable_get_user_input=False).functions == {}
