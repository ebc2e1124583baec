"""Answering: a pause whose questions are all over is due, and its server is told, once as far as it lets us.

Nothing is written in a decision's transaction: that all runs of a pause have ended is committed with them, and `settle`
finds it. Before every try the pause is looked at over there. Where it waits no more, either an earlier try of ours has
arrived, or somebody there was faster: that is then said in our runs' logs.
"""

import logging
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from hitl_portal.adapters.bringing import FRAMEWORKS, UNREADABLE, say, still_waits
from hitl_portal.adapters.far import Far, Trouble
from hitl_portal.adapters.models import KEPT_TRYING, Asked, Pause
from hitl_portal.outbound.pace import next_try

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
AT_ONCE, KEPT = 200, timedelta(days=30)
# A server that has not answered may still be busy with what arrived: only after this it is looked at again.
SETTLING = 30.0
ENDED = ("COMPLETED", "CANCELLED", "ERROR")

dice = SystemRandom()


def settle() -> int:
    """Make due whatever is answered; how many pauses that were. One query where nothing is."""
    now = timezone.now()
    waiting = Asked.objects.filter(pause=OuterRef("pk")).exclude(run__status__in=ENDED)
    asked = Asked.objects.filter(pause=OuterRef("pk"))
    over = Pause.objects.filter(Exists(asked), ~Exists(waiting), status=Pause.Status.OPEN)
    pks = list(over.values_list("pk", flat=True)[:AT_ONCE])
    due = {"status": Pause.Status.DUE, "next_try_at": now, "until": now + KEPT_TRYING}
    return Pause.objects.filter(pk__in=pks, status=Pause.Status.OPEN).update(**due) if pks else 0


def due(now: datetime) -> QuerySet[Pause]:
    """What is to be answered, longest due first."""
    waiting = Pause.objects.filter(status=Pause.Status.DUE, next_try_at__lte=now, server__enabled=True)
    return waiting.select_related("server").order_by("next_try_at", "id")


def deliver(pause: Pause) -> None:
    """Answer what was claimed, and record what came of it."""
    try:
        taken = _told(pause)
    except Trouble as trouble:
        _failed(pause, trouble)
        return
    except UNREADABLE as wrong:
        _failed(pause, Trouble(f"It cannot be answered: {type(wrong).__name__}"))
        return
    status = Pause.Status.DELIVERED if taken else Pause.Status.ELSEWHERE
    with transaction.atomic():
        if _mine(pause).update(status=status, closed_at=timezone.now(), next_try_at=None, problem=""):
            _say(pause, "AnswerDelivered" if taken else "AnswerNotTaken")


def again(pause: Pause) -> bool:
    """Try once more, from now on for as long as usual; whether it was given up, and so is tried."""
    now = timezone.now()
    given_up = Pause.objects.filter(pk=pause.pk, status=Pause.Status.FAILED)
    fresh = {"status": Pause.Status.DUE, "next_try_at": now, "until": now + KEPT_TRYING, "failures": 0}
    return bool(given_up.update(**fresh, tries=F("tries") + 1))


def prune(now: datetime) -> int:
    """Forget what ended over there a month ago, a batch at a time; how many. Our runs stay."""
    ended = Pause.objects.filter(status__in=[Pause.Status.DELIVERED, Pause.Status.ELSEWHERE])
    pks = list(ended.filter(closed_at__lt=now - KEPT).values_list("pk", flat=True)[:AT_ONCE])
    return Pause.objects.filter(pk__in=pks).delete()[0] if pks else 0


def _told(pause: Pause) -> bool:
    """Whether our answer was taken, now or before. Raises Trouble."""
    far, framework = Far.of(pause.server), FRAMEWORKS[pause.server.speaks]
    found = still_waits(pause, far, framework)
    if found is None:
        return pause.sent_at is not None
    answers = {one.spot: one.answer() for one in pause.questions.select_related("run")}
    now = timezone.now()
    if _mine(pause).update(sent_at=now):
        pause.sent_at = now
        framework.answer(far, found, answers)
    return True


def _failed(pause: Pause, trouble: Trouble) -> None:
    """Again later, or never. What was refused was not taken: no trace of it is there to be found."""
    now, failures = timezone.now(), pause.failures + 1
    later = None
    if not trouble.is_final:
        asked = SETTLING if trouble.status is None and pause.sent_at is not None else 0.0
        until = pause.until or now + KEPT_TRYING
        later = next_try(failures, now=now, until=until, asked=asked, dice=dice.random())
    told: dict[str, Any] = {"failures": failures, "problem": str(trouble)[:300], "next_try_at": later}
    told["status"] = Pause.Status.DUE if later else Pause.Status.FAILED
    if trouble.status is not None and 400 <= trouble.status < 500:
        told["sent_at"] = None
    with transaction.atomic():
        if _mine(pause).update(**told) and later is None:
            _say(pause, "AnswerNotTaken")


def _mine(pause: Pause) -> QuerySet[Pause]:
    return Pause.objects.filter(pk=pause.pk, status=Pause.Status.DUE, tries=pause.tries)


def _say(pause: Pause, type: str) -> None:
    for run in pause.runs:
        say(pause, run, type)
