"""Snoozing: one person sees a requirement later; nobody else is touched by it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.workflows.driving import events_of
from tests.workflows.reviewing.conftest import AskUnder
from workflows.errors import InvalidDates, NotEligible
from workflows.models import Requirement, Snooze
from workflows.services import Actor, snooze, unsnooze

pytestmark = pytest.mark.django_db


def awake(person: User, in_hours: float = 0) -> list[Requirement]:
    now = timezone.now() + timedelta(hours=in_hours)
    return list(Requirement.objects.open().awake(person, now))


def later() -> timedelta:
    return timedelta(hours=1)


def test_it_sleeps_for_one_person_until_then(ask_under: AskUnder, reviewer: User, admin: User) -> None:
    requirement = ask_under()
    snooze(requirement.id, until=timezone.now() + later(), actor=Actor.of(reviewer))

    assert awake(reviewer) == []
    assert awake(reviewer, in_hours=2) == awake(admin) == [requirement]
    assert events_of(requirement.run) == []


def test_once_more_changes_the_moment(ask_under: AskUnder, reviewer: User) -> None:
    requirement = ask_under()
    for hours in (1, 5):
        snooze(requirement.id, until=timezone.now() + hours * later(), actor=Actor.of(reviewer))

    assert Snooze.objects.count() == 1
    assert awake(reviewer, in_hours=2) == []


def test_it_can_be_woken(ask_under: AskUnder, reviewer: User) -> None:
    requirement = ask_under()
    snooze(requirement.id, until=timezone.now() + later(), actor=Actor.of(reviewer))
    unsnooze(requirement.id, actor=Actor.of(reviewer))

    assert awake(reviewer) == [requirement]


def test_the_past_is_refused(ask_under: AskUnder, reviewer: User) -> None:
    with pytest.raises(InvalidDates):
        snooze(ask_under().id, until=timezone.now() - later(), actor=Actor.of(reviewer))


def test_a_stranger_has_nothing_to_put_off(ask_under: AskUnder, stranger: User) -> None:
    with pytest.raises(NotEligible):
        snooze(ask_under().id, until=timezone.now() + later(), actor=Actor.of(stranger))
