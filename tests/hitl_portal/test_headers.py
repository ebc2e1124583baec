"""What every response tells browsers: pages, errors, downloads, files, Django admin, the API; whoever asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client

from hitl_portal.middleware import SAID
from tests.hitl_portal.test_permissions import MATRIX
from tests.hitl_portal.world import World, a_world, filled_in, routes

STRICT = {
    "default-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": SAID["Permissions-Policy"],
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
# On pages whose address is a key.
STRICTER = {"Referrer-Policy": "no-referrer"}
Response = Any
pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def https(settings: LazySettings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def asked(world: World, who: str, method: str, address: str) -> Response:
    """What somebody is answered; what it caused is taken back."""
    client = Client(raise_request_exception=False)
    if who in world.people:
        client.force_login(world.people[who])
    with transaction.atomic():
        response = client.generic(method, address, secure=True)
        transaction.set_rollback(True)
    return response


def missing(response: Response) -> list[str]:
    """What a response does not say that every one must."""
    found = [
        name
        for name, said in EVERYWHERE.items()
        if response.headers.get(name) not in (said, STRICTER.get(name))
    ]
    found += [name for name in response.headers if name.startswith("Access-Control-")]
    found += [] if "no-store" in response.headers.get("Cache-Control", "") else ["Cache-Control"]
    return found + list(loose(response.headers.get("Content-Security-Policy", "")))


def loose(policy: str) -> Iterator[str]:
    """In what a policy is not strict."""
    parts = {part.strip() for part in policy.split(";")}
    locked = {"sandbox", "default-src 'none'", "frame-ancestors 'none'"}
    viewer = {"default-src 'none'", "frame-ancestors 'none'"}  # a PDF
    if parts not in (locked, viewer):
        yield from STRICT - parts
    yield from (part for part in parts if "unsafe" in part or "*" in part or "http" in part)


@pytest.mark.parametrize("who", ["nobody", "admin"])
def test_every_address_says_what_browsers_must_not_do(world: World, who: str) -> None:
    wrong = {}
    for route in MATRIX:
        for method in ("GET", "POST"):
            response = asked(world, who, method, filled_in(route, world.ids))
            wrong[f"{method} {route} {response.status_code}"] = missing(response)

    assert {name: found for name, found in wrong.items() if found} == {}


def test_so_does_django_admin(world: World) -> None:
    ids = dict.fromkeys(("object_id", "app_label", "content_type_id", "url", "id"), "1") | world.ids
    wrong = {}
    for route, _ in routes():
        if route.startswith("admin/") and "(?P" not in route:
            response = asked(world, "admin", "GET", filled_in(route, ids))
            wrong[route] = missing(response)

    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    ("address", "named", "status"),
    [
        ("/nowhere/", {}, 404),
        ("/nowhere/", {"host": "attacker.example"}, 400),
        ("/runs/01890000-0000-7000-8000-000000000000/", {}, 404),
        ("/api/v1/nowhere", {}, 404),
    ],
)
def test_errors_say_it_too(world: World, address: str, named: dict[str, str], status: int) -> None:
    client = Client()
    client.force_login(world.people["reviewer"])
    response = client.get(address, secure=True, headers=named)

    assert (response.status_code, missing(response)) == (status, [])


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "NONSENSE"])
def test_no_address_answers_methods_that_are_none_of_ours(db: None, method: str) -> None:
    assert Client().generic(method, "/accounts/sign-in/", secure=True).status_code == 405


def test_a_forged_request_is_refused_with_them(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["reviewer"])
    response = client.post("/accounts/preferences/", secure=True)

    assert (response.status_code, missing(response)) == (403, [])


def test_an_error_of_ours_says_it_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("of ours")

    monkeypatch.setattr("hitl_portal.pages.live_position", fail)
    client = Client(raise_request_exception=False)
    client.force_login(world.people["reviewer"])
    response = client.get("/", secure=True)

    assert (response.status_code, missing(response)) == (500, [])


def test_files_may_be_kept_and_say_the_rest(db: None) -> None:
    response = Client().get("/static/css/portal.css", secure=True)

    assert b"--" in response.getvalue()
    assert missing(response) == ["Cache-Control"]
    assert "public" in response.headers["Cache-Control"]


def test_what_is_downloaded_is_kept_and_can_do_nothing(world: World) -> None:
    client = Client()
    client.force_login(world.people["reviewer"])
    addresses = {
        "values/<uuid:value_id>/data/",
        "audit/receipts/<uuid:decision_id>.json",
        "insights/numbers.csv",
        "insights/decisions.csv",
        "api/v1/runs/<run_id>/audit",
    }
    for route in addresses:
        headers = client.get(filled_in(route, world.ids), secure=True).headers
        assert headers["Content-Disposition"].startswith("attachment"), route
        assert headers["Content-Security-Policy"].startswith("sandbox;"), route
