"""The outbox's transitions: dispatches are claimed, those for one place at one time together, and what came of it is
recorded. Each is a compare-and-set on the lease."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from hitl_portal.notifications.channels import Undelivered
from hitl_portal.notifications.deriving import LASTING
from hitl_portal.notifications.models import Address, Dispatch, Note
from hitl_portal.outbound.pace import next_try
from workflows.ids import new_id

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Longer than the longest try: who has not reported after it is taken for dead, and the next one sends it again.
LEASE = timedelta(minutes=3)
KEPT = timedelta(days=90)
MOST_TOGETHER = 50
LOOKED_AT = 20
AT_ONCE = 1000
ALONG = (
    "person",
    "address",
    "note__event",
    "note__run__workflow",
    "note__run__requested_by",
    "note__requirement",
)

dice = SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What goes to one place in one message, claimed."""

    lease: UUID
    dispatches: tuple[Dispatch, ...]

    @property
    def channel(self) -> str:
        """How it goes."""
        return self.dispatches[0].channel

    @property
    def person(self) -> "User":
        """Who gets it."""
        return self.dispatches[0].person

    @property
    def address(self) -> Address | None:
        """Where to, where the account does not say."""
        return self.dispatches[0].address

    @property
    def lane(self) -> Hashable:
        """Addresses are lanes of their own; what their accounts say goes through one server."""
        return self.dispatches[0].address_id or self.channel


def due(now: datetime) -> QuerySet[Dispatch]:
    """What is to be sent, longest due first."""
    waiting = Dispatch.objects.filter(status=Dispatch.Status.PENDING, next_try_at__lte=now)
    return waiting.order_by("next_try_at", "id")


def free(full: Collection[Hashable]) -> Q:
    """What goes down none of these lanes."""
    channels = [lane for lane in full if isinstance(lane, str)]
    addresses = [lane for lane in full if isinstance(lane, UUID)]
    busy = Q(address=None, channel__in=channels) | Q(address__in=addresses)
    return ~busy if full else Q()


def claim(full: Collection[Hashable] = ()) -> Parcel | None:
    """The next parcel, for whoever called alone; None where nothing is due."""
    now = timezone.now()
    for first in due(now).filter(free(full))[:LOOKED_AT]:
        lease = new_id()
        pks = [first.pk]
        if first.together:
            place = {"person": first.person_id, "channel": first.channel, "address": first.address_id}
            along = due(now).filter(**place, together=True)
            pks = list(along.values_list("pk", flat=True)[:MOST_TOGETHER])
        if due(now).order_by().filter(pk__in=pks).update(lease=lease, next_try_at=now + LEASE):
            rows = Dispatch.objects.filter(lease=lease).select_related(*ALONG).order_by("created_at", "id")
            return Parcel(lease=lease, dispatches=tuple(rows))
    return None


def drop(parcel: Parcel, dispatches: Iterable[Dispatch], reason: str) -> None:
    """Nothing is to be told any more."""
    _held(parcel, dispatches).update(
        status=Dispatch.Status.DROPPED, reason=reason, next_try_at=None, lease=None
    )


def put_off(parcel: Parcel, dispatch: Dispatch, until: datetime) -> None:
    """Look again then."""
    _held(parcel, [dispatch]).update(next_try_at=until, lease=None)


def note_sent(dispatches: Iterable[Dispatch], receipt: str) -> None:
    """It has arrived, also where another one has taken over meanwhile."""
    rows = Dispatch.objects.filter(pk__in=[dispatch.pk for dispatch in dispatches])
    rows.update(
        status=Dispatch.Status.SENT,
        reason="",
        receipt=receipt[:300],
        sent_at=timezone.now(),
        next_try_at=None,
        lease=None,
    )


def note_failed(parcel: Parcel, dispatches: Iterable[Dispatch], failed: Undelivered) -> None:
    """Again later, or given up."""
    now = timezone.now()
    for dispatch in dispatches:
        failures = dispatch.failures + 1
        again = None
        if failed.again:
            until, asked = dispatch.until, failed.wait
            again = next_try(failures, now=now, until=until, asked=asked, dice=dice.random())
        status = Dispatch.Status.PENDING if again else Dispatch.Status.FAILED
        changes = {"status": status, "next_try_at": again, "failures": failures, "lease": None}
        _held(parcel, [dispatch]).update(reason=str(failed)[:300], **changes)


def try_out(person: "User", channel: str, address: Address | None = None) -> Dispatch:
    """A message without meaning, to see whether it arrives."""
    now = timezone.now()
    return Dispatch.objects.create(
        person=person,
        channel=channel,
        address=address,
        next_try_at=now,
        until=now + LASTING,
        created_at=now,
    )


def prune(now: datetime) -> int:
    """Delete notes that are three months old, with what was sent of them, and try-outs; a batch of each; how many."""
    done = 0
    for rows in (Note.objects.all(), Dispatch.objects.filter(note=None)):
        old = rows.filter(created_at__lt=now - KEPT).order_by("created_at")
        pks = list(old.values_list("pk", flat=True)[:AT_ONCE])
        done += rows.filter(pk__in=pks).delete()[0] if pks else 0
    return done


def _held(parcel: Parcel, dispatches: Iterable[Dispatch]) -> QuerySet[Dispatch]:
    pks = [dispatch.pk for dispatch in dispatches]
    return Dispatch.objects.filter(pk__in=pks, lease=parcel.lease, status=Dispatch.Status.PENDING)
