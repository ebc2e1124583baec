"""Admins register servers in Django admin; nobody reads a bearer again."""

import pytest
from django.contrib.auth.models import User

from hitl_portal.adapters.bringing import look_at
from hitl_portal.adapters.models import Pause, Server
from tests.hitl_portal.adapters.conftest import Played, Wait
from tests.hitl_portal.conftest import SignIn

ADD = "/admin/adapters/server/add/"
CLERKS = {"name": "clerks", "speaks": "agno", "url": "https://agno.example", "every": 10, "enabled": "on"}
CLERKS |= {"places": '["agent/clerk"]', "policy": '{"risk": "high"}'}

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(admin: User) -> User:
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    admin.refresh_from_db()
    return admin


def test_a_server_is_registered_with_a_bearer_that_is_sealed(as_: SignIn, staff: User) -> None:
    answer = as_(staff).post(ADD, CLERKS | {"bearer": "very secret"})
    assert answer.status_code == 302, answer.content
    server = Server.objects.get()
    assert (server.bearer, "very secret" in server.sealed) == ("very secret", False)
    page = as_(staff).get(f"/admin/adapters/server/{server.pk}/change/").content.decode()
    assert "very secret" not in page


def test_a_bearer_stays_until_another_one_is_given(as_: SignIn, staff: User) -> None:
    as_(staff).post(ADD, CLERKS | {"bearer": "first"})
    change = f"/admin/adapters/server/{Server.objects.get().pk}/change/"
    as_(staff).post(change, CLERKS)
    assert Server.objects.get().bearer == "first"
    as_(staff).post(change, CLERKS | {"bearer": "second"})
    assert Server.objects.get().bearer == "second"
    as_(staff).post(change, CLERKS | {"no_bearer": "on"})
    assert Server.objects.get().bearer == ""


@pytest.mark.parametrize("url", ["https://other.example", "https://agno.example.org"])
def test_another_host_gets_no_bearer_that_was_given_for_this_one(as_: SignIn, staff: User, url: str) -> None:
    as_(staff).post(ADD, CLERKS | {"bearer": "first"})
    change = f"/admin/adapters/server/{Server.objects.get().pk}/change/"
    refused = as_(staff).post(change, CLERKS | {"url": url})
    assert "That is another host" in refused.content.decode()
    assert Server.objects.get().url == CLERKS["url"]
    as_(staff).post(change, CLERKS | {"url": url, "bearer": "second"})
    assert (Server.objects.get().url, Server.objects.get().bearer) == (url, "second")


def test_another_path_of_the_host_keeps_the_bearer(as_: SignIn, staff: User) -> None:
    as_(staff).post(ADD, CLERKS | {"bearer": "first"})
    change = f"/admin/adapters/server/{Server.objects.get().pk}/change/"
    as_(staff).post(change, CLERKS | {"url": "https://Agno.example/v2"})
    assert (Server.objects.get().url, Server.objects.get().bearer) == ("https://Agno.example/v2", "first")


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://agno.example"},
        {"url": "https://127.0.0.1"},
        {"places": '["clerk"]'},
        {"places": '{"agent": "clerk"}'},
        {"policy": '{"quorum": 0}'},
        {"policy": '["finance"]'},
        {"every": 0},
        {"bearer": "two\nlines"},
    ],
)
def test_what_cannot_work_is_refused(as_: SignIn, staff: User, wrong: dict[str, str]) -> None:
    assert as_(staff).post(ADD, CLERKS | wrong).status_code == 200
    assert not Server.objects.exists()


def test_others_see_nothing_of_it(as_: SignIn, reviewer: User, stranger: User) -> None:
    for person in (reviewer, stranger):
        assert as_(person).post(ADD, CLERKS).status_code == 302
    assert not Server.objects.exists()


def test_pauses_are_looked_at_and_tried_again(
    as_: SignIn, staff: User, server: Server, waits: Wait, played: Played
) -> None:
    waits("one")
    look_at(server)
    Pause.objects.update(status="failed", problem="422: no such tool")
    pauses = "/admin/adapters/pause/"
    assert "no such tool" in as_(staff).get(pauses).content.decode()
    as_(staff).post(pauses, {"action": "try_again", "_selected_action": [Pause.objects.get().pk]})
    assert Pause.objects.get().status == "due"


def test_a_look_at_everything_can_be_asked_for(
    as_: SignIn, staff: User, server: Server, played: Played
) -> None:
    look_at(server)
    as_(staff).post("/admin/adapters/server/", {"action": "look_now", "_selected_action": [server.pk]})
    server.refresh_from_db()
    assert server.seen_until is None
