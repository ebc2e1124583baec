"""Deciding about a tool: what is saved is what the tool is then used with."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, SignIn, answering
from tests.hitl_portal.tools import QUESTIONS, ask_about_tool
from workflows.models import Decision, Requirement

SHOWN = {
    "answer-order": "A-7",
    "answer-amount": "120.0",
    "answer-express": "",
    "answer-lines": "",
}


def send(client: Client, requirement: Requirement, action: str, **typed: Any) -> Any:
    data = answering(requirement, action, **typed)
    return client.post(f"/requirements/{requirement.id}/decide/", data)


def answer() -> dict[str, Any]:
    """What was saved."""
    saved: dict[str, Any] = Decision.objects.get().answer
    return saved


def test_approving_takes_the_arguments_as_they_are(as_: SignIn, ask: Ask, reviewer: User) -> None:
    send(as_(reviewer), ask_about_tool(ask), "approve", **SHOWN | {"answer-amount": "5"})
    assert answer() == {"action": "approve"}


def test_edited_arguments_are_saved_with_their_types(as_: SignIn, ask: Ask, reviewer: User) -> None:
    typed = SHOWN | {"answer-amount": "60", "answer-express": "True", "answer-lines": '[{"n": 1}]'}
    assert send(as_(reviewer), ask_about_tool(ask), "edit", **typed).status_code == 302
    content = {"order": "A-7", "amount": 60.0, "express": True, "lines": [{"n": 1}]}
    assert answer() == {"action": "edit", "content": content}


def test_what_is_left_as_it_was_is_exactly_what_the_model_gave(as_: SignIn, ask: Ask, reviewer: User) -> None:
    args = {"order": " one\ntwo\r\n", "amount": 120.0}
    typed = SHOWN | {"answer-order": " one\r\ntwo\r\n", "answer-amount": "1"}
    send(as_(reviewer), ask_about_tool(ask, args=args), "edit", **typed)
    assert answer()["content"] == {"order": " one\ntwo\r\n", "amount": 1.0}


def test_an_optional_argument_that_was_emptied_is_left_out(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask, args={"order": "A-7", "amount": 120.0, "express": True})
    send(as_(reviewer), asked, "edit", **SHOWN)
    assert answer()["content"] == {"order": "A-7", "amount": 120.0}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("amount", "much"), ("amount", ""), ("order", ""), ("lines", "[1"), ("lines", "{}"), ("lines", "[NaN]")],
)
def test_what_does_not_fit_is_said_at_its_field(
    as_: SignIn, ask: Ask, reviewer: User, field: str, wrong: str
) -> None:
    asked = ask_about_tool(ask)
    response = send(as_(reviewer), asked, "edit", **SHOWN | {f"answer-{field}": wrong})
    page = response.content.decode()
    assert response.status_code == 422
    assert f'id="id_answer-{field}_error"' in page
    assert f'id="edit-{asked.id}" open' in page
    assert not Decision.objects.exists()


def test_rejecting_keeps_the_note_for_the_model(as_: SignIn, ask: Ask, reviewer: User) -> None:
    send(as_(reviewer), ask_about_tool(ask), "reject", feedback="Half of it.", **{"answer-amount": ""})
    assert answer() == {"action": "reject", "feedback": "Half of it."}


def test_only_what_was_filled_in_or_changed_is_saved(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask, "tool_input", args={"order": "A-7"})
    send(as_(reviewer), asked, "approve", **SHOWN | {"answer-express": "False"})
    assert answer()["values"] == {"amount": 120.0, "express": False}


def test_an_emptied_value_of_the_model_is_its_default_again(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask, "tool_input", args={"order": "A-7", "amount": 120.0, "express": True})
    send(as_(reviewer), asked, "approve", **SHOWN)
    assert answer()["values"] == {"express": False}


def test_a_missing_value_is_asked_for_again(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask, "tool_input", args={"order": "A-7"})
    response = send(as_(reviewer), asked, "approve", **SHOWN | {"answer-amount": ""})
    assert response.status_code == 422
    assert 'id="id_answer-amount_error"' in response.content.decode()


@pytest.mark.parametrize(
    ("form", "typed", "result"),
    [("text", "12 GB\r\nfree", "12 GB\nfree"), ("text", "", ""), ("json", '{"free": 12}', {"free": 12})],
)
def test_a_result_from_elsewhere_is_text_or_data(
    as_: SignIn, ask: Ask, reviewer: User, form: str, typed: str, result: Any
) -> None:
    asked = ask_about_tool(ask, "external_execution")
    sent = {"answer-content": typed, "answer-form": form}
    assert send(as_(reviewer), asked, "approve", **sent).status_code == 302
    assert answer()["content"] == result


@pytest.mark.parametrize("typed", ["", "{", "NaN"])
def test_a_result_that_is_not_json_comes_back(as_: SignIn, ask: Ask, reviewer: User, typed: str) -> None:
    asked = ask_about_tool(ask, "external_execution")
    sent = {"answer-content": typed, "answer-form": "json"}
    assert send(as_(reviewer), asked, "approve", **sent).status_code == 422


def test_questions_are_answered_with_labels(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask, "feedback", questions=QUESTIONS, args={"questions": QUESTIONS})
    send(as_(reviewer), asked, "approve", **{"answer-q0": "Linz", "answer-q1": ["Prices", "Dates"]})
    assert answer()["values"] == {"Which city?": ["Linz"], "What for?": ["Prices", "Dates"]}


@pytest.mark.parametrize("sent", [{"answer-q1": ["Prices"]}, {"answer-q0": "Rome", "answer-q1": ["Dates"]}])
def test_each_question_needs_an_answer_that_is_offered(
    as_: SignIn, ask: Ask, reviewer: User, sent: dict[str, Any]
) -> None:
    asked = ask_about_tool(ask, "feedback", questions=QUESTIONS, args={"questions": QUESTIONS})
    response = send(as_(reviewer), asked, "approve", **sent)
    assert response.status_code == 422
    assert 'id="id_answer-q0_error"' in response.content.decode()


def test_a_question_without_options_is_answered_in_words(as_: SignIn, ask: Ask, reviewer: User) -> None:
    open_one: dict[str, Any] = {"question": "Why?", "header": None, "options": [], "multi_select": False}
    asked = ask_about_tool(ask, "feedback", questions=[open_one], args={"questions": [open_one]})
    send(as_(reviewer), asked, "approve", **{"answer-q0": "Because."})
    assert answer()["values"] == {"Why?": ["Because."]}


def test_a_reviewer_cannot_get_around_an_admin_s_approval(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    asked = ask_about_tool(ask, approval="required")
    response = send(as_(reviewer), asked, "approve", **SHOWN)
    assert response.status_code == 403
    assert "Admins decide this." in response.content.decode()
    assert send(as_(admin), asked, "approve", **SHOWN).status_code == 302


def test_the_card_says_what_was_decided(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask)
    client = as_(reviewer)
    send(client, asked, "edit", **SHOWN | {"answer-amount": "60"})
    page = client.get(f"/requirements/{asked.id}/").content.decode()
    assert "<strong>reviewer</strong> approved with other arguments" in page
    assert "The arguments that count" in page
    assert '<span class="number">60.0</span>' in page


def test_a_late_answer_keeps_what_was_typed(as_: SignIn, ask: Ask, reviewer: User, admin: User) -> None:
    asked = ask_about_tool(ask, "external_execution")
    send(as_(admin), asked, "approve", **{"answer-content": "mine", "answer-form": "text"})
    typed = {"answer-content": json.dumps({"late": True}), "answer-form": "json"}
    response = send(as_(reviewer), asked, "approve", **typed)
    assert response.status_code == 409
    assert "What you had written" in response.content.decode()
    assert "late" in response.content.decode()
