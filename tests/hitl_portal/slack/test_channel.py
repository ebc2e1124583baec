"""Slack as a channel of notifications: a message for each question, with one's own link, which closes."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.notifications.channels import Undelivered, channels
from hitl_portal.notifications.composing import Item, Message
from hitl_portal.slack.channel import Slack
from hitl_portal.slack.models import Card
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.notifications.conftest import carried, wants
from tests.hitl_portal.slack.conftest import give_address, opened, round_of_the_sweep
from tests.hitl_portal.slack.workspace import Workspace, buttons_of
from workflows import services
from workflows.ids import new_id
from workflows.models import Requirement
from workflows.services import Actor
from workflows.types import Action, Answer

BOX = "DREVIEWER"


def about(*requirements: Requirement, told: int = 0) -> Message:
    """A message that asks for these, and tells of so many things besides."""
    asking = [
        Item(
            note_id=new_id(),
            run_id=one.run_id,
            kind="waits",
            lead="A question waits for you",
            title=f"Refund: {one.message}",
            facts=(("Workflow", "Refund"),),
            link=f"http://localhost:8000/requirements/{one.pk}/",
            requirement=one,
            asks=True,
        )
        for one in requirements
    ]
    others = [
        Item(
            note_id=uuid4(),
            run_id=None,
            kind="completed",
            lead="Done",
            title=f"Run {n}",
            link="http://localhost:8000/",
        )
        for n in range(told)
    ]
    return Message(
        id=new_id(),
        items=(*asking, *others),
        settings_link="http://localhost:8000/",
        list_link="http://localhost:8000/",
    )


def test_it_is_one_of_the_channels_and_nobody_s_unless_they_choose_it(
    slack: Workspace, reviewer: User
) -> None:
    channel = channels()["slack"]
    assert channel.is_on
    assert not channel.usual
    assert not channel.reaches(reviewer)


def test_each_question_is_a_message_with_one_s_own_link(
    slack: Workspace, ask: Ask, reviewer: User, member: str, client: Client
) -> None:
    assert Slack().send(reviewer, about(ask(), ask(message="Ship?")))
    first, second = slack.said_in(BOX)
    assert "Refund: Ship?" in second["words"]
    for said in (first, second):
        [button] = buttons_of(said)
        assert client.get(button["url"].removeprefix("http://localhost:8000")).status_code == 200


def test_it_closes_when_somebody_decides(
    slack: Workspace, ask: Ask, reviewer: User, member: str, admin: User
) -> None:
    requirement = ask()
    Slack().send(reviewer, about(requirement))
    services.resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    round_of_the_sweep()
    [said] = slack.said_in(BOX)
    assert "admin approved" in said["words"]
    assert "/answer/" not in str(said)


def test_who_may_not_see_it_any_more_is_not_told_who(
    slack: Workspace, ask: Ask, reviewer: User, member: str, admin: User
) -> None:
    requirement = ask()
    Slack().send(reviewer, about(requirement))
    reviewer.groups.clear()
    services.resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    round_of_the_sweep()
    assert "admin" not in slack.said_in(BOX)[0]["words"]


def test_what_asks_for_nothing_comes_together(slack: Workspace, reviewer: User, member: str) -> None:
    Slack().send(reviewer, about(told=30))
    [said] = slack.said_in(BOX)
    assert "Run 0" in said["words"]
    assert "And more" in said["words"]
    assert not Card.objects.exists()


def test_what_was_posted_before_a_try_failed_is_not_again(
    slack: Workspace, ask: Ask, reviewer: User, member: str
) -> None:
    message = about(ask(), ask())
    Slack().send(reviewer, message)
    Slack().send(reviewer, message)
    assert len(slack.said_in(BOX)) == 2


@pytest.mark.parametrize(("refusal", "again"), [("users_not_found", False), ("invalid_auth", True)])
def test_it_says_whether_it_may_arrive_later(
    slack: Workspace, ask: Ask, reviewer: User, member: str, refusal: str, again: bool
) -> None:
    slack.refusals = [refusal]
    with pytest.raises(Undelivered) as failed:
        Slack().send(reviewer, about(ask()))
    assert failed.value.again == again


def test_nobody_is_taken_for_who_has_left(slack: Workspace, ask: Ask, reviewer: User) -> None:
    give_address(reviewer)
    slack.join("UGONE", reviewer.email, deleted=True)
    with pytest.raises(Undelivered, match="users_not_found"):
        Slack().send(reviewer, about(ask()))
    assert not slack.messages


def test_who_has_chosen_it_is_told_of_what_happens(
    slack: Workspace, ask: Ask, reviewer: User, member: str, admin: User
) -> None:
    wants(reviewer, slack="immediate")
    requirement = ask(message="Ship <!channel>?")
    opened(requirement)
    assert carried() == 1
    [said] = slack.said_in(BOX)
    assert "Refund: Ship &lt;!channel&gt;?" in said["words"]
    services.resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    round_of_the_sweep()
    assert "admin approved" in slack.said_in(BOX)[0]["words"]
    assert carried() == 0
