"""The sweep looks for what can never be decided when it begins and once a day, and keeps what it found."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_requirement, a_run
from workflows import sweep
from workflows.coverage.daily import MOST_KEPT, Daily, check
from workflows.models import CoverageCheck
from workflows.nudging import Crew

pytestmark = pytest.mark.django_db


def looked(age: timedelta) -> None:
    """Somebody looked so long ago."""
    CoverageCheck.objects.create(checked_at=timezone.now() - age, found=0)


def test_who_begins_to_lead_looks_and_the_log_says_what_was_found(caplog: pytest.LogCaptureFixture) -> None:
    requirement = a_requirement(a_run())
    Daily()()

    said = f"refund/approve (requirement {requirement.id}): nobody: Nobody may decide it"
    assert f"nobody can decide it: {said}" in caplog.text
    found = CoverageCheck.objects.get()
    assert (found.found, found.lines) == (1, [said])


def test_where_all_is_well_that_is_kept_too(reviewer: User, caplog: pytest.LogCaptureFixture) -> None:
    Daily()()

    assert CoverageCheck.objects.get().found == 0
    assert caplog.text == ""


@pytest.mark.parametrize(("age", "looks"), [(timedelta(minutes=1), 1), (timedelta(hours=1), 2)])
def test_a_start_soon_after_a_look_needs_no_other(age: timedelta, looks: int) -> None:
    looked(age)
    Daily()()

    assert CoverageCheck.objects.count() == looks


def test_it_looks_again_after_a_day_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.coverage.daily.ASK_AGAIN", 0.0)
    daily = Daily()
    daily()
    daily()
    assert CoverageCheck.objects.count() == 1
    CoverageCheck.objects.update(checked_at=timezone.now() - timedelta(hours=25))
    daily()

    assert CoverageCheck.objects.count() == 2


def test_between_two_looks_it_asks_the_database_nothing(django_assert_num_queries: object) -> None:
    daily = Daily()
    daily()

    with django_assert_num_queries(0):  # type: ignore[operator]
        assert daily() == 0


def test_looks_of_long_ago_are_forgotten() -> None:
    for days in range(MOST_KEPT + 5):
        looked(timedelta(days=days))
    check()

    assert CoverageCheck.objects.count() == MOST_KEPT


def test_the_sweep_has_it() -> None:
    sweepers = sweep.sweepers(Crew(name="worker", workflows={}))

    assert any(isinstance(sweeper, Daily) for sweeper in sweepers)
