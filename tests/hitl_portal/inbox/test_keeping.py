"""What people keep: views with a name, their keys, and whether the next item opens by itself."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.inbox.keys import ACTIONS
from hitl_portal.inbox.models import Preferences, SavedView
from tests.hitl_portal.conftest import Ask, SignIn, answering
from workflows.models import Decision


def save(client: Client, query: str, name: str, **fields: str) -> Any:
    return client.post(f"/inbox/views/?{query}", {"name": name, **fields})


def chosen(**keys: str) -> dict[str, str]:
    """What the form of the preferences sends."""
    keys = {action.name: action.key for action in ACTIONS} | keys
    return {"keys_on": "on"} | {f"key_{name}": key for name, key in keys.items()}


def test_a_view_is_a_name_for_an_address_and_counts(as_: SignIn, ask: Ask, reviewer: User) -> None:
    client = as_(reviewer)
    ask()
    ask("route", choices=[])
    response = save(client, "kind=approval&nonsense=1", "Approvals")
    assert response.headers["Location"] == "/?kind=approval"
    page = client.get("/?kind=approval").content.decode()
    assert (
        '<a class="view" href="/?kind=approval" aria-current="true">Approvals <span class="count">1<' in page
    )


def test_the_same_name_again_replaces_it(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    save(client, "kind=approval", "Mine")
    save(client, "kind=review", "Mine")
    assert SavedView.objects.get().query == "kind=review"


def test_a_shared_view_is_everybody_s_with_their_own_items(
    as_: SignIn, ask: Ask, reviewer: User, stranger: User
) -> None:
    ask()
    save(as_(reviewer), "kind=approval", "Approvals", is_shared="on")
    save(as_(reviewer), "kind=review", "Only mine")
    page = as_(stranger).get("/").content.decode()
    assert 'title="Shared by reviewer">Approvals <span class="count">0<' in page
    assert "Only mine" not in page


def test_only_its_owner_or_an_admin_removes_it(
    as_: SignIn, reviewer: User, admin: User, stranger: User
) -> None:
    for name in ("one", "two"):
        save(as_(reviewer), "kind=approval", name, is_shared="on")
    one, two = (f"/inbox/views/{view.id}/forget/" for view in SavedView.objects.all())
    assert as_(stranger).post(one).status_code == 403
    assert as_(reviewer).get(one).status_code == 405
    as_(reviewer).post(one)
    as_(admin).post(two)
    assert not SavedView.objects.exists()


def test_somebody_else_s_own_view_is_not_there(as_: SignIn, reviewer: User, admin: User) -> None:
    save(as_(reviewer), "kind=approval", "Mine")
    view = SavedView.objects.get()
    assert as_(admin).post(f"/inbox/views/{view.id}/forget/").status_code == 404


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_view_needs_a_short_name(as_: SignIn, reviewer: User, name: str) -> None:
    assert save(as_(reviewer), "kind=approval", name).status_code == 422
    assert not SavedView.objects.exists()


def test_keys_are_one_s_own(as_: SignIn, reviewer: User, admin: User) -> None:
    client = as_(reviewer)
    client.post("/inbox/preferences/", chosen(approve="y"))
    assert Preferences.objects.get().keys == {"approve": "y"}
    assert 'data-action="approve">y</kbd>' in client.get("/inbox/keys/").content.decode()
    assert 'data-action="approve">a</kbd>' in as_(admin).get("/inbox/keys/").content.decode()


def test_keys_can_be_switched_off(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    assert 'data-on="yes"' in client.get("/inbox/keys/").content.decode()
    client.post("/inbox/preferences/", chosen() | {"keys_on": ""})
    assert 'data-on="no"' in client.get("/inbox/keys/").content.decode()


def test_one_key_does_not_do_two_things(as_: SignIn, reviewer: User) -> None:
    response = as_(reviewer).post("/inbox/preferences/", chosen(approve="r"))
    assert response.status_code == 422
    assert "This key does something else already." in response.content.decode()
    assert not Preferences.objects.exists()


def test_everything_can_be_as_it_comes_again(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    client.post("/inbox/preferences/", chosen(approve="y"))
    client.post("/inbox/preferences/", {"as_it_comes": "1"})
    assert not Preferences.objects.exists()


def test_who_wants_it_is_led_on_in_the_order_of_the_view(as_: SignIn, ask: Ask, reviewer: User) -> None:
    client, first, _route, third = as_(reviewer), ask(), ask("route", choices=[]), ask()
    client.post("/inbox/preferences/", chosen() | {"advance": "on"})
    response = client.post(
        f"/requirements/{first.id}/decide/",
        answering(first, "approve"),
        headers={"referer": f"http://testserver/requirements/{first.id}/?kind=approval"},
    )
    assert response.headers["Location"] == f"/requirements/{third.id}/?kind=approval"
    assert Decision.objects.get().requirement == first


def test_who_does_not_stays(as_: SignIn, ask: Ask, reviewer: User) -> None:
    first, _second = ask(), ask()
    response = as_(reviewer).post(f"/requirements/{first.id}/decide/", answering(first, "approve"))
    assert response.headers["Location"] == f"/requirements/{first.id}/"


@pytest.mark.parametrize("address", ["filters", "views", "preferences", "keys", "bulk", "rows"])
def test_nobody_is_asked_to_sign_in(client: Client, db: None, address: str) -> None:
    assert client.get(f"/inbox/{address}/").status_code == 302
