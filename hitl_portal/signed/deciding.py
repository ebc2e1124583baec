"""Deciding with a signature: first what is to be signed is offered, then the signed decision is taken, or nothing is.

Both times the service itself is asked, so that the offer is of exactly what would be decided. The first time everything
is taken back; what the two must have in common (the salt of the words, the time) goes along with the person, sealed.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from hitl_portal.sealing import Unreadable, seal, unseal
from hitl_portal.signed import passkeys
from workflows import services
from workflows.audit import signature
from workflows.audit.chain import moment
from workflows.audit.telling import SIGNED
from workflows.audit.words import words
from workflows.errors import NotSigned
from workflows.models import Decision, Requirement
from workflows.types import Answer

PURPOSE = "signed decisions"
SALT_BYTES = 16
# How long somebody may look for their key.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What somebody wants to decide."""

    requirement: Requirement
    revision: int
    answer: Answer
    actor: services.Actor


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a passkey is asked to sign. `asked` is None for somebody who has no passkey; `sealed` comes back with what
    it has signed."""

    asked: dict[str, Any] | None
    sealed: str


def offered(deed: Deed) -> Offer:
    """What to sign; nothing is changed. Raises what `services.resolve` raises."""
    salt, at = secrets.token_hex(SALT_BYTES), moment(timezone.now())
    with transaction.atomic():
        said = _statement(_resolved(deed, salt), at)
        transaction.set_rollback(True)
    assert deed.actor.person is not None
    asked = passkeys.asked(deed.actor.person, said)
    return Offer(asked=asked, sealed=seal(json.dumps({"salt": salt, "at": at}), PURPOSE))


def decided(deed: Deed, sealed: str, credential: str) -> Decision:
    """Decide with what a passkey has signed. Raises NotSigned, and what `services.resolve` raises; nothing is changed
    then."""
    salt, at = _opened(sealed)
    assert deed.actor.person is not None
    with transaction.atomic():
        decision = _resolved(deed, salt)
        proof = passkeys.proof(deed.actor.person, _statement(decision, at), credential)
        told = {"decision": str(decision.id), "revision": decision.revision, "signed": proof}
        run, asked = decision.requirement.run, decision.requirement
        services.append_event(run, SIGNED, deed.actor, requirement=asked, data=told)
    return decision


def _resolved(deed: Deed, salt: str) -> Decision:
    return services.resolve(
        deed.requirement.id, revision=deed.revision, answer=deed.answer, actor=deed.actor, salt=salt
    )


def _statement(decision: Decision, at: str) -> dict[str, Any]:
    told = {
        "requirement": str(decision.requirement_id),
        "revision": decision.revision,
        "action": str(decision.action),
        "digest": decision.digest,
        "words": words(decision),
        "who": decision.actor,
    }
    return signature.statement(told, at)


def _opened(sealed: str) -> tuple[str, str]:
    try:
        said = json.loads(unseal(sealed, PURPOSE))
    except Unreadable:
        raise NotSigned("it was not offered here") from None
    at: datetime | None = parse_datetime(said["at"])
    if at is None or timezone.now() - at > PATIENCE:
        raise NotSigned("it was offered too long ago")
    return said["salt"], said["at"]
