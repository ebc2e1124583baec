"""What an AgentOS says of runs that wait, as questions, and answers as it takes them. (With it: tests/adapters.)"""

import json
from typing import Any

import pytest

from hitl_portal.adapters.agno import AgentOS, _form, found_in
from hitl_portal.adapters.far import Far, Trouble
from hitl_portal.adapters.found import Where
from workflows.questions import Question

CLERK = Where(place="agent/clerk", run="1", session="s")
FLOW = Where(place="workflow/refund", run="1", session="s")
PAY = {"tool_call_id": "a", "tool_name": "pay", "tool_args": {"amount": 5}, "requires_confirmation": True}
SEND = {
    "tool_call_id": "b",
    "tool_name": "send",
    "tool_args": {"subject": "Hello"},
    "requires_user_input": True,
    "user_input_schema": [
        {"name": "subject", "field_type": "str", "value": "Hello"},
        {"name": "to", "field_type": "list", "value": None},
    ],
}
SHELL = {"tool_call_id": "c", "tool_name": "shell", "tool_args": {}, "external_execution_required": True}
STEP = {"step_id": "x", "step_name": "pay", "requires_confirmation": True, "confirmation_message": "Pay?"}


def run(**said: Any) -> dict[str, Any]:
    return {"run_id": "1", "session_id": "s", "status": "PAUSED", "agent_name": "Clerk"} | said


def answered(where: Where, waiting: dict[str, Any], *answers: Any) -> Any:
    found = found_in(where, waiting)
    assert found is not None
    by_spot = {posed.spot: answer for posed, answer in zip(found.posed, answers, strict=True)}
    form, _ = _form(found, by_spot)
    return json.loads(form.get("tools") or form.get("requirements") or form["step_requirements"])


def test_tools_that_wait_are_asked_about() -> None:
    found = found_in(CLERK, run(tools=[PAY, SEND, SHELL, {"tool_call_id": "d", "tool_name": "read"}]))
    assert found is not None
    questions = [Question(**posed.said) for posed in found.posed]
    assert [question.kind for question in questions] == [
        "tool_confirmation",
        "tool_input",
        "external_execution",
    ]
    assert questions[0].tool is not None
    assert questions[0].tool["executor"]["name"] == "Clerk"
    assert questions[1].tool is not None
    assert [field["field_type"] for field in questions[1].tool["fields"]] == ["str", "json"]


@pytest.mark.parametrize(
    "other",
    [
        {"status": "COMPLETED"},
        {"tools": []},
        {"tools": [PAY | {"confirmed": True}, SEND | {"answered": True}, SHELL | {"result": "ok"}]},
        {"tools": "no list"},
        {"tools": ["no object"]},
        {"parent_run_id": "0"},
    ],
)
def test_what_does_not_wait_is_no_pause(other: dict[str, Any]) -> None:
    assert found_in(CLERK, run(tools=[PAY]) | other) is None


def test_answers_stand_in_the_tools() -> None:
    waiting = run(tools=[PAY, SEND, SHELL])
    edit = {"action": "edit", "content": {"amount": 4}}
    fill = {"action": "approve", "values": {"to": ["Grey"]}}
    pay, send, shell = answered(CLERK, waiting, edit, fill, {"action": "approve", "content": "a.txt"})
    assert (pay["confirmed"], pay["tool_args"]) == (True, {"amount": 4})
    assert (send["answered"], [field["value"] for field in send["user_input_schema"]]) == (
        True,
        ["Hello", ["Grey"]],
    )
    assert shell["result"] == "a.txt"


@pytest.mark.parametrize(
    ("answer", "note"), [({"action": "reject", "feedback": "Hm."}, "Hm."), (None, "Nobody answers.")]
)
def test_a_no_is_a_no_for_each_tool(answer: Any, note: str) -> None:
    pay, send, shell = answered(CLERK, run(tools=[PAY, SEND, SHELL]), answer, answer, answer)
    assert (pay["confirmed"], pay["confirmation_note"], send["confirmed"]) == (False, note, False)
    assert shell["result"] == note


def test_a_member_of_a_team_is_named() -> None:
    requirement = {"id": "r", "tool_execution": PAY, "member_agent_name": "Payer"}
    waiting = run(requirements=[requirement], team_name="Office")
    where = Where(place="team/office", run="1", session="s")
    found = found_in(where, waiting)
    assert found is not None
    tool = Question(**found.posed[0].said).tool
    assert tool is not None
    assert (tool["executor"]["name"], tool["member"]["name"]) == ("Office", "Payer")
    (given,) = answered(where, waiting, {"action": "approve"})
    assert (given["confirmation"], given["tool_execution"]["confirmed"]) == (True, True)


@pytest.mark.parametrize(
    ("step", "kind", "answer", "given"),
    [
        ({}, "confirmation", {"action": "approve"}, {"confirmed": True}),
        (
            {},
            "confirmation",
            {"action": "reject", "feedback": "No."},
            {"confirmed": False, "rejection_feedback": "No."},
        ),
        (
            {"requires_user_input": True, "user_input_schema": [{"name": "city", "field_type": "str"}]},
            "user_input",
            {"action": "approve", "values": {"city": "Bonn"}},
            {"user_input": {"city": "Bonn"}},
        ),
        (
            {"requires_route_selection": True, "available_choices": ["air", "sea"]},
            "route",
            {"action": "approve", "choices": ["sea"]},
            {"selected_choices": ["sea"]},
        ),
        (
            {"requires_output_review": True, "step_output": {"content": "a draft"}},
            "output_review",
            {"action": "edit", "content": "my own"},
            {"confirmed": True, "edited_output": "my own"},
        ),
    ],
)
def test_steps_that_wait(step: dict[str, Any], kind: str, answer: Any, given: dict[str, Any]) -> None:
    waiting = run(step_requirements=[STEP | {"confirmed": True}, STEP | step])
    found = found_in(FLOW, waiting)
    assert found is not None
    assert Question(**found.posed[0].said).kind == kind
    past, last = answered(FLOW, waiting, answer)
    assert past == STEP | {"confirmed": True}
    assert given.items() <= last.items()


@pytest.mark.parametrize("asks", ["requires_user_input", "requires_route_selection"])
@pytest.mark.parametrize("answer", [{"action": "reject"}, {"action": "cancel"}, None])
def test_where_there_is_no_no_nothing_is_posted(asks: str, answer: Any) -> None:
    choices = {"available_choices": ["air"]} if asks == "requires_route_selection" else {}
    found = found_in(FLOW, run(step_requirements=[STEP | {asks: True} | choices]))
    assert found is not None
    with pytest.raises(Trouble, match="end it there") as trouble:
        AgentOS().answer(Far(url="https://agno.example"), found, {found.posed[0].spot: answer})
    assert trouble.value.is_final


def test_the_next_try_is_another_pause() -> None:
    first, second = (found_in(FLOW, run(step_requirements=[STEP] * times)) for times in (1, 2))
    assert first is not None
    assert second is not None
    assert first.key != second.key


def test_a_time_limit_is_the_questions() -> None:
    step = STEP | {"timeout_at": "2999-01-01T00:00:00+00:00", "on_timeout": "approve"}
    found = found_in(FLOW, run(step_requirements=[step]))
    assert found is not None
    said = found.posed[0].said
    assert (said["on_timeout"], said["timeout"] > 1000) == ("approve", True)


def test_nobody_is_asked_about_a_failure_that_cannot_be_answered_there() -> None:
    assert found_in(FLOW, run(error_requirements=[{"step_name": "pay", "error_message": "broken"}])) is None
