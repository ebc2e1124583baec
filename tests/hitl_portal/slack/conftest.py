"""A workspace of Slack that the portal is set up for, people in it, and buttons that are pressed there."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.slack import outbox
from hitl_portal.slack.deriving import derive
from hitl_portal.slack.sending import send
from tests.hitl_portal.slack.workspace import ROOM, TEAM, TOKEN, Workspace, working
from tests.rows import an_event
from workflows.models import Requirement

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.fixture
def slack(settings: LazySettings, db: None) -> Iterator[Workspace]:
    """Give the workspace, one room of which hears of every workflow."""
    with working() as workspace:
        settings.HITL_SLACK_URL = workspace.url
        settings.HITL_SLACK_TOKEN = TOKEN
        settings.HITL_SLACK_SIGNING_SECRETS = [SECRET]
        settings.HITL_SLACK_ROOMS = [ROOM]
        settings.HITL_OUTBOUND_ALLOW = ["127.0.0.0/8"]
        settings.HITL_OUTBOUND_HTTP = [f"127.0.0.1:{workspace.port}"]
        derive()  # what was before is for nobody
        yield workspace


@pytest.fixture
def member(slack: Workspace, reviewer: User) -> str:
    """Give the id of the reviewer in Slack."""
    give_address(reviewer)
    return slack.join("UREVIEWER", reviewer.email)


def give_address(person: User) -> None:
    person.email = f"{person.get_username()}@example.org"
    person.save()


def opened(requirement: Requirement) -> None:
    """The engine has told of it."""
    an_event(requirement.run, type="StepPaused", requirement=requirement)


def round_of_the_sweep() -> None:
    """What the sweep and its couriers do, one after another."""
    derive()
    outbox.end_outdated(timezone.now())
    while (card := outbox.claim()) is not None:
        send(card)


def pressed(requirement: Requirement, member: str, **more: Any) -> dict[str, Any]:
    """What Slack says of a button that somebody has pressed."""
    return {
        "type": "block_actions",
        "user": {"id": member, "team_id": TEAM},
        "team": {"id": TEAM},
        "channel": {"id": ROOM},
        "trigger_id": "1.2.3",
        "actions": [{"action_id": "answer", "value": str(requirement.pk)}],
    } | more


def post(payload: Any, *, secret: str = SECRET, at: float | None = None, **headers: str) -> Any:
    """Post it as Slack does, signed."""
    body = urlencode({"payload": json.dumps(payload)})
    moment = str(int(time.time() if at is None else at))
    signed = hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
    given = {"x-slack-request-timestamp": moment, "x-slack-signature": f"v0={signed}"} | headers
    return Client().post(
        "/slack/actions", body, content_type="application/x-www-form-urlencoded", headers=given
    )
