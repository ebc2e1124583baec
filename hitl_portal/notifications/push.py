"""Push to browsers: a title and a link, encrypted for the one browser that has asked for them (RFC 8291).

The push service in between belongs to the browser's maker, and its address came from outside: it is posted to by the
rules of outgoing webhooks, and learns when something is sent, not what.
"""

import json
from typing import TYPE_CHECKING

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hitl_portal.notifications import subscriptions
from hitl_portal.notifications.channels import Undelivered
from hitl_portal.notifications.kinds import ASKING, USUAL
from hitl_portal.notifications.subscriptions import Subscription, Unfit
from hitl_portal.notifications.vapid import authorization
from hitl_portal.outbound.addressing import Refused, Rules, target
from hitl_portal.outbound.pace import asked_for
from hitl_portal.outbound.safe_http import Answer, Unanswered, post
from hitl_portal.sealing import Unreadable

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.notifications.composing import Message
    from hitl_portal.notifications.models import Address

GONE = (404, 410)
NEVER = (400, 401, 403, 413)  # the same would be said of the same again
KEPT = 24 * 60 * 60  # seconds in which the browser may come back
LONGEST = 300


class Push:
    """To the browsers in which a person has switched it on."""

    name = subscriptions.CHANNEL
    title = _("Browser")
    usual = USUAL
    has_addresses = True
    is_on = True

    def reaches(self, person: "User") -> bool:  # noqa: ARG002
        """Only through a browser."""
        return False

    def send(self, person: "User", message: "Message", address: "Address | None") -> str:  # noqa: ARG002
        """Encrypt it and post it."""
        assert address is not None
        try:
            subscription = subscriptions.read(address)
            answer = _posted(subscription, message)
        except (Unreadable, Unfit) as failed:
            raise Undelivered(str(failed), again=False) from None
        except (Refused, Unanswered) as failed:
            raise Undelivered(str(failed)) from None
        _judge(answer)
        return answer.headers.get("location", "")


def payload(message: "Message") -> bytes:
    """What the browser is told."""
    link = message.items[0].link if len(message.items) == 1 else message.list_link
    return json.dumps({"title": message.subject[:LONGEST], "link": link}, ensure_ascii=False).encode()


def encrypted(text: bytes, subscription: Subscription) -> bytes:
    """For that browser's eyes alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    sealed = http_ece.encrypt(
        text, private_key=key, dh=subscription.p256dh, auth_secret=subscription.auth, version="aes128gcm"
    )
    return bytes(sealed)


def _posted(subscription: Subscription, message: "Message") -> Answer:
    found = target(subscription.endpoint, Rules.of_settings())
    headers = {
        "content-type": "application/octet-stream",
        "content-encoding": "aes128gcm",
        "ttl": str(KEPT),
        "urgency": "high" if any(item.kind in ASKING for item in message.items) else "normal",
        # What came twice, where an answer was lost, is one as long as the browser is away.
        "topic": message.id.hex,
        "authorization": authorization(f"{found.scheme}://{found.named_host}"),
    }
    return post(subscription.endpoint, encrypted(payload(message), subscription), headers)


def _judge(answer: Answer) -> None:
    if 200 <= answer.status < 300:
        return
    reason = f"The push service said {answer.status}"
    if answer.status in GONE:
        raise Undelivered(f"{reason}: the browser is gone", gone=True)
    wait = asked_for(answer.headers, timezone.now())
    raise Undelivered(reason, again=answer.status not in NEVER, wait=wait)
