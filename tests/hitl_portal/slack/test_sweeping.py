"""The sweep of a process: it writes, closes and sends, and does nothing without an app."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from hitl_portal.slack.models import Card
from hitl_portal.slack.sweeping import Sweep
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.slack.conftest import opened
from tests.hitl_portal.slack.workspace import ROOM, Workspace
from tests.waiting import eventually
from workflows import services
from workflows.services import Actor
from workflows.types import Action, Answer

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_posts_and_closes_also_after_a_restart(slack: Workspace, ask: Ask, reviewer: User) -> None:
    requirement, sweep = ask(), Sweep()
    opened(requirement)
    assert sweep() == 1
    assert sweep.couriers.wait(10)
    eventually(lambda: slack.said_in(ROOM), "a card")

    services.resolve(
        requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer)
    )
    restarted = Sweep()
    assert restarted() == 1
    assert restarted.couriers.wait(10)
    assert "reviewer approved" in slack.said_in(ROOM)[0]["words"]
    assert Card.objects.get().status == Card.Status.DONE


def test_without_an_app_it_does_nothing(slack: Workspace, ask: Ask, settings: LazySettings) -> None:
    settings.HITL_SLACK_TOKEN = ""
    opened(ask())
    assert Sweep()() == 0
    assert not Card.objects.exists()
