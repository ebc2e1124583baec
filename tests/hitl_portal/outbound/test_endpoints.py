"""The pages of endpoints: made, changed, switched, their secrets shown once; for admins alone."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hitl_portal.outbound import outbox
from hitl_portal.outbound.models import Endpoint
from hitl_portal.outbound.sending import send
from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.outbound.conftest import MakeEndpoint
from tests.hitl_portal.outbound.receiver import Receiver, Reply
from tests.rows import a_workflow

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def admins(as_: SignIn, admin: User) -> Client:
    """Give an admin's browser."""
    return as_(admin)


def filled(**fields: object) -> dict[str, object]:
    given = {"name": "shop", "url": "https://shop.example/told", "events": ["run.started"]}
    return given | fields


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_an_admin_adds_one_and_sees_its_secret_this_once(admins: Client) -> None:
    page = admins.post("/outbound/new/", filled()).content.decode()
    found = Endpoint.objects.get()

    assert (found.url, found.events, found.enabled) == ("https://shop.example/told", ["run.started"], True)
    assert SECRET.findall(page) == found.signing(found.secrets.get().created_at)
    assert not SECRET.search(text(admins, f"/outbound/{found.pk}/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://shop.example:22/",
        "https://a:b@shop.example/",
        "https://10.0.0.1/",
        "",
    ],
)
def test_an_address_that_cannot_be_posted_to_is_refused(admins: Client, url: str) -> None:
    response = admins.post("/outbound/new/", filled(url=url))

    assert response.status_code == 422
    assert not Endpoint.objects.exists()


def test_without_events_there_is_nothing_to_tell(admins: Client) -> None:
    response = admins.post("/outbound/new/", filled(events=[]))

    assert response.status_code == 422
    assert "Choose at least one event." in response.content.decode()


def test_an_admin_changes_one(admins: Client, endpoint: MakeEndpoint) -> None:
    found, _ = endpoint()
    workflow = a_workflow()
    admins.post(f"/outbound/{found.pk}/edit/", filled(name="till", workflows=[workflow.pk]))
    found.refresh_from_db()

    assert (found.name, list(found.workflows.all())) == ("till", [workflow])
    assert "Refund" in text(admins, f"/outbound/{found.pk}/")


def test_one_is_switched_off_and_on(admins: Client, endpoint: MakeEndpoint) -> None:
    found, _ = endpoint()
    for to, is_on in (("off", False), ("off", False), ("on", True)):
        admins.post(f"/outbound/{found.pk}/switch/", {"to": to})
        assert Endpoint.objects.get().enabled is is_on


def test_a_new_secret_is_shown_once_and_the_old_one_signs_along(
    admins: Client, endpoint: MakeEndpoint
) -> None:
    found, old = endpoint()
    page = admins.post(f"/outbound/{found.pk}/secret/").content.decode()

    assert old not in page
    assert len(SECRET.findall(page)) == 1
    assert "Retire the old secret now" in text(admins, f"/outbound/{found.pk}/")


def test_the_old_secret_can_be_retired_at_once(admins: Client, endpoint: MakeEndpoint) -> None:
    found, _ = endpoint()
    new = found.renew_secret()
    admins.post(f"/outbound/{found.pk}/retire/")

    assert found.signing(found.secrets.get().created_at) == [new]


def test_one_that_has_switched_itself_off_says_so(
    admins: Client, endpoint: MakeEndpoint, receiver: Receiver
) -> None:
    found, _ = endpoint()
    receiver.usual = Reply(status=410)
    outbox.ping(found)
    claimed = outbox.claim()
    assert claimed is not None
    send(claimed)

    assert "410 Gone" in text(admins, "/outbound/")
    assert 'role="alert"' in text(admins, f"/outbound/{found.pk}/")


def test_deleting_asks_first(admins: Client, endpoint: MakeEndpoint) -> None:
    found, _ = endpoint()
    outbox.ping(found)
    assert "Delete the endpoint?" in text(admins, f"/outbound/{found.pk}/delete/")
    assert Endpoint.objects.exists()

    admins.post(f"/outbound/{found.pk}/delete/")
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("who", ["requester", "reviewer", "stranger"])
def test_nobody_else_sees_any_of_it(
    request: pytest.FixtureRequest, as_: SignIn, endpoint: MakeEndpoint, who: str
) -> None:
    found, _ = endpoint()
    client = as_(request.getfixturevalue(who))

    assert client.get("/outbound/").status_code == 403
    assert client.post(f"/outbound/{found.pk}/secret/").status_code == 403


def test_what_is_posted_needs_the_token_of_a_form(admin: User, endpoint: MakeEndpoint) -> None:
    found, _ = endpoint()
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    assert client.post(f"/outbound/{found.pk}/ping/").status_code == 403
    assert not found.deliveries.exists()


def test_the_page_costs_the_same_however_long_the_log_is(
    admins: Client, endpoint: MakeEndpoint, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    found, _ = endpoint()
    for _ in range(40):
        outbox.ping(found)

    with django_assert_max_num_queries(9):
        page = admins.get(f"/outbound/{found.pk}/").content
    assert len(page) < 40_000
    assert b"Page 1 of 2" in page


def test_a_new_one_from_django_admin_gets_a_secret_too(admins: Client, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    page = admins.post("/admin/outbound/endpoint/add/", filled(), follow=True).content.decode()

    assert SECRET.search(page)
    assert Endpoint.objects.get().secrets.count() == 1


@pytest.mark.parametrize(("action", "is_on"), [("switch_off", False), ("switch_on", True)])
def test_django_admin_switches_them(
    admins: Client, admin: User, endpoint: MakeEndpoint, action: str, is_on: bool
) -> None:
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    found, _ = endpoint()
    Endpoint.objects.update(enabled=not is_on)
    admins.post("/admin/outbound/endpoint/", {"action": action, "_selected_action": [str(found.pk)]})

    assert Endpoint.objects.get().enabled is is_on
