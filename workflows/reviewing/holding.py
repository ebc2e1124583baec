"""Holding: between a decision and what comes of it: undone by who made it, looked at once more, released.

`release_at` is the whole of it: a decision with one can still be undone, and is nothing yet; taking it away is a
compare-and-set that only one of undo and release wins.
"""

from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import F, Q
from django.utils import timezone

from workflows import points
from workflows.acting import ENGINE, Actor, append_event, locked
from workflows.errors import HoldOver, NotEligible
from workflows.models import Decision, Requirement, WorkflowRun
from workflows.reviewing.expiring import expire
from workflows.store import by_hand
from workflows.tally import NO, Tally
from workflows.types import Action, RunStatus


def undo(decision_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Requirement:
    """Take a decision back within its hold: the requirement is open again, at the next revision.

    For who made it alone. A deadline that has passed meanwhile is judged now. Raises NotEligible, HoldOver.
    """
    now = timezone.now()
    with transaction.atomic(using=using):
        decision = Decision.objects.using(using).get(id=decision_id)
        if actor.person is None or decision.person_id != actor.person.pk:
            raise NotEligible("Only who has decided can undo it")
        requirement = locked(decision.requirement_id, using)
        held = Q(release_at__gt=now, revision=decision.revision)
        if not decision.closes or not _open_again(requirement, held):
            raise HoldOver("The time in which this could be undone is over")
        data = {"action": decision.action, "revision": decision.revision}
        append_event(requirement.run, "DecisionUndone", actor, requirement=requirement, data=data)
        _judge(requirement, now)
    return requirement


def confirm_decisions(run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> None:
    """What a run is about to go on with: release what was held long enough, ask anew where who decided may no more.

    For whoever has claimed the run, before it takes decisions in. One query where nothing was decided.
    """
    with by_hand(using) as statements:
        if not statements.outlook(run_id).is_decided:
            return
    live = Requirement.objects.using(using).filter(run=run_id, status=Requirement.Status.DECIDED)
    for requirement in live.select_related("run"):
        confirm(requirement)


def confirm(requirement: Requirement) -> None:
    """One decision; nothing while it can still be undone."""
    if requirement.is_held():
        return
    if not stands(requirement):
        _ask_anew(requirement)
    elif requirement.release_at is not None:
        _release(requirement)


def stands(requirement: Requirement) -> bool:
    """Whether those who have decided it may still do so, and are still enough; three queries."""
    tally = Tally.of(requirement)
    closing = next((vote for vote in reversed(tally.all) if vote.closes), None)
    if closing is None or closing.person_id is None:  # the timer's, or a script's
        return True
    if Action(closing.action) in NO:
        return len(tally.no) >= tally.needed_against
    return tally.agreed >= tally.needed


def _ask_anew(requirement: Requirement) -> None:
    using = requirement._state.db or DEFAULT_DB_ALIAS
    with transaction.atomic(using=using):
        requirement = locked(requirement.id, using)
        if requirement.status != Requirement.Status.DECIDED or stands(requirement):
            return
        void = [vote.actor for vote in Tally.of(requirement).void]
        data = {"reason": "not eligible any more", "who": void, "revision": requirement.revision}
        if _open_again(requirement, over()):
            append_event(requirement.run, "RequirementReopened", ENGINE, requirement=requirement, data=data)
            _judge(requirement, timezone.now())


def over() -> Q:
    """Decisions that can be undone no more."""
    return Q(release_at=None) | Q(release_at__lte=timezone.now())


def _open_again(requirement: Requirement, while_: Q) -> bool:
    """Open a decided requirement at the next revision, by compare-and-set."""
    rows = Requirement.objects.using(requirement._state.db).filter(while_, id=requirement.id)
    changes = {"status": Requirement.Status.OPEN, "revision": F("revision") + 1, "release_at": None}
    if not rows.filter(status=Requirement.Status.DECIDED).update(**changes):
        return False
    requirement.refresh_from_db(fields=["status", "revision", "release_at"])
    return True


def _judge(requirement: Requirement, now: datetime) -> None:
    """After a requirement was opened again: its deadline may have passed; the run waits for other things now."""
    if requirement.timeout_at is not None and requirement.timeout_at <= now:
        expire(requirement, now)
        return
    run = requirement.run
    if not run.lease_owner and run.status == RunStatus.paused:
        with by_hand(run._state.db or DEFAULT_DB_ALIAS) as statements:
            look = statements.outlook(run.id).next_look
        WorkflowRun.objects.using(run._state.db).filter(id=run.id).update(wake_at=look)


def _release(requirement: Requirement) -> None:
    using = requirement._state.db or DEFAULT_DB_ALIAS
    with transaction.atomic(using=using):
        now_there = locked(requirement.id, using)  # the run first, as everybody does who changes something
        held = Requirement.objects.using(using).filter(id=requirement.id, revision=requirement.revision)
        released = held.filter(status=Requirement.Status.DECIDED, release_at__lte=timezone.now())
        if released.update(release_at=None):
            data = {"revision": requirement.revision}
            append_event(now_there.run, "DecisionReleased", ENGINE, requirement=now_there, data=data)
        points.reached("release.within")
    points.reached("release.after")
