"""A risky approval that is locked until everything was opened, a deadline that runs out while somebody looks, and the
short bar of a phone; in the browser."""

import json
import subprocess
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.e2e.acting import card, open_card, post, press, printed_curl, row
from tests.e2e.conftest import Pages
from tests.e2e.portal import PATIENCE, Portal

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
REASON = "Ordered one compiler, got two."
SOON = 20_000


def post_at_length(portal: Portal) -> str:
    """A refund with a reason that is so long that the card folds it; its order."""
    order = f"A-{uuid4().hex[:6]}"
    line = printed_curl(portal).replace("A-1043", order).replace(REASON, "It came twice. " * 600)
    done = subprocess.run(
        line, shell=True, executable="/bin/sh", check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    assert json.loads(done.stdout)["run"]
    return order


def deadline_in(portal: Portal, page: Page, seconds: int) -> None:
    """The card that is open is to be decided in so many seconds."""
    requirement = card(page).get_attribute("data-requirement")
    portal.command(
        "shell",
        "-c",
        "from datetime import timedelta; from django.utils import timezone;"
        "from workflows.models import Requirement;"
        f"Requirement.objects.filter(id='{requirement}')"
        f".update(timeout_at=timezone.now() + timedelta(seconds={seconds}))",
    )
    page.reload()


def test_approving_is_locked_until_everything_was_opened(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order = post_at_length(portal)
    open_card(page, order)
    approve = card(page).get_by_role("button", name="Approve")
    expect(approve).to_have_attribute("aria-disabled", "true")
    expect(card(page).locator(".gate")).to_contain_text("still folded")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(card(page).locator("details[data-fold]:focus-within")).to_have_count(1)

    card(page).get_by_role("link", name="Show everything").click()
    expect(approve).not_to_have_attribute("aria-disabled", "true")
    press(page, "Approve")
    expect(card(page)).to_contain_text("reviewer approved")


def test_when_time_is_up_the_buttons_go_by_themselves(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, _run = post(portal)
    expect(row(page, order)).to_be_visible(timeout=SOON)
    open_card(page, order)
    deadline_in(portal, page, 4)

    expect(card(page).get_by_role("button", name="Approve")).to_have_count(0, timeout=SOON)
    expect(card(page)).to_contain_text("timer ended the run", timeout=SOON)


def test_what_somebody_writes_when_time_is_up_stays(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, _run = post(portal)
    expect(row(page, order)).to_be_visible(timeout=SOON)
    open_card(page, order)
    deadline_in(portal, page, 5)
    card(page).get_by_label("Reason").fill("Within the budget.")

    expect(card(page).locator(".time-over")).to_be_visible(timeout=SOON)
    expect(card(page).get_by_role("button", name="Approve")).to_have_count(0)
    expect(card(page).get_by_label("Reason")).to_have_value("Within the budget.")


def test_a_phone_has_the_plain_yes_at_hand(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer", **PHONE)
    order, _run = post(portal)
    open_card(page, order)
    bar = page.locator(".decide-bar")
    expect(bar).to_be_in_viewport()
    bar.locator("button").click()
    expect(card(page)).to_contain_text("reviewer approved")
