"""Sifting: what of a parcel is still to be told, looked at right before it leaves.

Much may have happened since the note was written: somebody else has decided, the person may not see it any more, or
does not want to hear of it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from hitl_portal.notifications import outbox
from hitl_portal.notifications.channels import channels
from hitl_portal.notifications.kinds import Kind, Mode
from hitl_portal.notifications.models import Choices, Dispatch, Mute, Note
from hitl_portal.notifications.outbox import Parcel
from hitl_portal.notifications.wishes import mode_of
from workflows import policy
from workflows.models import Comment

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOMENT = timedelta(seconds=1)


def sifted(parcel: Parcel) -> list[Dispatch]:
    """What is to be sent; the rest is dropped, or put off. A number of queries that does not grow with what is sent."""
    person = get_user_model().objects.prefetch_related("groups").get(pk=parcel.person.pk)
    sieve = _Sieve(person, parcel)
    kept: list[Dispatch] = []
    for dispatch in parcel.dispatches:
        reason = sieve.why_not(dispatch)
        held_until = _held_until(dispatch.note)
        if reason and held_until:
            outbox.put_off(parcel, dispatch, held_until + MOMENT)
        elif reason:
            outbox.drop(parcel, [dispatch], reason)
        else:
            kept.append(dispatch)
    return kept


class _Sieve:
    def __init__(self, person: "User", parcel: Parcel) -> None:
        notes = [dispatch.note for dispatch in parcel.dispatches if dispatch.note]
        self._person, self._channel = person, channels().get(parcel.channel)
        self._choices = Choices.of(person)
        self._muted = set(Mute.objects.filter(person=person).values_list("workflow", flat=True))
        seen = Note.objects.seen_by(person).filter(pk__in=[note.pk for note in notes])
        self._seen: set[UUID] = set(seen.values_list("pk", flat=True))
        self._erased = _erased(notes)

    def why_not(self, dispatch: Dispatch) -> str:
        """Why it is not to be sent; empty where it is."""
        if not self._person.is_active:
            return _("The account is closed.")
        if self._channel is None or not self._channel.is_on or _is_gone(dispatch):
            return _("This way is closed.")
        return self._why_no_note(dispatch.note, dispatch) if dispatch.note else ""

    def _why_no_note(self, note: Note, dispatch: Dispatch) -> str:
        if note.pk not in self._seen or note.pk in self._erased:
            return _("It is not yours to see any more.")
        mode = mode_of(self._choices, Kind(note.kind), dispatch.channel)
        if mode is Mode.OFF or note.run.workflow_id in self._muted:
            return _("You have switched it off.")
        if note.asks and not self._is_asked(note):
            return _("It was decided, or is not yours to decide any more.")
        return _("You have read it in the page.") if dispatch.together and note.read_at else ""

    def _is_asked(self, note: Note) -> bool:
        requirement = note.requirement
        if requirement is None or not requirement.is_open:
            return False
        requirement.run = note.run
        return policy.may_decide(self._person, requirement)


def _is_gone(dispatch: Dispatch) -> bool:
    return dispatch.address is not None and dispatch.address.gone_at is not None


def _held_until(note: Note | None) -> datetime | None:
    """When a decision that can still be undone counts: until then it may yet be asked again."""
    if note is None or not note.asks or note.requirement is None:
        return None
    return note.requirement.release_at if note.requirement.is_held(timezone.now()) else None


def _erased(notes: Collection[Note]) -> set[UUID]:
    """Mentions in comments that are no more."""
    said = {note.pk: note.event.data.get("comment") for note in notes if note.kind == Kind.MENTION}
    if not said:
        return set()
    there = Comment.objects.filter(pk__in=said.values(), erased_at=None).values_list("pk", flat=True)
    known = {str(pk) for pk in there}
    return {pk for pk, comment in said.items() if str(comment) not in known}
