"""Buttons in rooms: Slack's signed posts get the presser a link of their own, and decide nothing."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.slack.models import Card
from tests.hitl_portal.conftest import Ask, answering
from tests.hitl_portal.slack.conftest import give_address, post, pressed, round_of_the_sweep
from tests.hitl_portal.slack.workspace import Workspace, buttons_of
from workflows import services
from workflows.models import Decision, Requirement
from workflows.services import Actor
from workflows.types import Action, Answer


def whispered(slack: Workspace, requirement: Requirement, member: str) -> dict[str, Any]:
    """What somebody alone sees after they pressed the button."""
    assert post(pressed(requirement, member)).status_code == 200
    round_of_the_sweep()
    [said] = slack.whispers
    assert said["to"] == member
    return said


def link_in(said: dict[str, Any]) -> str:
    """Where its button leads."""
    [button] = buttons_of(said)
    return str(button["url"]).removeprefix("http://localhost:8000")


def test_who_presses_gets_their_own_link(slack: Workspace, ask: Ask, member: str, client: Client) -> None:
    requirement = ask()
    path = link_in(whispered(slack, requirement, member))
    assert path.startswith("/answer/")
    assert "You answer as <strong>reviewer</strong>" in client.get(path).content.decode()
    assert not Decision.objects.exists()
    client.post(path, answering(requirement, "approve"))
    assert Decision.objects.get().actor == "reviewer"


def test_what_is_of_high_risk_is_decided_in_the_portal(slack: Workspace, ask: Ask, member: str) -> None:
    requirement = ask()
    Requirement.objects.update(risk="high")
    said = whispered(slack, requirement, member)
    assert link_in(said) == f"/requirements/{requirement.pk}/"
    assert "sign in there" in said["words"]


def test_who_may_not_decide_gets_none(slack: Workspace, ask: Ask, stranger: User) -> None:
    give_address(stranger)
    said = whispered(slack, ask(message="Pay the ransom?"), slack.join("USTRANGER", stranger.email))
    assert said["words"] == "This is for others to decide."


@pytest.mark.parametrize(
    "more", [{"team_id": "T0OTHERS"}, {"is_stranger": True}, {"deleted": True}, {"is_bot": True}]
)
def test_nobody_is_who_they_say_they_are_elsewhere(
    slack: Workspace, ask: Ask, reviewer: User, more: dict[str, Any]
) -> None:
    give_address(reviewer)
    said = whispered(slack, ask(), slack.join("UOTHER", reviewer.email, **more))
    assert said["words"].startswith("No account of the portal has the e-mail address")


def test_an_address_of_two_accounts_is_nobody_s(slack: Workspace, ask: Ask, member: str, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(email="Reviewer@Example.org")
    assert whispered(slack, ask(), member)["words"].startswith("No account")


def test_who_is_late_is_told_by_whom_it_was_decided(
    slack: Workspace, ask: Ask, member: str, admin: User
) -> None:
    requirement = ask()
    services.resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    assert whispered(slack, requirement, member)["words"].startswith("admin approved, ")


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"secret": "another"}, 401),
        ({"at": 0.0}, 401),
        ({"x-slack-signature": "v0=00"}, 401),
        ({"x-slack-signature": ""}, 401),
    ],
)
def test_what_slack_has_not_signed_now_is_refused(
    slack: Workspace, ask: Ask, member: str, how: dict[str, Any], status: int
) -> None:
    assert post(pressed(ask(), member), **how).status_code == status
    assert not Card.objects.exists()


@pytest.mark.parametrize("late", [-400, 400])
def test_so_is_what_was_signed_more_than_five_minutes_from_now(
    slack: Workspace, ask: Ask, member: str, late: int
) -> None:
    assert post(pressed(ask(), member), at=time.time() + late).status_code == 401


def test_a_post_counts_once(slack: Workspace, ask: Ask, member: str) -> None:
    payload, now = pressed(ask(), member), time.time()
    assert [post(payload, at=now).status_code for _ in range(2)] == [200, 409]
    assert Card.objects.count() == 1


@pytest.mark.parametrize(
    "more",
    [
        {"actions": [{"action_id": "answer", "value": "none"}]},
        {"actions": [{"action_id": "open", "value": "x"}]},
        {"actions": None},
        {"user": None},
        {"user": {"id": "reviewer"}},
        {"channel": {"id": "../x"}},
        {"type": "view_submission", "actions": []},
    ],
)
def test_what_says_nothing_is_taken_and_does_nothing(
    slack: Workspace, ask: Ask, member: str, more: dict[str, Any]
) -> None:
    assert post(pressed(ask(), member) | more).status_code == 200
    assert not Card.objects.exists()


@pytest.mark.parametrize("payload", [[], "x", 7, None])
def test_what_is_no_object_is_malformed(slack: Workspace, payload: Any) -> None:
    assert post(payload).status_code == 400


def test_without_an_app_there_is_nothing(db: None, client: Client) -> None:
    assert client.post("/slack/actions").status_code == 404
    assert client.get("/slack/actions").status_code == 405
