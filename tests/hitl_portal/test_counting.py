"""The inbox counts what waits, and no further than anybody wants to know."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal import counting
from tests.hitl_portal.conftest import Ask, SignIn
from workflows.models import Snooze

pytestmark = pytest.mark.django_db


def page(as_: SignIn, person: User, address: str = "/") -> str:
    return as_(person).get(address).content.decode()


def test_more_than_anybody_counts_are_many(
    as_: SignIn, ask: Ask, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST", 3)
    for _ in range(4):
        ask()

    shown = page(as_, reviewer, "/?kind=approval")

    assert '<span class="count">2+<' in shown
    assert 'data-count="2+"' in shown
    assert "<title>(2+) " in shown
    assert "2+ items:" in shown


def test_who_looks_for_no_word_finds_none(as_: SignIn, ask: Ask, reviewer: User) -> None:
    ask()

    assert "0 items:" in page(as_, reviewer, "/?q=%2B")


def test_what_somebody_put_off_is_counted_for_them_alone(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    Snooze.objects.create(requirement=ask(), person=reviewer, until=timezone.now() + timedelta(hours=1))

    assert "show=snoozed" in page(as_, reviewer)
    assert "show=snoozed" not in page(as_, admin)
