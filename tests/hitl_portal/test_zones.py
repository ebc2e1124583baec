"""Pages tell times in the viewer's zone: as chosen, else as the device says, else the server's."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal import zones
from hitl_portal.inbox.keys import ACTIONS
from hitl_portal.inbox.models import Preferences
from tests.hitl_portal.conftest import Ask, SignIn
from workflows.models import Requirement

DEADLINE = datetime(2099, 1, 15, 12, 0, tzinfo=UTC)
THERE = {"America/St_Johns": "8:30", "Asia/Kathmandu": "17:45", "UTC": "12:00"}


@pytest.fixture
def requirement(ask: Ask) -> Requirement:
    asked = ask(on_timeout="skip")
    Requirement.objects.filter(pk=asked.pk).update(timeout_at=DEADLINE)
    return asked


def choose(client: Client, zone: str, **others: str) -> Any:
    keys = {f"key_{action.name}": action.key for action in ACTIONS}
    return client.post("/inbox/preferences/", keys | {"time_zone": zone, "keys_on": "on"} | others)


def card(client: Client, requirement: Requirement) -> str:
    return client.get(f"/requirements/{requirement.id}/").content.decode()


@pytest.mark.parametrize("zone", list(THERE))
def test_what_was_chosen_counts_in_fragments_too(
    as_: SignIn, requirement: Requirement, reviewer: User, zone: str
) -> None:
    client = as_(reviewer)
    assert choose(client, zone).status_code == 302
    client.cookies[zones.COOKIE] = "Europe/Rome"
    assert f"{THERE[zone]}:00" in card(client, requirement)
    assert f'data-zone="{zone}"' in card(client, requirement)
    fragment = client.get(f"/requirements/{requirement.id}/card/", headers={"HX-Request": "true"})
    assert f"{THERE[zone]}:00" in fragment.content.decode()
    assert f"{THERE[zone]}:00" in client.get("/inbox/rows/").content.decode()


@pytest.mark.parametrize("zone", list(THERE))
def test_without_a_choice_the_device_s_zone_counts(
    as_: SignIn, requirement: Requirement, reviewer: User, zone: str
) -> None:
    client = as_(reviewer)
    client.cookies[zones.COOKIE] = zone
    page = card(client, requirement)
    assert f"{THERE[zone]}:00" in page
    assert "data-zone" not in page


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 999])
def test_a_zone_that_is_none_is_let_pass(
    as_: SignIn, requirement: Requirement, reviewer: User, zone: str
) -> None:
    client = as_(reviewer)
    client.cookies[zones.COOKIE] = zone
    assert "12:00:00" in card(client, requirement)
    if zone:
        assert choose(client, zone).status_code == 422


def test_a_choice_comes_along_to_the_next_browser(
    as_: SignIn, requirement: Requirement, reviewer: User
) -> None:
    choose(as_(reviewer), "Asia/Kathmandu")
    assert "17:45:00" in card(as_(reviewer), requirement)


def test_another_browser_that_is_open_notices_it(
    as_: SignIn, requirement: Requirement, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = as_(reviewer)
    choose(as_(reviewer), "Asia/Kathmandu")
    assert "12:00:00" in card(other, requirement)
    later = time.time() + timedelta(minutes=11).total_seconds()
    monkeypatch.setattr("hitl_portal.zones.time.time", lambda: later)
    assert "17:45:00" in card(other, requirement)


def test_as_it_comes_is_as_the_device(as_: SignIn, requirement: Requirement, reviewer: User) -> None:
    client = as_(reviewer)
    choose(client, "Asia/Kathmandu")
    client.post("/inbox/preferences/", {"as_it_comes": "1"})
    assert not Preferences.objects.exists()
    assert "12:00:00" in card(client, requirement)
