"""A signed post that a newcomer can paste: one line of shell."""

import json
from base64 import b64decode
from shlex import quote
from typing import Any

from hitl_portal.addresses import public
from hitl_portal.hooks.models import WebhookSource
from workflows.models import Workflow


def demo_source(workflow: str) -> WebhookSource:
    """The source of the demo, made where it is missing; its secret is renewed when the old one is lost."""
    source, _ = WebhookSource.objects.get_or_create(
        name="demo", defaults={"workflow": Workflow.objects.get(name=workflow)}
    )
    if not source.is_readable:  # it is new, or SECRET_KEY has changed
        source.renew_secret()
    return source


def curl_command(source: WebhookSource, payload: Any) -> str:
    """A line for any POSIX shell with openssl and curl: signs and posts `payload`, as a new message each time.

    It signs when it runs, because a signature holds for five minutes; so it contains the source's secret.
    """
    key = b64decode(source.secret.removeprefix("whsec_")).hex()
    url = public("hooks:receive", source.name)
    digest = f"openssl dgst -sha256 -mac HMAC -macopt hexkey:{key} -binary | base64"
    headers = (
        "content-type: application/json",
        "webhook-id: $id",
        "webhook-timestamp: $ts",
        "webhook-signature: v1,$sig",
    )
    commands = [
        f"body={quote(json.dumps(payload, ensure_ascii=False))}",
        "id=msg_$(openssl rand -hex 12)",
        "ts=$(date +%s)",
        f'sig=$(printf "%s.%s.%s" "$id" "$ts" "$body" | {digest})',
        " ".join(
            ["curl -sS", quote(url), *(f'-H "{header}"' for header in headers), '--data-binary "$body"']
        ),
        "echo",
    ]
    return f"({'; '.join(commands)})"
