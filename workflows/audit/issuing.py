"""Issuing: the receipt of a decision, signed; whoever has it checks it with `workflows.audit.receipt`."""

from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.utils import timezone

from workflows.audit import chain, merkle
from workflows.audit.chain import Row
from workflows.audit.keys import signing_key
from workflows.audit.receipt import KIND
from workflows.audit.sealing import leaves, statement
from workflows.audit.signing import public, sign
from workflows.audit.telling import DECIDING, SIGNED
from workflows.audit.words import words
from workflows.models import Decision, RunEvent, SealedHead


class NoReceipt(Exception):
    """The decision is from before there were receipts."""


def receipt_of(decision: Decision, now: datetime | None = None) -> dict[str, Any]:
    """The receipt, JSON-clean: what a checkpoint proves of it is in it from the first checkpoint after it on.

    Costs a few queries, and reads the heads of one checkpoint. Raises NoReceipt.
    """
    using = decision._state.db or DEFAULT_DB_ALIAS
    told = RunEvent.objects.using(using).filter(requirement=decision.requirement_id, type__in=DECIDING)
    event = _row(told.filter(data__decision=str(decision.id)))
    if event is None:
        raise NoReceipt("The decision is from before there were receipts")
    key = signing_key()
    receipt = {
        "kind": KIND,
        "decision": _decision(decision, event),
        "requirement": _requirement(decision),
        "signed": _signed(decision, using),
        "event": chain.told(event.facts),
        "position": event.position,
        "previous": event.previous,
        "digest": event.digest,
        "seal": _seal(event, using),
        "issued_at": chain.moment(now or timezone.now()),
        "key": public(key),
    }
    return receipt | {"signature": sign(key, receipt)}


def _decision(decision: Decision, event: Row) -> dict[str, Any]:
    return {
        "id": str(decision.id),
        "who": decision.actor,
        "on_behalf_of": event.data.get("on_behalf_of"),
        "action": decision.action,
        "closes": decision.closes,
        "revision": decision.revision,
        "channel": decision.channel,
        "decided_at": chain.moment(decision.decided_at),
        "digest": decision.digest,
        "words": words(decision) if decision.salt else event.data["words"],
    }


def _requirement(decision: Decision) -> dict[str, Any]:
    asked = decision.requirement
    return {
        "id": str(asked.id),
        "run": str(asked.run_id),
        "workflow": asked.run.workflow.name,
        "path": asked.path,
        "step": asked.step_name,
        "kind": asked.kind,
    }


def _signed(decision: Decision, using: str) -> dict[str, Any] | None:
    """What a passkey has signed of it; None where nobody had to sign."""
    told = RunEvent.objects.using(using).filter(requirement=decision.requirement_id, type=SIGNED)
    event = _row(told.filter(data__decision=str(decision.id)))
    return event.data["signed"] if event else None


def _seal(event: Row, using: str) -> dict[str, Any] | None:
    """What leads from an event to the first checkpoint that has sealed it; None while none has."""
    ends = SealedHead.objects.using(using).filter(run=event.run, position__gte=event.position)
    end = ends.select_related("checkpoint").order_by("position", "id").first()
    if end is None:
        return None
    after = RunEvent.objects.using(using).filter(run=event.run, position__lte=end.position)
    links = after.filter(position__gt=event.position).order_by("position").values_list(*Row._fields)
    checkpoint = end.checkpoint
    sealed = sorted(
        checkpoint.sealed.values_list("run_id", "position", "digest"), key=lambda each: str(each[0])
    )
    index = next(at for at, (run, _, _) in enumerate(sealed) if run == event.run)
    return {
        "links": [chain.content(Row(*link).facts) for link in links],
        "proof": [list(step) for step in merkle.proof(leaves(sealed), index)],
        "checkpoint": statement(checkpoint),
        "key": checkpoint.key,
        "signature": checkpoint.signature,
    }


def _row(events: QuerySet[RunEvent]) -> Row | None:
    found = events.values_list(*Row._fields).first()
    return Row(*found) if found else None
