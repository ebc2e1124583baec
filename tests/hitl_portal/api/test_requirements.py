"""Deciding by API."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.hitl_portal.api.conftest import Call, is_problem, token_of
from tests.hitl_portal.conftest import Ask
from workflows.models import Decision, Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

YES = {"revision": 1, "action": "approve"}


def test_one_is_told_with_what_is_reviewed(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask("output_review", "Good?", content="a draft", evidence=["check", "call:0.0"])
    told = call(reviewer, f"/requirements/{asked.pk}").json()
    assert (told["content"], told["status"], told["answer"]) == ("a draft", "open", None)
    assert "edit" in told["actions"]


def test_a_decision_is_final_and_told(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask()
    told = call(reviewer, f"/requirements/{asked.pk}/decide", json=YES | {"feedback": "Fine."}).json()
    assert told["status"] == "decided"
    assert (told["answer"]["decided_by"], told["answer"]["feedback"]) == ("reviewer", "Fine.")
    assert Decision.objects.get().channel == "api"


def test_the_same_answer_again_is_the_same_decision(call: Call, ask: Ask, reviewer: User) -> None:
    address = f"/requirements/{ask().pk}/decide"
    first, again = (call(reviewer, address, json=YES).json() for _ in range(2))
    assert first["answer"] == again["answer"]
    assert Decision.objects.count() == 1


def test_who_comes_late_is_told_who_was_faster(call: Call, ask: Ask, reviewer: User, admin: User) -> None:
    address = f"/requirements/{ask().pk}/decide"
    call(admin, address, json=YES)
    answer = call(reviewer, address, json=YES | {"action": "reject"})
    assert is_problem(answer, 409, "already-decided")
    assert answer.json()["decided_by"] == "admin"


def test_a_revision_that_is_gone_is_refused_with_the_one_of_now(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask()
    Requirement.objects.update(revision=3)
    answer = call(reviewer, f"/requirements/{asked.pk}/decide", json=YES)
    assert is_problem(answer, 409, "stale-revision")
    assert answer.json()["current_revision"] == 3


def test_an_answer_that_does_not_fit_is_refused_by_field(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask("user_input", fields=[{"name": "amount", "field_type": "int", "required": True}])
    answer = call(reviewer, f"/requirements/{asked.pk}/decide", json=YES | {"values": {"amount": "x"}})
    assert is_problem(answer, 422, "validation")
    assert answer.json()["errors"][0]["field"] == "amount"


def test_four_eyes_are_called_by_their_name(call: Call, ask: Ask, requester: User, reviewer: User) -> None:
    asked = ask()
    Requirement.objects.update(policy={"four_eyes": True})
    requester.groups.set(reviewer.groups.all())
    answer = call(requester, f"/requirements/{asked.pk}/decide", json=YES)
    assert is_problem(answer, 403, "self-approval")


def test_what_can_be_undone_is_no_answer_yet(call: Call, ask: Ask, reviewer: User, settings: Any) -> None:
    settings.HITL_HOLD_SECONDS = 60
    asked = ask()
    resolve(asked.pk, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer))
    told = call(reviewer, f"/requirements/{asked.pk}").json()
    assert (told["status"], told["answer"]) == ("held", None)
    Requirement.objects.update(release_at=timezone.now() - timedelta(seconds=1))
    assert call(reviewer, f"/requirements/{asked.pk}").json()["status"] == "decided"


def test_a_token_decides_as_its_owner_and_the_log_says_so(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask()
    token = token_of(reviewer, "read", "decide", name="robot")
    assert call(token, f"/requirements/{asked.pk}/decide", json=YES).status_code == 200
    event = asked.run.events.get(type="RequirementDecided")
    assert (event.actor, event.data["via"]) == ("reviewer", "token robot")


@pytest.mark.parametrize("policy", [{"four_eyes": True}, {"risk": "high"}, {"quorum": 2}])
def test_a_token_is_nobodys_eyes(call: Call, ask: Ask, reviewer: User, policy: dict[str, object]) -> None:
    asked = ask()
    Requirement.objects.update(policy=policy)
    answer = call(token_of(reviewer, "decide"), f"/requirements/{asked.pk}/decide", json=YES)
    assert is_problem(answer, 403, "not-eligible")
    assert call(reviewer, f"/requirements/{asked.pk}/decide", json=YES).status_code == 200


def test_a_yes_to_a_high_risk_is_given_on_its_card(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask()
    Requirement.objects.update(risk="high")
    for caller in (reviewer, token_of(reviewer, "decide")):
        answer = call(caller, f"/requirements/{asked.pk}/decide", json=YES)
        assert is_problem(answer, 403, "high-risk")
        assert answer.json()["card"] == f"http://localhost:8000/requirements/{asked.pk}/"
    no = {"revision": 1, "action": "reject"}
    assert call(reviewer, f"/requirements/{asked.pk}/decide", json=no).status_code == 200


def test_a_token_does_not_decide_what_its_owner_asked_for(
    call: Call, ask: Ask, requester: User, reviewer: User
) -> None:
    asked = ask()
    requester.groups.set(reviewer.groups.all())
    answer = call(token_of(requester, "decide"), f"/requirements/{asked.pk}/decide", json=YES)
    assert is_problem(answer, 403, "self-approval")


def test_a_decision_may_be_meant_for_what_was_read_alone(call: Call, ask: Ask, reviewer: User) -> None:
    at, yes = f"/requirements/{ask().pk}", {"revision": 1, "action": "approve"}
    read = call(reviewer, at)
    Requirement.objects.update(due_at=timezone.now())
    refused = call(reviewer, f"{at}/decide", headers={"If-Match": read.headers["ETag"]}, json=yes)
    assert is_problem(refused, 412, "changed")
    again = f'"other", {call(reviewer, at).headers["ETag"]}'
    assert call(reviewer, f"{at}/decide", headers={"If-Match": again}, json=yes).status_code == 200


@pytest.mark.parametrize("tag", ["*", "", None])
def test_a_decision_without_a_tag_goes_by_the_revision(
    call: Call, ask: Ask, reviewer: User, tag: str | None
) -> None:
    headers = {} if tag is None else {"If-Match": tag}
    answer = call(
        reviewer,
        f"/requirements/{ask().pk}/decide",
        headers=headers,
        json={"revision": 1, "action": "approve"},
    )
    assert answer.status_code == 200
