"""Snoozing: one person wants to see one requirement later. It changes nothing for anybody else, and is no event."""

from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from workflows.acting import Actor, person_of
from workflows.errors import InvalidDates, NotEligible
from workflows.models import Requirement, Snooze


def snooze(requirement_id: UUID, *, until: datetime, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Snooze:
    """Put an open requirement off until a moment; once more changes the moment.

    Its deadline and reminders stay. Raises NotEligible for who may not see it, InvalidDates for the past.
    """
    person = person_of(actor)
    if until <= timezone.now():
        raise InvalidDates("That moment has passed")
    if not Requirement.objects.using(using).visible(person).filter(id=requirement_id).exists():
        raise NotEligible(f"{actor.name} may not see this")
    return Snooze.objects.using(using).update_or_create(
        requirement_id=requirement_id, person=person, defaults={"until": until}
    )[0]


def unsnooze(requirement_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> None:
    """See it again at once."""
    Snooze.objects.using(using).filter(requirement=requirement_id, person=person_of(actor).pk).delete()
