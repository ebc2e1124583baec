"""Deciding: one answer, saved or come back with everything that was typed."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, SignIn, answering
from workflows.models import Decision, Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

FIELDS = [
    {"name": "city", "field_type": "str"},
    {"name": "count", "field_type": "int"},
    {"name": "share", "field_type": "float", "required": False},
    {"name": "express", "field_type": "bool"},
    {"name": "size", "field_type": "int", "allowed_values": [1, 2]},
]
FILLED = {
    "answer-city": "Graz",
    "answer-count": "3",
    "answer-share": "",
    "answer-express": "False",
    "answer-size": "2",
}


def send(client: Client, requirement: Requirement, action: str, **typed: Any) -> Any:
    data = answering(requirement, action, **typed)
    return client.post(f"/requirements/{requirement.id}/decide/", data)


def test_approving_saves_who_and_why(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    response = send(as_(reviewer), requirement, "approve", feedback="Within the budget.")
    assert response.headers["Location"] == f"/requirements/{requirement.id}/"
    decision = Decision.objects.get()
    assert (decision.person, decision.action, decision.channel) == (reviewer, "approve", "portal")
    assert decision.feedback == "Within the budget."


def test_the_page_after_it_confirms(as_: SignIn, ask: Ask, reviewer: User) -> None:
    client = as_(reviewer)
    requirement = ask()
    send(client, requirement, "approve")
    page = client.get(f"/requirements/{requirement.id}/").content.decode()
    assert "Your decision is saved." in page


def test_reading_never_decides(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    address = f"/requirements/{requirement.id}/decide/?action=approve&revision=1"
    client = as_(reviewer)
    assert client.get(address).status_code == 405
    assert client.head(address).status_code == 405
    assert Requirement.objects.get().is_open


def test_a_form_from_elsewhere_is_refused(ask: Ask, reviewer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    response = send(client, ask(), "approve")
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
    assert Requirement.objects.get().is_open


def test_a_requester_is_told_that_reviewers_decide(as_: SignIn, ask: Ask, requester: User) -> None:
    response = send(as_(requester), ask(), "approve")
    assert response.status_code == 403
    assert "Reviewers decide this." in response.content.decode()
    assert Requirement.objects.get().is_open


def test_a_stranger_finds_nothing(as_: SignIn, ask: Ask, stranger: User) -> None:
    assert send(as_(stranger), ask(), "approve").status_code == 404
    assert Requirement.objects.get().is_open


def test_nobody_is_asked_to_sign_in(client: Client, ask: Ask) -> None:
    assert send(client, ask(), "approve").status_code == 302
    assert Requirement.objects.get().is_open


def test_filled_fields_arrive_with_their_types(as_: SignIn, ask: Ask, reviewer: User) -> None:
    send(as_(reviewer), ask("user_input", fields=FIELDS), "approve", **FILLED)
    values = Decision.objects.get().answer["values"]
    assert values == {"city": "Graz", "count": 3, "share": None, "express": False, "size": 2}


@pytest.mark.parametrize(
    ("field", "wrong"), [("city", ""), ("count", "three"), ("count", ""), ("express", ""), ("size", "3")]
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_lost(
    as_: SignIn, ask: Ask, reviewer: User, field: str, wrong: str
) -> None:
    typed = FILLED | {f"answer-{field}": wrong}
    response = send(as_(reviewer), ask("user_input", fields=FIELDS), "approve", feedback="mine", **typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert f'id="id_answer-{field}_error"' in page
    assert page.count("_error") <= 3
    assert ">\nmine</textarea>" in page
    assert Requirement.objects.get().is_open


def test_rejecting_needs_no_fields(as_: SignIn, ask: Ask, reviewer: User) -> None:
    assert send(as_(reviewer), ask("user_input", fields=FIELDS), "reject").status_code == 302
    assert Decision.objects.get().action == "reject"


def test_an_open_question_is_answered_in_words(as_: SignIn, ask: Ask, reviewer: User) -> None:
    send(as_(reviewer), ask("user_input"), "approve", **{"answer-answer": "42"})
    assert Decision.objects.get().answer["values"] == {"answer": "42"}


def test_a_route_is_chosen(as_: SignIn, ask: Ask, reviewer: User) -> None:
    choices = [{"name": "fast"}, {"name": "slow"}]
    send(as_(reviewer), ask("route", choices=choices), "approve", **{"answer-choices": "slow"})
    assert Decision.objects.get().answer["choices"] == ["slow"]


def test_a_button_chooses_its_route_at_once(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("route", choices=[{"name": "fast"}, {"name": "slow"}])
    pressed = {"revision": 1, "choice": "slow", "feedback": ""}
    as_(reviewer).post(f"/requirements/{requirement.id}/decide/", pressed)
    answer = Decision.objects.get().answer
    assert (answer["action"], answer["choices"]) == ("approve", ["slow"])


def test_a_button_that_nobody_offered_chooses_nothing(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("route", choices=[{"name": "fast"}, {"name": "slow"}])
    pressed = {"revision": 1, "choice": "sideways", "feedback": ""}
    assert as_(reviewer).post(f"/requirements/{requirement.id}/decide/", pressed).status_code == 422
    assert Requirement.objects.get().is_open


def test_several_routes_are_chosen(as_: SignIn, ask: Ask, reviewer: User) -> None:
    choices = [{"name": "fast"}, {"name": "slow"}]
    requirement = ask("route", choices=choices, allow_multiple=True)
    send(as_(reviewer), requirement, "approve", **{"answer-choices": ["fast", "slow"]})
    assert Decision.objects.get().answer["choices"] == ["fast", "slow"]


def test_no_route_is_no_answer(as_: SignIn, ask: Ask, reviewer: User) -> None:
    assert send(as_(reviewer), ask("route", choices=[{"name": "fast"}]), "approve").status_code == 422


def test_an_edited_text_replaces_the_output(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content="one\ntwo")
    send(as_(reviewer), requirement, "edit", **{"answer-content": "one\r\nthree\r\n"})
    assert Decision.objects.get().answer["content"] == "one\nthree\n"


def test_edited_data_is_data(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content={"n": 1})
    send(as_(reviewer), requirement, "edit", **{"answer-content": '{"n": 2}'})
    assert Decision.objects.get().answer["content"] == {"n": 2}


@pytest.mark.parametrize("broken", ['{"n": ', '{"n": NaN}', ""])
def test_broken_data_comes_back(as_: SignIn, ask: Ask, reviewer: User, broken: str) -> None:
    requirement = ask("output_review", content={"n": 1})
    response = send(as_(reviewer), requirement, "edit", **{"answer-content": broken})
    assert response.status_code == 422
    assert f'id="edit-{requirement.id}" open' in response.content.decode()


def test_approving_ignores_what_stands_in_the_editor(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content={"n": 1})
    send(as_(reviewer), requirement, "approve", **{"answer-content": "{"})
    assert Decision.objects.get().answer == {"action": "approve"}


def test_changes_are_requested_with_words(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content="b", on_reject="retry")
    response = send(as_(reviewer), requirement, "reject")
    assert response.status_code == 422
    assert "Say what should change" in response.content.decode()
    assert send(as_(reviewer), requirement, "reject", feedback="Shorter.").status_code == 302


@pytest.mark.parametrize("action", ["retry", "skip", "cancel"])
def test_an_error_is_answered(as_: SignIn, ask: Ask, reviewer: User, action: str) -> None:
    send(as_(reviewer), ask("error", error={"type": "E", "message": "m"}), action)
    assert Decision.objects.get().action == action


@pytest.mark.parametrize("action", ["retry", "explode", ""])
def test_an_answer_that_is_not_offered_is_refused(as_: SignIn, ask: Ask, reviewer: User, action: str) -> None:
    response = send(as_(reviewer), ask(), action)
    assert response.status_code == 422
    assert Requirement.objects.get().is_open


def test_the_second_answer_learns_who_was_faster_and_keeps_its_words(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask()
    resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    response = send(as_(reviewer), requirement, "reject", feedback="Too much money.")
    page = response.content.decode()
    assert response.status_code == 409
    assert "<strong>admin</strong> approved" in page
    assert "What you had written" in page
    assert "Too much money." in page
    assert Decision.objects.get().person == admin


def test_a_late_answer_that_would_not_fit_is_told_the_same(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask("user_input", fields=FIELDS)
    values = {"city": "Graz", "count": 1, "express": True, "size": 1}
    resolve(
        requirement.id, revision=1, answer=Answer(action=Action.approve, values=values), actor=Actor.of(admin)
    )
    response = send(as_(reviewer), requirement, "approve", **{"answer-city": "Linz"})
    assert response.status_code == 409
    assert "Linz" in response.content.decode()


def test_an_answer_to_what_has_changed_sees_the_fresh_card(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask(message="Pay 10?")
    Requirement.objects.update(revision=2, message="Pay 1000?")
    response = send(as_(reviewer), requirement, "approve", feedback="Small enough.")
    page = response.content.decode()
    assert response.status_code == 409
    assert "has changed since you opened it" in page
    assert "Pay 1000?" in page
    assert 'name="revision" value="2"' in page
    assert "Small enough." in page
    assert Requirement.objects.get().is_open


@pytest.mark.parametrize("revision", ["", "x", "99999999999999999999999"])
def test_a_damaged_revision_decides_nothing(as_: SignIn, ask: Ask, reviewer: User, revision: str) -> None:
    assert send(as_(reviewer), ask(), "approve", revision=revision).status_code in (409, 422)
    assert Requirement.objects.get().is_open
