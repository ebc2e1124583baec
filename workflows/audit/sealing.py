"""Sealing: now and then the ends of all chains are written into a signed checkpoint, which carries the digest of the
one before. No run waits for it: what grows meanwhile is for the next one.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from workflows.audit import merkle
from workflows.audit.chain import moment
from workflows.audit.keys import signing_key
from workflows.audit.signing import public, sign
from workflows.canonical import digest
from workflows.models import Checkpoint, SealedHead, WorkflowRun

log = logging.getLogger(__name__)

SECONDS = 60.0  # where the settings do not say
MOST, AT_ONCE = 10_000, 500

Ends = Sequence[tuple[UUID, int, str]]


def seal_when_due(now: datetime | None = None, *, using: str = DEFAULT_DB_ALIAS) -> Checkpoint | None:
    """Seal, where the last checkpoint is HITL_SEAL_SECONDS old; one query where it is not."""
    now = now or timezone.now()
    age = timedelta(seconds=float(getattr(settings, "HITL_SEAL_SECONDS", SECONDS)))
    made = Checkpoint.objects.using(using).order_by("-number").values_list("created_at", flat=True)
    last = made.first()
    return None if last is not None and last > now - age else seal(now, using=using)


def sweep() -> int:
    """For the workers' sweep. To runs nothing is done, so it counts as nothing: nobody need look again for it."""
    seal_when_due()
    return 0


def seal(now: datetime | None = None, *, using: str = DEFAULT_DB_ALIAS) -> Checkpoint | None:
    """Seal the chains that have grown since the last checkpoint, at most ten thousand; None where none has, or where
    another process was faster."""
    runs = unsealed(using)
    if not runs.exists():
        return None
    try:
        with transaction.atomic(using=using):
            ends = list(runs.order_by("id").values_list("id", "chain_length", "chain_head")[:MOST])
            checkpoint = _written(ends, now or timezone.now(), using)
    except IntegrityError:  # the number is taken
        return None
    _mark(checkpoint, ends, using)
    # For logs that are kept elsewhere: whoever rewrites the database cannot rewrite those.
    log.info("checkpoint %s seals %s runs: %s", checkpoint.number, checkpoint.heads, checkpoint.digest)
    return checkpoint


def unsealed(using: str = DEFAULT_DB_ALIAS) -> QuerySet[WorkflowRun]:
    """The runs whose chain ends after what is sealed of it."""
    return WorkflowRun.objects.using(using).filter(is_sealed=False, chain_length__gt=0)


def statement(checkpoint: Checkpoint) -> dict[str, Any]:
    """What is signed."""
    return {
        "number": checkpoint.number,
        "previous": checkpoint.previous,
        "root": checkpoint.root,
        "heads": checkpoint.heads,
        "created_at": moment(checkpoint.created_at),
    }


def leaves(ends: Ends) -> list[str]:
    """The ends of chains as the leaves of a checkpoint's tree, in its order: by run."""
    return [merkle.leaf(end(*each)) for each in sorted(ends, key=lambda each: str(each[0]))]


def end(run: UUID, position: int, digest: str) -> dict[str, Any]:
    """The end of a chain as it is sealed."""
    return {"run": str(run), "position": position, "digest": digest}


def _written(ends: Ends, now: datetime, using: str) -> Checkpoint:
    last = Checkpoint.objects.using(using).order_by("-number").first()
    key = signing_key()
    checkpoint = Checkpoint(
        number=last.number + 1 if last else 1,
        previous=last.digest if last else "",
        root=merkle.root(leaves(ends)),
        heads=len(ends),
        created_at=now,
        key=public(key),
    )
    said = statement(checkpoint)
    checkpoint.digest, checkpoint.signature = digest(said), sign(key, said)
    checkpoint.save(using=using, force_insert=True)
    SealedHead.objects.using(using).bulk_create(
        (SealedHead(checkpoint=checkpoint, run_id=run, position=at, digest=head) for run, at, head in ends),
        batch_size=AT_ONCE,
    )
    return checkpoint


def _mark(checkpoint: Checkpoint, ends: Ends, using: str) -> None:
    """Say which runs are sealed, unless they have grown since; those of a process that dies before are sealed again."""
    sealed = SealedHead.objects.using(using).filter(checkpoint=checkpoint, run=OuterRef("pk"))
    for start in range(0, len(ends), AT_ONCE):
        some = [run for run, _, _ in ends[start : start + AT_ONCE]]
        rows = WorkflowRun.objects.using(using).filter(id__in=some)
        rows.filter(chain_length=Subquery(sealed.values("position")[:1])).update(is_sealed=True)
