"""A source, and a sender that knows its secret."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from standardwebhooks import Webhook

from hitl_portal.hooks.models import WebhookSource
from tests.rows import a_workflow


@pytest.fixture
def source(db: None) -> WebhookSource:
    made = WebhookSource.objects.create(name="shop", workflow=a_workflow("refund"), max_bytes=1000)
    made.renew_secret()
    return made


@dataclass(kw_only=True)
class Sender:
    """Signs as the standard's own library does; each test changes what it wants to be wrong."""

    client: Client
    secret: str

    def post(
        self,
        content: Any = None,
        *,
        to: str = "shop",
        id: str = "msg_1",
        age: timedelta = timedelta(),
        **changed: str,
    ) -> Any:
        """Post JSON, or bytes as they are; `changed` replaces signed headers."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        sent = datetime.now(tz=UTC) - age
        headers = {
            "webhook-id": id,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": self.signature(id, sent, body),
        }
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        return self.client.post(f"/hooks/{to}", body, content_type="application/json", headers=headers)

    def signature(self, id: str, sent: datetime, body: bytes) -> str:
        """Sign even what is not text: nothing says that an attacker posts UTF-8."""
        return Webhook(self.secret).sign(id, sent, body.decode("latin-1"))


@pytest.fixture
def sender(source: WebhookSource) -> Sender:
    return Sender(client=Client(enforce_csrf_checks=True), secret=source.secret)
