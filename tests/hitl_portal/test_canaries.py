"""Secrets that were made and used in every way that the product has, and then looked for wherever somebody may read."""

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from hitl_portal.accounts.links import sign_in_url
from hitl_portal.api.telling import event_line
from hitl_portal.notifications import vapid
from hitl_portal.notifications.models import PUSH_PURPOSE, VapidKey
from hitl_portal.sealing import unseal
from tests.hitl_portal.accounts.conftest import prove
from tests.hitl_portal.accounts.test_factors import set_up as set_up_app
from tests.hitl_portal.hooks.conftest import Sender
from tests.hitl_portal.links.conftest import path_to
from tests.hitl_portal.test_permissions import MATRIX
from tests.hitl_portal.world import World, a_world, filled_in
from workflows.models import Requirement, RunEvent

pytestmark = pytest.mark.one_database

PASSWORD = "a password for tests"
MISTYPED = "a pasword-for-tests that was mistyped"
JSON = "application/json"


@dataclass(kw_only=True)
class Planted:
    """What was planted by name, where, and what was logged meanwhile."""

    world: World
    log: io.StringIO
    secrets: dict[str, str] = field(default_factory=dict)

    def in_text(self, text: str) -> set[str]:
        """The names of those that stand in a text."""
        return {name for name, secret in self.secrets.items() if secret in text}

    def browser(self, who: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(self.world.people[who])
        return client


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the product's own handler writes where HITL_LOG_LEVEL asks for everything."""
    root = logging.getLogger()
    (handler,) = [each for each in root.handlers if each.name == "stderr"]
    assert isinstance(handler, logging.StreamHandler)
    written, level = io.StringIO(), root.level
    before = handler.setStream(written)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    handler.setStream(before)


@pytest.fixture
def planted(db: None, log: io.StringIO) -> Planted:
    world = a_world()
    planted = Planted(world=world, log=log)
    planted.secrets |= {"password": PASSWORD, "mistyped password": MISTYPED}
    for plant in (a_token, webhook_secrets, second_factors, links, a_push_key):
        planted.secrets |= plant(planted)
    assert all(len(secret) > 12 for secret in planted.secrets.values())
    return planted


def a_token(planted: Planted) -> dict[str, str]:
    """Made on its page; used well, badly, and where there is nothing."""
    form = {"name": "nightly", "scopes": ["read", "start"], "days": 30}
    browser = planted.browser("reviewer")
    prove(browser)
    page = browser.post("/tokens/", form).content.decode()
    (token,) = re.findall(r"hitl_[\w-]{40,}", page)
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("runs", "runs?cursor=nonsense", "nowhere", "requirements"):
        Client().get(f"/api/v1/{path}", headers=headers)
    Client().post("/api/v1/runs", "{no json", content_type=JSON, headers=headers)
    Client().post("/api/v1/runs", {"workflow": "gone"}, content_type=JSON, headers=headers)
    Client().get("/api/v1/runs", headers={"Authorization": f"Bearer {token}x"})
    return {"API token": token}


def webhook_secrets(planted: Planted) -> dict[str, str]:
    """One for what comes in, which somebody who cannot sign posts itself; one for what goes out."""
    browser, ids = planted.browser("admin"), planted.world.ids
    page = browser.post("/webhooks/sources/shop/secrets/", {"text": "", "others": "now"}).content.decode()
    (inbound,) = set(re.findall(r"whsec_[\w+/=]{20,}", page))
    sender = Sender(client=Client(), secret=inbound)
    sender.post({"order_id": 7})
    sender.post({"order_id": 7, "secret": inbound}, id="msg_2", webhook_signature="v1,bm9uc2Vuc2U=")
    page = browser.post(f"/outbound/{ids['endpoint_id']}/secret/").content.decode()
    (outbound,) = set(re.findall(r"whsec_[\w+/=]{20,}", page))
    return {"webhook secret": inbound, "outgoing webhook secret": outbound}


def second_factors(planted: Planted) -> dict[str, str]:
    """The password typed well and badly, an app set up, and its codes for when it is lost."""
    client = Client()
    for password in (MISTYPED, PASSWORD):
        client.post("/accounts/sign-in/", {"login": "reviewer", "password": password})
    secret = set_up_app(client)
    client.get("/accounts/security/codes/")
    return {"authenticator's secret": secret}


def links(planted: Planted) -> dict[str, str]:
    """Opened, used, and used again."""
    people, ids = planted.world.people, planted.world.ids
    sign_in = sign_in_url(people["stranger"]).partition("/accounts/")[2]
    answer = path_to(Requirement.objects.get(pk=ids["requirement_id"]), people["reviewer"])
    for client in (Client(), Client(raise_request_exception=False)):
        for path in (f"/accounts/{sign_in}", answer):
            client.get(path)
            client.post(path)
            client.get(f"{path}nowhere/")
    return {"sign-in link": sign_in.rstrip("/").rpartition("/")[2], "answer link": answer.split("/")[2]}


def a_push_key(planted: Planted) -> dict[str, str]:
    """Made when the first browser subscribes."""
    vapid.public_key()
    vapid.authorization("https://push.example")
    pem = unseal(VapidKey.objects.get().sealed, PUSH_PURPOSE)
    return {"VAPID key": pem.splitlines()[1]}


def test_no_log_line_has_one(planted: Planted) -> None:
    written = planted.log.getvalue()

    assert "django.request" in written
    assert planted.in_text(written) == set()


def test_no_event_and_no_export_has_one(planted: Planted) -> None:
    told = [event_line(event) for event in RunEvent.objects.all()]

    assert told
    assert planted.in_text(json.dumps(told, default=str)) == set()


@pytest.mark.parametrize("who", ["reviewer", "admin"])
def test_no_page_and_no_answer_of_the_api_shows_one_again(planted: Planted, who: str) -> None:
    browser, found = planted.browser(who), {}
    for route in MATRIX:
        answer: Any = browser.get(filled_in(route, planted.world.ids))
        text = "" if answer.streaming and answer.is_async else answer.getvalue().decode()
        found[route] = planted.in_text(text)

    assert {route: names for route, names in found.items() if names} == {}


def admin_pages() -> Iterator[str]:
    """The list of each model, and the page of each row."""
    for model in admin.site._registry:
        about = (model._meta.app_label, model._meta.model_name)
        yield reverse("admin:{}_{}_changelist".format(*about))
        for row in model._default_manager.all()[:20]:
            yield reverse("admin:{}_{}_change".format(*about), args=[row.pk])


def test_no_page_of_django_admin_shows_one(planted: Planted) -> None:
    User.objects.filter(username="admin").update(is_superuser=True)
    browser = planted.browser("admin")
    found = {page: planted.in_text(browser.get(page).content.decode()) for page in admin_pages()}

    assert len(found) > 20
    assert {page: names for page, names in found.items() if names} == {}


def test_no_table_holds_one_as_it_is(planted: Planted) -> None:
    """Passwords and tokens are digests there, what must be read again is sealed. Sessions are ids, not secrets."""
    found: dict[str, set[str]] = {}
    for model in apps.get_models():
        if model is not Session:
            rows = json.dumps(list(model._default_manager.values()), default=str)
            found[model._meta.label] = planted.in_text(rows)

    assert {name: names for name, names in found.items() if names} == {}
