"""A machine: a sender that posts until it is answered, and a reviewer in a browser of few words."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import httpx
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from standardwebhooks import Webhook

from hitl_portal.hooks.models import WebhookSource
from workflows.models import Requirement

Answered = TypeVar("Answered")

PATIENCE = 180.0
AWAY = 503  # the database is away: the same may be sent again
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Machine:
    """Whatever it asks for it asks until there is an answer: the process may die with the question."""

    def __init__(self, url: str, reviewer: User, sources: list[WebhookSource]) -> None:
        self._webhooks = {source.workflow.name: (source.name, Webhook(source.secret)) for source in sources}
        self._browser = httpx.Client(base_url=url, timeout=10)
        session = _session_of(reviewer)
        self._browser.cookies.set(settings.SESSION_COOKIE_NAME, session, domain="127.0.0.1")
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session}"

    def post(self, trial: int, workflow: str) -> UUID:
        """The run that a webhook starts, which is the same however often it is posted."""
        source, webhook = self._webhooks[workflow]
        body = json.dumps({"trial": trial})
        number, now = f"msg_{trial}", datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(number, now, body),
        }
        answer = _asked(lambda: self._browser.post(f"/hooks/{source}", content=body, headers=headers))
        assert answer.status_code == 202, answer.text
        return UUID(answer.json()["run"])

    def decide(self, requirement: Requirement) -> int:
        """Look at the card, and say yes to it; an error is left behind. Gives the status of the answer, or of a card
        that asks for nothing any more: its deadline was faster."""
        page = f"/requirements/{requirement.id}/"
        action = "skip" if requirement.kind == "error" else "approve"

        def pressed() -> httpx.Response:
            card = self._browser.get(page)
            token = TOKEN.search(card.text)
            if card.status_code == AWAY or token is None:
                assert card.status_code in (200, AWAY), f"{card.status_code}: {card.text[:500]}"
                return card
            said: dict[str, Any] = {
                "csrfmiddlewaretoken": token[1],
                "revision": requirement.revision,
                "action": action,
            }
            return self._browser.post(f"{page}decide/", data=said)

        return _asked(pressed).status_code


def _session_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _asked(ask: Callable[[], httpx.Response]) -> httpx.Response:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = ask()
            if answer.status_code != AWAY:
                return answer
            said = answer.text[:200]
        except httpx.TransportError as died:  # with the question
            said = repr(died)
        assert time.monotonic() < deadline, f"nobody answers for {PATIENCE:.0f} s: {said}"
        time.sleep(0.02)
