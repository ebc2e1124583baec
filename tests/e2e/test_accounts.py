"""Passkeys, codes and sessions in the browser, with an authenticator that the browser plays; and without JavaScript."""

import re
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, open_card, post, press
from tests.e2e.conftest import Pages, running
from tests.e2e.device import Device
from tests.e2e.portal import PATIENCE, ROOT, Portal, free_port
from tests.hitl_portal.accounts.codes import code
from tests.waiting import eventually

PASSWORD = "a password for tests"
AT_ONCE = 3_000
MAKE = (
    "from django.contrib.auth.models import Group, User;"
    "made = User.objects.create_user('{name}', password='{password}');"
    "made.groups.set(Group.objects.filter(name='reviewers'))"
)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give a portal that asks for a second factor, as those with https do."""
    with running(tmp_path_factory.mktemp("portal"), HITL_HIGH_RISK_FACTOR="1") as portal:
        yield portal


@pytest.fixture
def second_web(portal: Portal) -> Iterator[str]:
    """Give the address of another web process on the same data."""
    beside = Portal(directory=portal.directory, database_url=portal.database_url, port=free_port())
    command = [sys.executable, "-m", "daphne", "-p", str(beside.port), "hitl_portal.asgi:application"]
    web = subprocess.Popen(command, cwd=ROOT, env=beside.environment, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(beside.url), "pages of the second web process")
        yield beside.url
    finally:
        web.terminate()
        web.wait(PATIENCE)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def name(portal: Portal) -> str:
    """Give a reviewer of their own to each test, by name."""
    made = f"person-{uuid4().hex[:6]}"
    portal.command("shell", "-v", "0", "-c", MAKE.format(name=made, password=PASSWORD))
    return made


def type_password(page: Page, name: str) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()


def confirm_by_password(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def set_up_app(page: Page) -> str:
    """Set up an authenticator app; its secret."""
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Set up an app").click()
    confirm_by_password(page)
    secret = page.locator(".totp-key").inner_text()
    page.get_by_label("Code that the app shows").fill(code(secret))
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("It is set up.")).to_be_visible()
    return secret


def test_a_passkey_is_added_and_signs_in_alone(pages: Pages, name: str) -> None:
    page = pages.open()
    Device(page)
    type_password(page, name)
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add a passkey").click()
    confirm_by_password(page)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator(".held")).to_contain_text("Laptop")
    sign_out(page)

    page.goto("/accounts/sign-in/?next=/runs/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/runs/")
    expect(page.get_by_label("Your account")).to_contain_text(name)


def test_a_passkey_is_the_second_factor_after_a_password(pages: Pages, name: str) -> None:
    page = pages.open()
    Device(page)
    type_password(page, name)
    page.goto("/accounts/security/passkeys/add/")
    confirm_by_password(page)
    page.get_by_label("Also sign in with it alone").uncheck()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="I have kept them").click()
    sign_out(page)

    type_password(page, name)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_label("Your account")).to_contain_text(name)


def test_a_device_without_a_passkey_says_so(pages: Pages) -> None:
    page = pages.open()
    Device(page)
    page.goto("/accounts/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("no fitting passkey")


def test_a_yes_to_a_high_risk_waits_for_a_second_factor(pages: Pages, portal: Portal, name: str) -> None:
    page = pages.open(tolerate=["422"])
    type_password(page, name)
    secret = set_up_app(page)
    order, _run = post(portal)
    page.goto("/")
    open_card(page, order)
    card(page).get_by_label(re.compile("Reason")).fill("The parcel was seen.")
    press(page, "Approve")
    expect(card(page).get_by_role("alert")).to_contain_text("show a second factor first")

    with page.expect_popup() as opened:
        card(page).get_by_role("link", name="Show another factor in a new tab").click()
    other = opened.value
    other.get_by_label("Code").fill(code(secret, later=1))
    other.get_by_role("button", name="Confirm").click()
    expect(other.get_by_role("heading", name="Thank you")).to_be_visible()
    other.close()

    expect(page.locator("#signed-out")).to_be_hidden()
    expect(card(page).get_by_label(re.compile("Reason"))).to_have_value("The parcel was seen.")
    press(page, "Approve")
    expect(card(page)).to_contain_text(f"{name} approved")


def test_a_code_is_typed_beside_the_answer(pages: Pages, portal: Portal, name: str) -> None:
    page = pages.open()
    type_password(page, name)
    secret = set_up_app(page)
    order, _run = post(portal)
    page.goto("/")
    open_card(page, order)
    card(page).get_by_label(re.compile("Code of your authenticator app")).fill(code(secret, later=1))
    with page.expect_response("**/decide/"):
        press(page, "Approve")
    expect(card(page)).to_contain_text(f"{name} approved")
    expect(page.locator("#signed-out")).to_be_hidden()


def test_a_session_that_is_ended_elsewhere_says_so_at_once(pages: Pages, name: str) -> None:
    there, here = pages.open(), pages.open()
    for page in (there, here):
        type_password(page, name)
    there.goto("/runs/")
    expect(there.locator("#signed-out")).to_be_hidden()
    here.goto("/accounts/sessions/")
    here.get_by_role("button", name="Sign out every other browser").click()
    expect(there.locator("#signed-out")).to_be_visible(timeout=AT_ONCE)
    here.goto("/runs/")
    expect(here.get_by_role("heading", name="Runs")).to_be_visible()


def test_it_says_so_too_where_another_web_process_serves_it(pages: Pages, second_web: str, name: str) -> None:
    there, here = pages.open(), pages.open()
    for page in (there, here):
        type_password(page, name)
    with there.expect_websocket():
        there.goto(f"{second_web}/runs/")
    here.goto("/accounts/sessions/")
    here.get_by_role("button", name="Sign out every other browser").click()
    expect(there.locator("#signed-out")).to_be_visible(timeout=AT_ONCE)


def test_all_but_passkeys_works_without_javascript(pages: Pages, name: str) -> None:
    page = pages.open(java_script_enabled=False)
    type_password(page, name)
    secret = set_up_app(page)
    page.context.clear_cookies()
    type_password(page, name)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    page.get_by_label("Code").fill(code(secret, later=1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/accounts/sessions/")
    page.get_by_role("button", name="Sign out every other browser").click()
    expect(page.locator(".held li")).to_have_count(1)
