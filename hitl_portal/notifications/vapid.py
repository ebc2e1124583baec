"""The key by which push services know this portal (RFC 8292): made once, its private half sealed."""

import time
from email.utils import parseaddr

from cryptography.hazmat.primitives import serialization
from django.conf import settings
from py_vapid import Vapid02  # type: ignore[import-untyped]
from py_vapid.utils import b64urlencode  # type: ignore[import-untyped]

from hitl_portal.notifications.models import PUSH_PURPOSE, VapidKey
from hitl_portal.sealing import seal, unseal

ONE = 1
VALID = 12 * 60 * 60  # seconds; a day is the most that is allowed


def public_key() -> str:
    """What browsers subscribe with; makes the key where there is none."""
    return _row().public


def authorization(audience: str) -> str:
    """The header for one request to a push service, by its origin. Raises sealing.Unreadable after a lost key."""
    key = Vapid02.from_pem(unseal(_row().sealed, PUSH_PURPOSE).encode())
    key.conf = {"no-strict": True}  # of who to write to we know what the settings say
    claims = {"aud": audience, "sub": _contact(), "exp": int(time.time()) + VALID}
    return str(key.sign(claims)["Authorization"])


def _row() -> VapidKey:
    found = VapidKey.objects.filter(pk=ONE).first()
    return found or VapidKey.objects.get_or_create(pk=ONE, defaults=_made())[0]


def _made() -> dict[str, str]:
    key = Vapid02()
    key.generate_keys()
    point = key.public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return {"sealed": seal(key.private_pem().decode(), PUSH_PURPOSE), "public": str(b64urlencode(point))}


def _contact() -> str:
    url = str(settings.HITL_PUBLIC_URL)
    return url if url.startswith("https:") else f"mailto:{parseaddr(settings.HITL_EMAIL_FROM)[1]}"
