"""Rooms: a question stands there until it is over, and then says how."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.notifications.models import Discretion
from hitl_portal.slack import outbox
from hitl_portal.slack.models import Card
from hitl_portal.slack.outbox import LEASE
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.slack.conftest import opened, round_of_the_sweep
from tests.hitl_portal.slack.workspace import ROOM, Workspace, buttons_of
from workflows import services
from workflows.models import Requirement
from workflows.services import Actor
from workflows.types import Action, Answer

YES = Answer(action=Action.approve)


@pytest.fixture
def asked(slack: Workspace, ask: Ask) -> Requirement:
    """Give a question that was posted."""
    requirement = ask(message="Pay 249.50?")
    opened(requirement)
    round_of_the_sweep()
    return requirement


def test_a_question_is_posted_once(slack: Workspace, asked: Requirement) -> None:
    round_of_the_sweep()
    [said] = slack.said_in(ROOM)
    assert "Refund: Pay 249.50?" in said["words"]
    assert [button.get("value") for button in buttons_of(said)] == [str(asked.pk), None]


def test_it_shows_neither_evidence_nor_input_nor_an_answer_link(slack: Workspace, asked: Requirement) -> None:
    said = str(slack.said_in(ROOM))
    assert "order_id" not in said
    assert "/answer/" not in said


def test_what_was_before_is_not_told(slack: Workspace, ask: Ask, settings: LazySettings) -> None:
    settings.HITL_SLACK_ROOMS = []
    opened(ask())
    round_of_the_sweep()
    assert not Card.objects.exists()


def test_it_closes_when_somebody_decides_and_says_who(
    slack: Workspace, asked: Requirement, reviewer: User
) -> None:
    services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(reviewer))
    round_of_the_sweep()
    [said] = slack.said_in(ROOM)
    assert "reviewer approved, 20" in said["words"]
    assert "reviewer approved, 20" in said["text"]
    assert not [button for button in buttons_of(said) if "value" in button]
    assert Card.objects.get().status == Card.Status.DONE


def test_it_closes_when_the_run_ends(slack: Workspace, asked: Requirement, admin: User) -> None:
    services.cancel_run(asked.run_id, actor=Actor.of(admin))
    round_of_the_sweep()
    assert "The run ended before anybody decided." in slack.said_in(ROOM)[0]["words"]


def test_nothing_comes_of_a_decision_that_can_be_undone(
    slack: Workspace, asked: Requirement, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    decision = services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(reviewer))
    round_of_the_sweep()
    assert "approved" not in slack.said_in(ROOM)[0]["words"]
    services.undo(decision.id, actor=Actor.of(reviewer))
    round_of_the_sweep()
    card = Card.objects.get()
    assert (card.status, card.revision) == (Card.Status.POSTED, 2)
    assert slack.calls.count("chat.update") == 0


def test_it_closes_when_something_else_is_asked(slack: Workspace, asked: Requirement) -> None:
    Requirement.objects.update(revision=2)
    round_of_the_sweep()
    assert "Something else is asked now." in slack.said_in(ROOM)[0]["words"]


def test_what_is_over_before_it_is_posted_is_not_posted(slack: Workspace, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    opened(requirement)
    services.resolve(requirement.id, revision=1, answer=YES, actor=Actor.of(reviewer))
    round_of_the_sweep()
    assert not slack.messages


def test_rooms_hear_of_what_is_for_everybody_who_decides_alone(slack: Workspace, ask: Ask) -> None:
    requirement = ask()
    Requirement.objects.update(is_restricted=True)
    opened(requirement)
    round_of_the_sweep()
    assert not slack.messages


def test_a_workflow_s_own_room_is_told_alone(slack: Workspace, ask: Ask, settings: LazySettings) -> None:
    settings.HITL_SLACK_ROOMS = [ROOM, "refund:C0REFUNDS", "release:C0RELEASES"]
    opened(ask())
    round_of_the_sweep()
    assert {room for room, _stamp in slack.messages} == {"C0REFUNDS"}


@pytest.mark.parametrize(("detail", "is_told"), [("names", False), ("nothing", False), ("title", True)])
def test_it_says_as_much_as_the_workflow_s_discretion_lets_it(
    slack: Workspace, ask: Ask, reviewer: User, detail: str, is_told: bool
) -> None:
    requirement = ask(message="Pay the ransom?")
    Discretion.objects.create(workflow=requirement.run.workflow, detail=detail)
    opened(requirement)
    round_of_the_sweep()
    assert ("ransom" in str(slack.messages)) == is_told
    services.resolve(requirement.id, revision=1, answer=YES, actor=Actor.of(reviewer))
    round_of_the_sweep()
    assert ("reviewer" in slack.said_in(ROOM)[0]["words"]) == (detail != "nothing")


def test_a_card_of_before_a_restart_closes_too(slack: Workspace, asked: Requirement, reviewer: User) -> None:
    services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(reviewer))
    outbox.end_outdated(timezone.now())
    lost = outbox.claim()  # whoever had it has died
    assert lost is not None
    assert outbox.claim() is None
    Card.objects.update(next_try_at=timezone.now() - LEASE)
    round_of_the_sweep()
    assert "reviewer approved" in slack.said_in(ROOM)[0]["words"]


def test_slack_may_be_away_for_a_while(slack: Workspace, asked: Requirement, reviewer: User) -> None:
    services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(reviewer))
    slack.refusals = ["internal_error", (503, {})]
    for failures in (1, 2):
        round_of_the_sweep()
        card = Card.objects.get()
        assert (card.status, card.failures) == (Card.Status.ENDING, failures)
        Card.objects.update(next_try_at=timezone.now())
    round_of_the_sweep()
    assert "reviewer approved" in slack.said_in(ROOM)[0]["words"]
    assert Card.objects.get().problem == ""


def test_it_waits_for_as_long_as_slack_asks(slack: Workspace, ask: Ask) -> None:
    opened(ask())
    slack.refusals = [(429, {"retry-after": "300"})]
    round_of_the_sweep()
    card = Card.objects.get()
    assert card.next_try_at is not None
    assert card.next_try_at - timezone.now() > timedelta(seconds=290)


def test_what_no_second_try_changes_is_given_up(slack: Workspace, ask: Ask) -> None:
    opened(ask())
    slack.refusals = ["not_in_channel"]
    round_of_the_sweep()
    card = Card.objects.get()
    assert (card.status, card.problem) == (Card.Status.FAILED, "Slack: not_in_channel")


def test_it_is_given_up_after_two_days(slack: Workspace, ask: Ask) -> None:
    opened(ask())
    slack.refusals = ["internal_error", "internal_error"]
    round_of_the_sweep()
    Card.objects.update(next_try_at=timezone.now(), until=timezone.now())
    round_of_the_sweep()
    assert Card.objects.get().status == Card.Status.FAILED


def test_old_ones_are_forgotten(slack: Workspace, asked: Requirement) -> None:
    later = timezone.now() + timedelta(days=100)
    assert outbox.prune(later) == 0  # it still stands there
    Card.objects.update(status=Card.Status.DONE)
    assert outbox.prune(later) == 1
