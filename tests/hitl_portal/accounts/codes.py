"""Codes as an authenticator app makes them."""

import base64
import hashlib
import hmac
import struct
import time

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User

from hitl_portal.accounts.factors import FactorAdapter

SECRET = base64.b32encode(b"twenty bytes of test").decode()


def code(secret: str = SECRET, *, later: int = 0) -> str:
    """The code of now, or of some half minutes later (RFC 6238)."""
    counter = int(time.time()) // 30 + later
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def wrong(secret: str = SECRET) -> str:
    """A code that the app shows at no time near now."""
    near = {code(secret, later=later) for later in range(-3, 4)}
    return next(text for text in ("000000", "111111", "222222", "333333") if text not in near)


def an_app(person: User) -> Authenticator:
    """The person's authenticator app, whose secret is SECRET."""
    data = {"secret": FactorAdapter().encrypt(SECRET)}
    made: Authenticator = Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data=data)
    return made
