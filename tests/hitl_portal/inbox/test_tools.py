"""The card of a question about a tool: who wants it, with what, what each answer causes; all of it inert."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn, new_run
from tests.hitl_portal.tools import AGENT, ARGS, MEMBER, QUESTIONS, a_turn, ask_about_tool
from workflows.models import Requirement, Workflow

HOSTILE = "<script>alert(1)</script> {{ 7|add:7 }}"
KINDS: dict[str, dict[str, Any]] = {
    "tool_confirmation": {},
    "tool_input": {},
    "external_execution": {},
    "feedback": {"name": "ask_user", "questions": QUESTIONS, "args": {"questions": QUESTIONS}, "fields": []},
}


def card(as_: SignIn, user: User, requirement: Requirement) -> str:
    return as_(user).get(f"/requirements/{requirement.id}/").content.decode()


@pytest.mark.parametrize(
    ("kind", "headline", "label", "causes"),
    [
        (
            "tool_confirmation",
            "May “Refund desk” use “pay_refund”?",
            "Approve",
            "“pay_refund” is used with exactly these arguments",
        ),
        ("tool_input", "“Refund desk” needs input for “pay_refund”", "Send", "used with these values"),
        (
            "external_execution",
            "“Refund desk” needs the result of “pay_refund”",
            "Send the result",
            "takes this for the result of “pay_refund”",
        ),
        ("feedback", "“Refund desk” has questions", "Send the answers", "reads your answers"),
    ],
)
def test_it_says_who_wants_what_and_what_yes_causes(
    as_: SignIn, ask: Ask, reviewer: User, kind: str, headline: str, label: str, causes: str
) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, kind, **KINDS[kind]))
    assert f"<h2>{headline}</h2>" in page
    assert f">{label}" in page
    assert causes in page


@pytest.mark.parametrize(
    ("kind", "causes"),
    [
        ("tool_confirmation", "“pay_refund” is not used. “Refund desk” is told so, with your note"),
        ("external_execution", "is told that there is no result, with your note"),
        ("feedback", "is told that nobody answers, with your note"),
    ],
)
def test_it_says_what_no_causes(as_: SignIn, ask: Ask, reviewer: User, kind: str, causes: str) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, kind, **KINDS[kind]))
    assert causes in page
    assert "The run ends as cancelled" in page
    assert "the model reads it when you reject" in page


def test_it_shows_the_tool_and_every_argument(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, args=ARGS | {"lines": [{"deep": {"er": "bottom"}}]}))
    assert "Pay money back." in page
    for name in ("order", "amount", "express", "lines"):
        assert f"<code>{name}</code>" in page
    assert "A-7" in page
    assert "bottom" in page
    assert "not given, so:" in page  # express has a default


def test_a_long_argument_folds_and_is_there_in_full(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, args={"order": "long " * 2000 + "the end", "amount": 1.0}))
    assert '<details class="fold" data-fold' in page
    assert page.count("the end") == 3  # folded, as JSON, and where it can be changed


def test_a_member_is_named_with_its_team(as_: SignIn, ask: Ask, reviewer: User) -> None:
    office = AGENT | {"name": "Office", "type": "team"}
    asked = ask_about_tool(ask, path="pay/0.0::Writer/0.0:pay_refund", executor=office, member=MEMBER)
    page = card(as_, reviewer, asked)
    assert "May “Writer” use “pay_refund”?" in page
    assert "of the team Office" in page
    assert 'data-state="waiting" aria-current="step"' in page


def test_what_the_model_said_is_marked_as_its_own(as_: SignIn, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask)
    a_turn(asked.run, "pay", 1, "The lamp was **broken**.")
    page = card(as_, reviewer, asked)
    said = page.partition('class="evidence said voiced"')[2].partition("</section>")[0]
    assert "What “Refund desk” said with it" in said
    assert "written by a model" in said
    assert "The lamp was **broken**." in said


def test_it_names_what_was_asked_in_the_same_breath(
    as_: SignIn, ask: Ask, workflow: Workflow, requester: User, reviewer: User
) -> None:
    run = new_run(workflow, requester)
    asked = ask_about_tool(ask, run=run)
    other = ask_about_tool(ask, run=run, path="pay/1.1:close", name="close")
    page = card(as_, reviewer, asked)
    assert "Asked together with this" in page
    assert f'<a href="/requirements/{other.id}/">May “Refund desk” use “close”?</a>' in page


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_is_inert(as_: SignIn, ask: Ask, reviewer: User, kind: str) -> None:
    question = QUESTIONS[0] | {"question": HOSTILE, "header": HOSTILE}
    question["options"] = [{"label": HOSTILE, "description": HOSTILE}]
    fields = [{"name": HOSTILE, "field_type": "str", "description": HOSTILE, "value": HOSTILE}]
    tool: dict[str, Any] = {
        "args": {HOSTILE: HOSTILE},
        "fields": fields,
        "questions": [question],
        "description": HOSTILE,
    }
    asked = ask_about_tool(ask, kind, **tool | {"name": HOSTILE, "executor": AGENT | {"name": HOSTILE}})
    a_turn(asked.run, "pay", 1, HOSTILE)
    page = card(as_, reviewer, asked)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7|add:7 }}" in page


def test_characters_that_nobody_sees_are_shown(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, args={"order": "A\u202e7-A", "amount": 1.0}))
    assert "A⟦U+202E⟧7-A" in page
    assert "A\\u202e7-A" in page  # as JSON


def test_a_required_approval_is_an_admin_s(as_: SignIn, ask: Ask, reviewer: User, admin: User) -> None:
    asked = ask_about_tool(ask, approval="required")
    page = card(as_, reviewer, asked)
    assert "Admins decide" in page
    assert "It waits for an admin." in page
    assert 'name="action"' not in page
    assert 'name="action"' in card(as_, admin, asked)


def test_an_audited_use_says_so(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, approval="audit"))
    assert "Audited" in page
    assert 'name="action"' in page


def test_the_arguments_of_an_external_execution_can_be_copied(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, "external_execution"))
    assert "&quot;order&quot;: &quot;A-7&quot;" in page
    assert "data-copy=" in page


def test_a_form_that_a_model_made_up_is_called_so(as_: SignIn, ask: Ask, reviewer: User) -> None:
    fields = [{"name": "guests", "field_type": "int", "description": "How many", "value": None}]
    asked = ask_about_tool(ask, "tool_input", args={"user_input_fields": []}, fields=fields)
    page = card(as_, reviewer, asked)
    assert "These fields were named by a model." in page
    assert 'type="number" name="answer-guests"' in page


def test_editing_is_not_offered_where_it_would_drop_an_argument(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    page = card(as_, reviewer, ask_about_tool(ask, args=ARGS | {"more": 1}))
    assert "Edit the arguments" not in page
    assert "<code>more</code>" in page


@pytest.mark.parametrize("kind", KINDS)
def test_it_takes_fourteen_queries(
    as_: SignIn, ask: Ask, reviewer: User, django_assert_max_num_queries: Any, kind: str
) -> None:
    asked = ask_about_tool(ask, kind, **KINDS[kind])
    a_turn(asked.run, "pay", 1, "Why I ask.")
    client = as_(reviewer)
    with django_assert_max_num_queries(14):
        client.get(f"/requirements/{asked.id}/")
