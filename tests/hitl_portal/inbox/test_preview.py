"""What a reviewer changes is shown before it is sent, and after it was decided; looking changes nothing."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, SignIn, answering
from workflows.models import Decision, Requirement, RunEvent
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

HTMX = {"HX-Request": "true"}
LETTER = "We pay you 20 today."
TOOL = {
    "name": "pay",
    "args": {"amount": 20, "note": "as agreed"},
    "fields": [
        {"name": "amount", "field_type": "int", "value": 20},
        {"name": "note", "field_type": "str", "value": "as agreed"},
    ],
    "executor": {"name": "clerk"},
}


def text(content: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", content.decode()).split())


def look(
    client: Client, requirement: Requirement, *, htmx: bool = True, typed: dict[str, str] | None = None
) -> Any:
    data = answering(requirement, "edit") | (typed or {})
    headers = HTMX if htmx else {}
    return client.post(f"/requirements/{requirement.id}/preview/", data, headers=headers)


def test_it_shows_what_the_typed_text_changes(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content=LETTER)
    response = look(as_(reviewer), requirement, typed={"answer-content": LETTER.replace("20", "25")})
    assert response.status_code == 200
    assert "We pay you [removed: 20][added: 25] today." in text(response.content)
    assert "<html" not in response.content.decode()


def test_data_is_compared_by_its_structure(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content={"amount": 20, "to": "C-7"})
    response = look(as_(reviewer), requirement, typed={"answer-content": '{"to": "C-7", "amount": 25}'})
    assert "changedamount [removed: 20 ] [added: 25 ]" in text(response.content)


def test_what_is_no_json_yet_is_said(as_: SignIn, ask: Ask, reviewer: User) -> None:
    response = look(as_(reviewer), ask("output_review", content={"a": 1}), typed={"answer-content": '{"a": '})
    assert response.status_code == 200
    assert "This is not JSON" in text(response.content)


def test_the_arguments_of_a_tool_are_compared(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("tool_confirmation", tool=TOOL)
    typed = {"answer-amount": "25", "answer-note": "as agreed"}
    found = text(look(as_(reviewer), requirement, typed=typed).content)
    assert "changedamount [removed: 20 ] [added: 25 ]" in found
    assert "note" not in found


def test_that_nothing_is_changed_yet_is_said(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content="two\nlines")
    response = look(as_(reviewer), requirement, typed={"answer-content": "two\r\nlines"})
    assert "Nothing yet." in text(response.content)


def test_without_scripts_the_card_comes_back_with_everything_that_was_typed(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    requirement = ask("output_review", content=LETTER)
    response = look(
        as_(reviewer),
        requirement,
        htmx=False,
        typed={"answer-content": "We pay you 25 today.", "feedback": "my words"},
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert "[removed: 20][added: 25]" in text(response.content)
    assert 'id="decision"' in page
    assert re.search(r"<textarea[^>]*>\s*We pay you 25 today\.", page)
    assert "my words</textarea>" in page
    assert re.search(r'<details class="evidence edit"[^>]* open', page)


@pytest.mark.parametrize("htmx", [True, False])
def test_looking_changes_nothing(as_: SignIn, ask: Ask, reviewer: User, htmx: bool) -> None:
    requirement = ask("output_review", content=LETTER)
    look(as_(reviewer), requirement, htmx=htmx, typed={"answer-content": "other"})
    requirement.refresh_from_db()
    assert requirement.is_open
    assert not Decision.objects.exists()
    assert not RunEvent.objects.exists()


def test_only_who_may_decide_looks(as_: SignIn, ask: Ask, requester: User, stranger: User) -> None:
    requirement = ask("output_review", content=LETTER)
    assert look(as_(requester), requirement, typed={"answer-content": "x"}).status_code == 403
    assert look(as_(stranger), requirement, typed={"answer-content": "x"}).status_code == 404


def test_it_wants_a_token_and_a_post(ask: Ask, reviewer: User) -> None:
    requirement, client = ask("output_review", content=LETTER), Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    assert look(client, requirement, typed={"answer-content": "x"}).status_code == 403
    assert client.get(f"/requirements/{requirement.id}/preview/").status_code == 405


@pytest.mark.parametrize("htmx", [True, False])
def test_what_was_decided_meanwhile_is_not_edited(as_: SignIn, ask: Ask, reviewer: User, htmx: bool) -> None:
    requirement = ask("output_review", content=LETTER)
    resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer))
    response = look(as_(reviewer), requirement, htmx=htmx, typed={"answer-content": "x"})
    assert response.status_code == (204 if htmx else 409)
    assert 'id="decision"' not in response.content.decode()


def test_what_cannot_be_edited_has_no_preview(as_: SignIn, ask: Ask, reviewer: User) -> None:
    assert look(as_(reviewer), ask("confirmation")).status_code == 404


def test_hostile_text_is_inert(as_: SignIn, ask: Ask, reviewer: User) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    response = look(as_(reviewer), ask("output_review", content="a"), typed={"answer-content": hostile})
    assert b"<script" not in response.content
    assert b"U+202E" in response.content


def edited(requirement: Requirement, content: Any, person: User) -> None:
    answer = Answer(action=Action.edit, content=content)
    resolve(requirement.id, revision=1, answer=answer, actor=Actor.of(person))


@pytest.mark.parametrize(
    ("kind", "details", "content", "found"),
    [
        ("output_review", {"content": LETTER}, LETTER.replace("20", "25"), "[removed: 20][added: 25] today."),
        ("output_review", {"content": {"amount": 20}}, {"amount": 25}, "[removed: 20 ] [added: 25 ]"),
        (
            "tool_confirmation",
            {"tool": TOOL},
            {"amount": 25, "note": "as agreed"},
            "[removed: 20 ] [added: 25 ]",
        ),
    ],
)
def test_a_decided_edit_is_shown_against_what_was_there(
    as_: SignIn, ask: Ask, reviewer: User, kind: str, details: Any, content: Any, found: str
) -> None:
    requirement = ask(kind, **details)
    edited(requirement, content, reviewer)
    client = as_(reviewer)
    assert found in text(client.get(f"/requirements/{requirement.id}/").content)
    fragment = client.get(f"/requirements/{requirement.id}/edited/", headers=HTMX)
    assert found in text(fragment.content)


def test_the_run_s_page_fetches_it_when_it_is_opened(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content=LETTER)
    edited(requirement, "other", reviewer)
    page = as_(reviewer).get(f"/runs/{requirement.run_id}/").content.decode()
    assert f'hx-get="/requirements/{requirement.id}/edited/"' in page


def test_without_scripts_its_address_leads_to_the_card(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content=LETTER)
    edited(requirement, "other", reviewer)
    response = as_(reviewer).get(f"/requirements/{requirement.id}/edited/")
    assert response.headers["Location"] == f"/requirements/{requirement.id}/"


def test_what_was_not_edited_shows_no_edit(as_: SignIn, ask: Ask, reviewer: User, stranger: User) -> None:
    requirement = ask("output_review", content=LETTER)
    assert as_(reviewer).get(f"/requirements/{requirement.id}/edited/").status_code == 404
    edited(requirement, "other", reviewer)
    assert as_(stranger).get(f"/requirements/{requirement.id}/edited/", headers=HTMX).status_code == 404
