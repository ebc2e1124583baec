"""Wishes: how each of many people wants to be told, read for all of them at once."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from hitl_portal import zones
from hitl_portal.inbox.models import Preferences
from hitl_portal.notifications.channels import Channel, open_channels
from hitl_portal.notifications.kinds import ALL_AT_ONCE, PAGE, Kind, Mode
from hitl_portal.notifications.models import Address, Choices, Mute
from hitl_portal.notifications.timing import Due, Hours, due

if TYPE_CHECKING:
    from django.contrib.auth.models import User


MODES = frozenset(Mode.values)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One place to which one person is told something, and when."""

    channel: str
    due: Due
    address_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How one person wants to be told."""

    person: "User"
    choices: Choices
    hours: Hours
    muted: frozenset[UUID] = frozenset()
    addresses: tuple[Address, ...] = field(default=())

    def in_page(self, kind: Kind) -> bool:
        """Whether the bell tells of it."""
        return mode_of(self.choices, kind, PAGE) is not Mode.OFF

    def ways(self, kind: Kind, now: datetime, expires_at: datetime | None) -> list[Way]:
        """Where it is sent, and when."""
        found: list[Way] = []
        for channel in open_channels():
            mode = mode_of(self.choices, kind, channel.name)
            if mode is not Mode.OFF:
                at = due(mode, self.hours, now, expires_at)
                places = self._places(channel)
                found += [Way(channel=channel.name, due=at, address_id=place) for place in places]
        return found

    def _places(self, channel: Channel) -> list[UUID | None]:
        if channel.has_addresses:
            return [address.pk for address in self.addresses if address.channel == channel.name]
        return [None] if channel.reaches(self.person) else []


def mode_of(choices: Choices, kind: Kind, channel: str) -> Mode:
    """As the person has chosen, else as it is usual on that channel."""
    chosen = choices.modes.get(kind, {}).get(channel)
    return Mode(chosen) if chosen in MODES else usual_mode(kind, channel)


def usual_mode(kind: Kind, channel: str) -> Mode:
    """How soon people are told who have chosen nothing."""
    if channel == PAGE:
        return ALL_AT_ONCE[kind]
    known = next((known for known in open_channels() if known.name == channel), None)
    return known.usual.get(kind, Mode.OFF) if known else Mode.OFF


def wishes_of(people: "Collection[User]") -> dict[int, Wish]:
    """Those of all of these people, by their ids; four queries."""
    choices = {row.person_id: row for row in Choices.objects.filter(person__in=people)}
    kept = dict(Preferences.objects.filter(person__in=people).values_list("person", "time_zone"))
    mutes: dict[int, set[UUID]] = {}
    for person_id, workflow_id in Mute.objects.filter(person__in=people).values_list("person", "workflow"):
        mutes.setdefault(person_id, set()).add(workflow_id)
    addresses: dict[int, list[Address]] = {}
    for address in Address.objects.there().filter(person__in=people).defer("sealed"):
        addresses.setdefault(address.person_id, []).append(address)
    found = {}
    for person in people:
        chosen = choices.get(person.pk) or Choices(person=person)
        found[person.pk] = Wish(
            person=person,
            choices=chosen,
            hours=hours_of(chosen, kept.get(person.pk, "")),
            muted=frozenset(mutes.get(person.pk, ())),
            addresses=tuple(addresses.get(person.pk, ())),
        )
    return found


def hours_of(choices: Choices, time_zone: str) -> Hours:
    """A person's hours, in the zone that they chose, else that of the device on which they chose their hours."""
    named = (time_zone, choices.device_zone, settings.TIME_ZONE)
    zone = next(name for name in named if name in zones.known() or name == settings.TIME_ZONE)
    return Hours(
        zone=ZoneInfo(zone),
        quiet_from=choices.quiet_from,
        quiet_until=choices.quiet_until,
        urgent_through=choices.urgent_through,
        digest_at=choices.digest_at,
    )
