"""Asking a human from anywhere."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.api.conftest import Call, is_problem, token_of
from tests.hitl_portal.conftest import Ask, SignIn
from workflows.models import Requirement, Workflow

PAY = {"kind": "confirmation", "message": "Pay 249.50 back?", "title": "Refund"}
KINDS: dict[str, dict[str, Any]] = {
    "confirmation": {},
    "user_input": {"fields": [{"name": "amount", "field_type": "int"}]},
    "route": {"choices": [{"name": "air"}, {"name": "sea", "description": "Slow."}]},
    "output_review": {"content": {"text": "a draft"}},
    "tool_confirmation": {"tool": {"name": "pay", "args": {"amount": 7}, "description": "Well?"}},
    "tool_input": {"tool": {"name": "send", "fields": [{"name": "to"}], "description": "Well?"}},
    "error": {"error": {"type": "TimeoutError", "message": "Well?"}},
    "external_execution": {"tool": {"name": "shell", "args": {"command": "ls"}, "description": "Well?"}},
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_asked_and_has_a_card(
    call: Call, as_: SignIn, requester: User, reviewer: User, kind: str
) -> None:
    answer = call(requester, "/requirements", json={"kind": kind, "message": "Well?"} | KINDS[kind])
    told = answer.json()
    assert (answer.status_code, told["kind"], told["status"]) == (201, kind, "open")
    assert answer.headers["Location"].endswith(f"/api/v1/requirements/{told['requirement_id']}")
    card = as_(reviewer).get(f"/requirements/{told['requirement_id']}/")
    assert card.status_code == 200
    assert "Well?" in card.content.decode()
    assert as_(reviewer).get(f"/runs/{told['run_id']}/").status_code == 200


def test_the_answer_is_there_once_it_is_given(call: Call, requester: User, reviewer: User) -> None:
    at = f"/requirements/{call(requester, '/requirements', json=PAY).json()['requirement_id']}"
    call(reviewer, f"{at}/decide", json={"revision": 1, "action": "reject", "feedback": "Too much."})
    told = call(requester, at).json()["answer"]
    assert (told["approved"], told["feedback"], told["decided_by"]) == (False, "Too much.", "reviewer")


def test_the_same_key_is_the_same_question(call: Call, requester: User) -> None:
    key = {"Idempotency-Key": "order 7"}
    first, again = (call(requester, "/requirements", headers=key, json=PAY) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["requirement_id"] == again.json()["requirement_id"]
    other = call(requester, "/requirements", headers=key, json=PAY | {"message": "Pay 1 back?"})
    assert is_problem(other, 422, "idempotency-conflict")


def test_its_policy_counts(call: Call, requester: User, reviewer: User) -> None:
    policy = {"four_eyes": True, "risk": "high", "deciders": {"users": ["reviewer"]}, "due": 3600}
    told = call(requester, "/requirements", json=PAY | {"policy": policy}).json()
    assert (told["risk"], told["policy"]["four_eyes"]) == ("high", True)
    assert told["due_at"] is not None
    answer = call(
        requester, f"/requirements/{told['requirement_id']}/decide", json={"revision": 1, "action": "reject"}
    )
    assert is_problem(answer, 403, "self-approval")


@pytest.mark.parametrize(
    ("pointer", "wrong"),
    [
        ("/kind", {"kind": "anything"}),
        ("/error", {"kind": "error"}),
        ("/message", {"message": ""}),
        ("/policy", {"policy": {"quorum": 0}}),
        ("/policy/unknown", {"policy": {"unknown": 1}}),
        ("/policy", {"policy": {"deciders": [""]}}),
        ("/choices", {"kind": "route"}),
        ("/fields", {"kind": "user_input", "fields": [{}]}),
        ("/fields", {"kind": "user_input", "fields": [{"name": "a", "minimum": 3, "maximum": 1}]}),
        ("/timeout", {"timeout": 0}),
        ("/else", {"else": 1}),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(
    call: Call, requester: User, pointer: str, wrong: dict[str, Any]
) -> None:
    answer = call(requester, "/requirements", json=PAY | wrong)
    assert is_problem(answer, 422, "validation")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Requirement.objects.exists()


def test_asking_needs_the_scope_to_start(call: Call, requester: User) -> None:
    assert is_problem(call(token_of(requester, "read"), "/requirements", json=PAY), 403, "missing-scope")
    told = call(token_of(requester, "start", name="shop"), "/requirements", json=PAY).json()
    event = Requirement.objects.get(pk=told["requirement_id"]).run.events.get(type="RunQueued")
    assert event.data["via"] == "token shop"


def test_a_stranger_sees_nothing_of_it(call: Call, requester: User, stranger: User) -> None:
    told = call(requester, "/requirements", json=PAY).json()
    assert is_problem(call(stranger, f"/requirements/{told['requirement_id']}"), 404, "not-found")


def test_admins_switch_it_off(call: Call, requester: User) -> None:
    call(requester, "/requirements", json=PAY)
    Workflow.objects.update(enabled=False)
    assert is_problem(call(requester, "/requirements", json=PAY), 409, "workflow-disabled")


def test_what_one_has_asked_is_taken_back(call: Call, requester: User) -> None:
    at = f"/requirements/{call(requester, '/requirements', json=PAY).json()['requirement_id']}"
    answers = [call(requester, f"{at}/withdraw", json={}) for _ in range(2)]
    assert [(each.status_code, each.json()["status"]) for each in answers] == [(200, "withdrawn")] * 2
    assert Requirement.objects.get().run.status == "CANCELLED"


def test_what_others_have_asked_or_is_decided_is_not_taken_back(
    call: Call, requester: User, reviewer: User, admin: User, stranger: User
) -> None:
    at = f"/requirements/{call(requester, '/requirements', json=PAY).json()['requirement_id']}"
    for who in (reviewer, admin):
        assert is_problem(call(who, f"{at}/withdraw", json={}), 403, "not-eligible")
    assert is_problem(call(stranger, f"{at}/withdraw", json={}), 404, "not-found")
    call(reviewer, f"{at}/decide", json={"revision": 1, "action": "approve"})
    assert is_problem(call(requester, f"{at}/withdraw", json={}), 409, "already-decided")


def test_what_a_workflow_asks_is_not_taken_back(call: Call, ask: Ask, requester: User) -> None:
    assert is_problem(call(requester, f"/requirements/{ask().pk}/withdraw", json={}), 403, "not-eligible")
