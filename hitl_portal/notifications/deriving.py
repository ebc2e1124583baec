"""Writes notes and the outbox from the event log: each event once for each person whom it concerns.

As for webhooks (see `outbound.deriving`): what is committed is told, what was rolled back is not, and a unique
constraint keeps a second reader from telling anything twice. Reminders and escalations of the engine are events like
others, and come through here too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from hitl_portal.live import personal
from hitl_portal.log_position import ONE
from hitl_portal.notifications.audience import ENDING, TELLING, Audience, Concerned
from hitl_portal.notifications.kinds import ASKING, Kind
from hitl_portal.notifications.models import Dispatch, Note, Position
from hitl_portal.notifications.wishes import Wish, wishes_of
from hitl_portal.outbound.telling import OPENING
from workflows.models import Delegation, Requirement, RunEvent

MOST = 20  # events at once: each may concern very many people, whose notes are written while others wait
MOST_OPEN = 500  # questions that deputies are told of, the newest ones
LASTING = timedelta(days=2)  # for so long a dispatch is tried


def derive() -> int:
    """Read what is new in the log, at most a batch; how many notes that made. Two queries where nothing is new.

    The number of queries depends on neither how many people there are, nor on what they wish. Who is told what is found
    out before anything is locked: it may take a while, where there are many people.
    """
    if not Position.has_news():
        return 0
    position = Position.objects.filter(pk=ONE).first() or Position(pk=ONE)
    began = position.sequence, dict(position.gaps)
    events = position.read(TELLING, MOST)
    draft = _drafted(_concerned(events)) if events else Draft()
    with transaction.atomic():
        there = Position.locked(since=0)
        if (there.sequence, there.gaps) != began:  # another reader was faster, and has told it
            return 0
        made = _write(draft)
        settled = _settle(events, timezone.now())
        position.save()
        if made or settled:
            personal.call()
    return made


def tell_deputies() -> int:
    """Tell deputies of what was open already when they became that; how many notes that made. One query where nobody is
    away. What they were told before they are not told again."""
    now = timezone.now()
    current = Delegation.objects.current(now).filter(deputy__is_active=True)
    deputies = set(current.values_list("deputy", flat=True))
    events = _still_asked() if deputies else []
    if not events:
        return 0
    known = set(Note.objects.filter(event__in=events, person__in=deputies).values_list("person", "event"))
    draft = _drafted(
        [
            one
            for one in _concerned(events)
            if one.instead_of and one.person.pk in deputies and (one.person.pk, one.event.pk) not in known
        ]
    )
    if draft.notes:
        with transaction.atomic():
            _write(draft)
            personal.call()
    return len(draft.notes)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is about to be written."""

    notes: list[Note] = field(default_factory=list)
    dispatches: list[Dispatch] = field(default_factory=list)


def _still_asked() -> list[RunEvent]:
    """Of what is open, the events by which it was asked last."""
    asking = RunEvent.objects.filter(requirement=OuterRef("pk"), type__in=OPENING).order_by("-sequence")
    newest = (
        Requirement.objects.open().order_by("-opened_at").annotate(asked=Subquery(asking.values("pk")[:1]))
    )
    asked = [sequence for sequence in newest.values_list("asked", flat=True)[:MOST_OPEN] if sequence]
    return list(RunEvent.objects.filter(pk__in=asked).select_related("run__workflow", "requirement"))


def _drafted(concerned: list[Concerned]) -> Draft:
    wishes = wishes_of(list({one.person for one in concerned}))
    now = timezone.now()
    notes = [note for one in concerned if (note := _note(one, wishes[one.person.pk], now))]
    dispatches = [row for note in notes for row in _dispatches(note, wishes[note.person_id], now)]
    return Draft(notes=notes, dispatches=dispatches)


def _write(draft: Draft) -> int:
    if not draft.notes:
        return 0
    # A number that was jumped over may come to be read twice: its rows are there then.
    Note.objects.bulk_create(draft.notes, ignore_conflicts=True)
    told = Note.objects.filter(event__in={note.event_id for note in draft.notes})
    written = set(told.values_list("pk", flat=True))
    dispatches = [row for row in draft.dispatches if row.note_id in written]
    Dispatch.objects.bulk_create(dispatches, ignore_conflicts=True)
    return len(draft.notes)


def _concerned(events: list[RunEvent]) -> list[Concerned]:
    audience = Audience.of(events)
    return [one for event in events for one in audience.concerned(event)]


def _note(one: Concerned, wish: Wish, now: datetime) -> Note | None:
    """A note; None where the person wants to hear nothing of it at all."""
    event, kind = one.event, one.kind
    if event.run.workflow_id in wish.muted:
        return None
    in_page, expires_at = wish.in_page(kind), _expiry(event.requirement)
    if not in_page and not wish.ways(kind, now, expires_at):
        return None
    return Note(
        person=one.person,
        event=event,
        kind=kind,
        run=event.run,
        requirement=event.requirement,
        doer=one.doer,
        instead_of=one.instead_of,
        in_page=in_page,
        expires_at=expires_at,
        created_at=event.created_at,
    )


def _dispatches(note: Note, wish: Wish, now: datetime) -> Iterator[Dispatch]:
    for way in wish.ways(Kind(note.kind), now, note.expires_at):
        yield Dispatch(
            person_id=note.person_id,
            note=note,
            channel=way.channel,
            address_id=way.address_id,
            together=way.due.together,
            next_try_at=way.due.at,
            until=way.due.at + LASTING,
            created_at=now,
        )


def _expiry(requirement: Requirement | None) -> datetime | None:
    return requirement.timeout_at if requirement is not None and requirement.risk == "high" else None


def _settle(events: list[RunEvent], now: datetime) -> int:
    """What nobody is asked any more needs nobody's eyes: it counts as read."""
    runs = {event.run_id for event in events if event.type in ENDING}
    if not runs:
        return 0
    asking = Note.objects.unread().filter(run__in=runs, kind__in=ASKING)
    return asking.exclude(requirement__status=Requirement.Status.OPEN).update(read_at=now)
