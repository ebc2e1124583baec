"""Agents that need input from people: forms, the model's own questions, several rounds (spec 5.7: A7, A8; 4.4)."""

from typing import Any

import pytest

from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, ran, waiting, wants, went_on
from workflows.agents import Agent, UserControlFlowTools, UserFeedbackTools, UserInputField
from workflows.db import SqliteDb

FIELDS = [
    {"field_name": "subject", "field_type": "str", "field_description": "What it is about"},
    {"field_name": "count", "field_type": "int", "field_description": "How many"},
]
QUESTION = {
    "question": "Which way?",
    "header": "Way",
    "options": [{"label": "North", "description": "up"}, {"label": "South", "description": "down"}],
    "multi_select": False,
}


def form_of(run: Any) -> list[UserInputField]:
    """The form of the one open question."""
    return list(waiting(run).user_input_schema or ())


def test_a7_all_fields_are_asked_of_people_and_overwrite_the_arguments(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    agent = desk.agent(wants(amount=1), "paid", tools=[desk.tool(requires_user_input=True)], db=handle)
    run = ran(way, agent)
    assert run.content == "I have tools to execute, but I need user input."
    assert [(f.name, f.field_type, f.value) for f in form_of(run)] == [
        ("amount", int, None),
        ("to", str, None),
    ]
    waiting(run).provide_user_input({"amount": 9, "to": "eve", "unknown": 1})
    assert went_on(way, agent, run).content == "paid"
    assert desk.used == ["pay 9 eve"]


def test_a7_some_fields_are_the_models(handle: SqliteDb, desk: Desk, way: Way) -> None:
    pay = desk.tool(requires_user_input=True, user_input_fields=["to"])
    agent = desk.agent(wants(amount=3), "paid", tools=[pay], db=handle)
    run = ran(way, agent)
    assert "to" not in desk.told[0].tools[0].parameters["properties"]
    amount, to = form_of(run)
    assert (amount.value, amount.description) == (3, "How much.")
    assert (to.value, to.description) == (None, "To whom.")
    to.value = "ann"
    assert went_on(way, agent, run).content == "paid"
    assert desk.used == ["pay 3 ann"]


def test_a7_what_was_not_filled_in_stays_open(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(amount=1), "paid", tools=[desk.tool(requires_user_input=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).provide_user_input({"to": "eve"})
    assert form_of(run)[0].value is None
    assert waiting(run).needs_user_input
    with pytest.raises(ValueError, match="unresolved HITL requirements"):
        agent.continue_run(run)
    waiting(run).provide_user_input({"amount": 2})
    assert agent.continue_run(run).content == "paid"
    assert desk.used == ["pay 2 eve"]


def test_a7_what_the_model_gave_can_be_changed(handle: SqliteDb, desk: Desk) -> None:
    pay = desk.tool(user_input_fields=["to"])
    agent = desk.agent(wants(amount=3), "paid", tools=[pay], db=handle)
    run = agent.run("buy it")
    waiting(run).provide_user_input({"amount": 4, "to": "ann"})
    agent.continue_run(run)
    assert desk.used == ["pay 4 ann"]


def test_a7_a_value_of_another_type_is_refused_and_can_be_corrected(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_user_input=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).provide_user_input({"amount": "many", "to": "eve"})
    with pytest.raises(ValueError, match="amount"):
        agent.continue_run(run)
    (requirement,) = run.requirements or []
    requirement.provide_user_input({"amount": 1})
    assert agent.continue_run(run).content == "paid"


def test_a7_a_form_can_be_declined(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "then not", tools=[desk.tool(requires_user_input=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).decline("ask somebody else")
    assert agent.continue_run(run).content == "then not"
    assert (desk.used, desk.heard[-1].content) == ([], "ask somebody else")


def test_a8_the_model_asks_for_what_it_lacks_in_several_rounds(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    ask = wants("get_user_input", user_input_fields=FIELDS)
    again = wants("get_user_input", user_input_fields=FIELDS[:1])
    agent = desk.agent(ask, again, "done", tools=[UserControlFlowTools()], db=handle)
    run = ran(way, agent)
    assert [(f.name, f.field_type, f.description) for f in form_of(run)] == [
        ("subject", str, "What it is about"),
        ("count", int, "How many"),
    ]
    for field in form_of(run):
        if field.value is None:
            field.value = 3 if field.field_type is int else "cats"
    run = went_on(way, agent, run)
    assert desk.heard[-1].content == (
        'User inputs retrieved: [{"name": "subject", "value": "cats"}, {"name": "count", "value": 3}]'
    )
    assert (len(run.requirements or []), len(run.active_requirements)) == (2, 1)
    waiting(run).provide_user_input({"subject": "dogs"})
    done = went_on(way, agent, run)
    assert (done.content, len(done.requirements or [])) == ("done", 2)


def test_a8_rounds_by_decorator_in_other_objects(handle: SqliteDb, desk: Desk) -> None:
    def made() -> Agent:
        tools = [desk.tool("pay", requires_user_input=True), desk.tool("refund", requires_user_input=True)]
        return desk.agent(wants("pay"), wants("refund"), "done", tools=tools, db=handle)

    run = made().run("buy it")
    for amount in (1, 2):
        waiting(run).provide_user_input({"amount": amount, "to": "x"})
        run = made().continue_run(run_id=run.run_id, session_id=run.session_id, requirements=run.requirements)
    assert (run.content, desk.used) == ("done", ["pay 1 x", "refund 2 x"])


def test_a8_structured_questions(handle: SqliteDb, desk: Desk, way: Way) -> None:
    ask = wants("ask_user", questions=[QUESTION])
    agent = desk.agent(ask, "we go north", tools=[UserFeedbackTools()], db=handle)
    run = ran(way, agent)
    requirement = waiting(run)
    assert (requirement.needs_user_feedback, requirement.pause_type) == (True, "user_feedback")
    (question,) = requirement.user_feedback_schema or []
    assert [option.label for option in question.options or []] == ["North", "South"]
    requirement.provide_user_feedback({question.question: ["North"]})
    assert went_on(way, agent, run).content == "we go north"
    assert desk.heard[-1].content == (
        'User feedback received: [{"question": "Which way?", "selected": ["North"]}]'
    )


def test_the_toolkits_tell_the_model_how_to_ask(handle: SqliteDb, desk: Desk) -> None:
    desk.agent("hello", tools=[UserControlFlowTools(), UserFeedbackTools()], db=handle).run("hi")
    system = desk.heard[0]
    assert system.role == "system"
    assert "get_user_input" in system.content
    assert "ask_user" in system.content


def test_several_kinds_of_gates_in_one_turn(handle: SqliteDb, desk: Desk, way: Way) -> None:
    tools = [
        desk.tool("confirmed", requires_confirmation=True),
        desk.tool("filled", requires_user_input=True, user_input_fields=["to"]),
        desk.tool("outside", external_execution=True),
    ]
    calls = [wants(tool.name, amount=number) for number, tool in enumerate(tools)]
    agent = desk.agent(calls, "done", tools=[*tools, UserFeedbackTools()], db=handle)
    run = ran(way, agent)
    assert run.content == (
        "I have tools to execute, but I need confirmation and user input and external execution."
    )
    for requirement in run.active_requirements:
        if requirement.needs_confirmation:
            requirement.confirm()
        elif requirement.needs_user_input:
            requirement.provide_user_input({"to": "ann"})
        else:
            requirement.set_external_execution_result("from outside")
    assert went_on(way, agent, run).content == "done"
    assert [message.content for message in desk.heard[-3:]] == [
        "confirmed did 0",
        "filled did 1",
        "from outside",
    ]
    assert sorted(desk.used) == ["confirmed 0 shop", "filled 1 ann"]
