"""Sends one delivery, signed as Standard Webhooks 1.0.0 asks for, and says what came of it."""

import logging
import time
from datetime import datetime

from django.utils import timezone
from standardwebhooks import Webhook

from hitl_portal.outbound.models import Delivery
from hitl_portal.outbound.outbox import Outcome, record
from hitl_portal.outbound.pace import asked_for
from hitl_portal.outbound.safe_http import Answer, Refused, Unanswered, Wire, post
from hitl_portal.sealing import Unreadable

log = logging.getLogger(__name__)

LONGEST_EXCERPT = 1000
AGENT = "HITL-Portal-Webhooks/1"


def send(delivery: Delivery, wire: Wire | None = None) -> Outcome:
    """Send what was claimed, and record it."""
    began, at = time.monotonic(), timezone.now()
    answer, problem = _tried(delivery, at, wire)
    outcome = Outcome(
        at=at,
        milliseconds=round((time.monotonic() - began) * 1000),
        status=answer.status if answer else None,
        problem=problem,
        excerpt=_excerpt(answer.body) if answer else "",
        asked_to_wait=asked_for(answer.headers, timezone.now()) if answer else 0.0,
    )
    record(delivery, outcome)
    said = outcome.status or outcome.problem
    log.info("%s to %s, try %s: %s", delivery.type, delivery.endpoint.name, delivery.tries, said)
    return outcome


def signed(delivery: Delivery, at: datetime) -> dict[str, str]:
    """The headers of one try: a signature by each secret that signs now. Raises Unreadable without one."""
    secrets = delivery.endpoint.signing(at)
    if not secrets:
        raise Unreadable("The endpoint has no secret")
    signatures = [Webhook(secret).sign(delivery.webhook_id, at, delivery.body) for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": AGENT,
        "webhook-id": delivery.webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _tried(delivery: Delivery, at: datetime, wire: Wire | None) -> tuple[Answer | None, str]:
    """The answer, or why there is none."""
    try:
        return post(delivery.endpoint.url, delivery.body.encode(), signed(delivery, at), wire), ""
    except (Refused, Unanswered, Unreadable) as failed:
        return None, str(failed)
    except Exception as error:  # it must be recorded, or it would be tried again and again without a pause
        log.exception("delivery %s could not be sent", delivery.pk)
        return None, f"{type(error).__name__}: {error}"


def _excerpt(body: bytes) -> str:
    """The beginning as text that every database keeps."""
    return (
        body[: 4 * LONGEST_EXCERPT]
        .decode(errors="replace")
        .replace("\0", "\N{REPLACEMENT CHARACTER}")[:LONGEST_EXCERPT]
    )
