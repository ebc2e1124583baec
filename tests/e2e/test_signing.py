"""A yes that a passkey signs, in the browser: with a passkey of the browser's own, which asks nobody for a finger."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, open_card, post, press, row
from tests.e2e.conftest import Pages, running
from tests.e2e.device import Device
from tests.e2e.portal import Portal

SOON = 20_000


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give a running portal in which each yes to a high risk is signed."""
    with running(tmp_path_factory.mktemp("portal"), HITL_SIGNED_DECISIONS="high-risk") as portal:
        yield portal


def set_up(page: Page) -> Device:
    """Give this person a passkey, on the page for that."""
    device = Device(page)
    page.goto("/accounts/security/passkeys/add/")
    page.locator("form[data-passkey] button").first.click()
    page.wait_for_url(lambda address: "/passkeys/add/" not in address)
    return device


def waiting(page: Page, portal: Portal) -> None:
    """A card of something risky that waits, with everything opened."""
    page.goto("/")
    order, _run = post(portal)
    expect(row(page, order)).to_be_visible(timeout=SOON)
    open_card(page, order)
    expect(card(page).locator(".signing")).to_contain_text("sign a yes with your passkey")
    for fold in card(page).locator("details[data-fold]:not([open]) > summary").all():
        fold.click()


def test_a_yes_is_signed_with_the_keyboard_alone_and_the_log_is_whole(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    set_up(page)
    waiting(page, portal)
    card(page).get_by_label("Reason").fill("Within the budget.")
    card(page).get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")

    expect(card(page)).to_contain_text("reviewer approved", timeout=SOON)
    expect(card(page)).to_contain_text("Within the budget.")
    assert "Whole" in portal.command("verify_audit")
    receipts = portal.directory / "receipts"
    portal.command("receipts", "--into", str(receipts))
    signed = [json.loads(file.read_text())["signed"] for file in receipts.iterdir()]
    assert any(signed)


def test_a_passkey_that_refuses_leaves_everything_as_it_is(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("admin")
    device = set_up(page)
    waiting(page, portal)
    device.recognises(False)
    card(page).get_by_label("Reason").fill("Within the budget.")
    press(page, "Approve")
    expect(card(page).get_by_role("alert").filter(has_text="passkey was not used")).to_be_visible(
        timeout=90_000
    )
    expect(card(page).get_by_label("Reason")).to_have_value("Within the budget.")

    device.recognises(True)
    press(page, "Approve")
    expect(card(page)).to_contain_text("admin approved", timeout=SOON)


def test_who_has_none_is_told_where_to_get_one(pages: Pages, portal: Portal) -> None:
    portal.command(
        "shell",
        "-c",
        "from allauth.mfa.models import Authenticator; Authenticator.objects.all().delete()",
    )
    page = pages.signed_in("reviewer")
    waiting(page, portal)
    press(page, "Approve")

    expect(card(page).get_by_role("link", name="Set one up in a new tab")).to_be_visible(timeout=SOON)
    expect(card(page).get_by_role("button", name="Approve")).to_be_enabled()


def test_a_no_needs_no_passkey(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    waiting(page, portal)
    card(page).get_by_label("Reason").fill("Too much.")
    card(page).locator(".verb button").nth(1).click()

    expect(card(page)).to_contain_text("reviewer", timeout=SOON)
    expect(card(page).locator("form#decision")).to_have_count(0)
