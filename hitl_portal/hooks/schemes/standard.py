"""Standard Webhooks (standardwebhooks.com): `webhook-id`, `webhook-timestamp`, `webhook-signature`."""

import secrets as random
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from hitl_portal.hooks.schemes.message import Message, Scheme
from hitl_portal.problems import Problem

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
SECRET_BYTES = 32  # the standard asks for 24 to 64
UNSIGNED = "The webhook headers do not sign this body"


def verify(message: Message, secrets: Sequence[str]) -> None:
    """One of the secrets has signed id, time and body, within five minutes of now."""
    headers = {name: message.header(name) for name in NAMES}
    if not any(_signed(message.body, headers, secret) for secret in secrets):
        raise Problem("bad-signature", UNSIGNED)


def _signed(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError as refusal:
        if str(refusal).startswith("Message timestamp"):
            raise Problem("timestamp", "The webhook-timestamp is more than five minutes from now") from None
        return False
    except ValueError:  # the library passes on what a mangled header or body makes of decoding
        return False
    return True


def id_of(message: Message, payload: Any) -> str:
    """The webhook-id, which is signed."""
    del payload
    return message.header("webhook-id")


def new_secret() -> str:
    """A secret in the form of the standard."""
    return "whsec_" + b64encode(random.token_bytes(SECRET_BYTES)).decode()


SCHEME = Scheme(verify=verify, id_of=id_of, new_secret=new_secret, shown=("webhook-id", "webhook-timestamp"))
