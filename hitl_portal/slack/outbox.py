"""The outbox's transitions: a card is claimed, and what came of it is recorded. Each is a compare-and-set."""

from collections.abc import Collection, Hashable
from datetime import datetime, timedelta
from random import SystemRandom

from django.db.models import F, Q
from django.utils import timezone

from hitl_portal.links.standing import asks_the_same
from hitl_portal.outbound.pace import next_try
from hitl_portal.slack.models import Card
from hitl_portal.slack.web_api import SlackSaid

Status = Card.Status

# Longer than the longest try: who has not reported after it is taken for dead, and the next one sends it again.
LEASE = timedelta(seconds=90)
LASTING = timedelta(days=2)  # for so long it is tried
LASTING_FOR_PRESSER = timedelta(minutes=5)  # who has pressed a button does not wait longer
KEPT = timedelta(days=90)
AT_ONCE, LOOKED_AT = 1000, 20
ALONG = ("person", "requirement__run__workflow", "requirement__run__requested_by")

dice = SystemRandom()


def waiting(full: Collection[Hashable], most: int) -> int:
    """How much is due, counted up to so many, in rooms that are not busy."""
    return len(Card.objects.due(timezone.now()).exclude(room__in=full).values_list("pk")[:most])


def claim(full: Collection[Hashable] = ()) -> Card | None:
    """The next card, for whoever called alone; None where nothing is due."""
    now = timezone.now()
    for card in Card.objects.due(now).exclude(room__in=full).select_related(*ALONG)[:LOOKED_AT]:
        same = Card.objects.filter(pk=card.pk, status=card.status, tries=card.tries)
        if same.update(tries=F("tries") + 1, next_try_at=now + LEASE):
            card.tries += 1
            return card
    return None


def note_posted(card: Card, room: str, stamp: str) -> None:
    """It stands there, also where another one has taken over meanwhile."""
    rows = Card.objects.filter(pk=card.pk, status=Status.WAITING)
    rows.update(status=Status.POSTED, room=room, stamp=stamp, next_try_at=None, failures=0, problem="")


def note_done(card: Card) -> None:
    """Nothing more is to be done about it."""
    Card.objects.filter(pk=card.pk).update(status=Status.DONE, next_try_at=None, problem="")


def note_failed(card: Card, failed: SlackSaid) -> None:
    """Again later, or given up."""
    now, failures = timezone.now(), card.failures + 1
    again = None
    if failed.again:
        again = next_try(failures, now=now, until=card.until, asked=failed.wait, dice=dice.random())
    same = Card.objects.filter(pk=card.pk, status=card.status, tries=card.tries)
    changes = {"failures": failures, "next_try_at": again, "problem": str(failed)[:200]}
    same.update(**changes, **({} if again else {"status": Status.FAILED}))


def end_outdated(now: datetime) -> int:
    """Let the cards be closed whose question is over, or another one now; how many. A query where there are none."""
    ended = 0
    for card in Card.objects.outdated(now).select_related("requirement")[:AT_ONCE]:
        same = Card.objects.filter(pk=card.pk, status=Status.POSTED)
        if card.requirement.is_open and asks_the_same(card.requirement, card.revision):
            same.update(revision=card.requirement.revision)  # somebody has decided, and taken it back
        else:
            changes = {"status": Status.ENDING, "failures": 0, "next_try_at": now, "until": now + LASTING}
            ended += same.update(**changes)
    return ended


def prune(now: datetime) -> int:
    """Forget what was done with three months ago, a batch at a time; how many."""
    old = Card.objects.filter(Q(status__in=(Status.DONE, Status.FAILED)), created_at__lt=now - KEPT)
    pks = list(old.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE])
    return Card.objects.filter(pk__in=pks).delete()[0] if pks else 0
