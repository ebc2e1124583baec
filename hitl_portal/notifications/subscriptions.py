"""Subscriptions: what a browser gives of itself to be pushed to (RFC 8030, RFC 8291), checked and sealed."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.utils.translation import gettext as _

from hitl_portal.notifications.models import PURPOSE, Address
from hitl_portal.outbound.addressing import Refused, Rules, refuse_literal, target
from hitl_portal.sealing import seal, unseal

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHANNEL = "push"
LONGEST = 4000
AUTH_BYTES = 16
MOST = 10  # addresses of one person on one channel
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


class Unfit(Exception):
    """It cannot be used; the message says why, to whoever has given it."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Where a browser is pushed to, and the two keys that only it and the portal know."""

    endpoint: str
    p256dh: bytes
    auth: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        """As browsers write it. Raises Unfit."""
        try:
            said: Any = json.loads(text) if len(text) <= LONGEST else None
            found = cls(
                endpoint=str(said["endpoint"]),
                p256dh=_decoded(said["keys"]["p256dh"]),
                auth=_decoded(said["keys"]["auth"]),
            )
            EllipticCurvePublicKey.from_encoded_point(SECP256R1(), found.p256dh)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Unfit(_("This is no subscription of a browser.")) from None
        if len(found.auth) != AUTH_BYTES:
            raise Unfit(_("This is no subscription of a browser."))
        found.refuse_endpoint()
        return found

    def refuse_endpoint(self) -> None:
        """What may not be posted to is refused as for webhooks. Raises Unfit."""
        try:
            rules = Rules.of_settings()
            refuse_literal(target(self.endpoint, rules), rules)
        except Refused as refused:
            raise Unfit(str(refused)) from None


def keep(person: "User", text: str, agent: str) -> Address:
    """Keep what a browser has given, once. Raises Unfit."""
    found = Subscription.of(text)
    return kept(person, CHANNEL, text, mark=found.endpoint, name=name_of(agent))


def kept(person: "User", channel: str, text: str, *, mark: str, name: str) -> Address:
    """Seal an address and keep it: one with the same mark is replaced. Raises Unfit where a person has enough."""
    mine = Address.objects.there().filter(person=person, channel=channel)
    fingerprint = Address.mark_of(mark)
    if mine.exclude(mark=fingerprint).count() >= MOST:
        raise Unfit(_("You have %(most)d of these already: remove one first.") % {"most": MOST})
    given = {"sealed": seal(text, PURPOSE), "name": name}
    return Address.objects.update_or_create(person=person, channel=channel, mark=fingerprint, defaults=given)[
        0
    ]


def read(address: Address) -> Subscription:
    """What was kept. Raises sealing.Unreadable, and Unfit where the rules are others by now."""
    return Subscription.of(unseal(address.sealed, PURPOSE))


def name_of(agent: str) -> str:
    """What people call their browser, of what it says of itself."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), _("Browser"))
    system = next((name for name in SYSTEMS if name in agent), "")
    return f"{browser}, {system}" if system else browser


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
