"""Putting off until a moment of one's own day: as offered, as picked, in one's own time zone; and waking it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.inbox.later import moments
from hitl_portal.zones import COOKIE
from tests.hitl_portal.conftest import Ask, SignIn
from workflows.models import Requirement, Snooze

ST_JOHNS, KATHMANDU = "America/St_Johns", "Asia/Kathmandu"
THURSDAY_NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def offered(zone: str, now: datetime) -> dict[str, str]:
    with timezone.override(ZoneInfo(zone)):
        return {moment.name: moment.at.astimezone(UTC).strftime("%a %H:%M") for moment in moments(now)}


def put_off(client: Client, requirement: Requirement, **data: str) -> Any:
    return client.post(f"/requirements/{requirement.id}/snooze/", data)


def test_moments_are_those_of_the_day_where_one_is() -> None:
    at_newfoundland = offered(ST_JOHNS, THURSDAY_NOON)
    assert at_newfoundland == {
        "hour": "Thu 13:00",
        "tonight": "Thu 21:30",
        "tomorrow": "Fri 11:30",
        "monday": "Mon 11:30",
    }
    in_nepal = offered(KATHMANDU, THURSDAY_NOON)  # 17:45 there: the evening has come
    assert in_nepal == {"hour": "Thu 13:00", "tomorrow": "Fri 02:15", "monday": "Mon 02:15"}


def test_on_a_sunday_tomorrow_is_monday_and_is_offered_once() -> None:
    assert "monday" not in offered("UTC", datetime(2026, 1, 18, 12, 0, tzinfo=UTC))


def test_the_clocks_may_be_changed_meanwhile() -> None:
    friday_before = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
    assert offered("America/New_York", friday_before)["monday"] == "Mon 12:00"


def test_a_picked_moment_is_read_in_one_s_own_zone(as_: SignIn, ask: Ask, reviewer: User) -> None:
    client, requirement = as_(reviewer), ask()
    client.cookies[COOKIE] = KATHMANDU
    put_off(client, requirement, until="2099-06-01T09:30")
    assert Snooze.objects.get().until == datetime(2099, 6, 1, 3, 45, tzinfo=UTC)


@pytest.mark.parametrize("data", [{"until": "2001-01-01T00:00"}, {"until": "soon"}, {"for": "never"}, {}])
def test_what_is_no_moment_to_come_puts_nothing_off(
    as_: SignIn, ask: Ask, reviewer: User, data: dict[str, str]
) -> None:
    response = put_off(as_(reviewer), ask(), **data)
    assert response.status_code == 422
    assert "Choose a moment that is still to come." in response.content.decode()
    assert not Snooze.objects.exists()


def test_the_list_of_what_was_put_off_says_until_when_and_wakes(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    client, requirement = as_(reviewer), ask(message="Later?")
    put_off(client, requirement, until="2099-06-01T09:30")
    page = client.get("/?show=snoozed").content.decode()
    assert "06/01/2099 9:30 a.m." in page
    assert "Wake it" in page
    put_off(client, requirement, **{"for": "now"})
    assert "Later?" in client.get("/").content.decode()


def test_the_card_offers_moments_and_a_pick(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = as_(reviewer).get(f"/requirements/{ask().id}/").content.decode()
    assert 'value="tomorrow"' in page
    assert 'type="datetime-local"' in page
