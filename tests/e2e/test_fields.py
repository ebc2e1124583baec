"""Forms in a browser: a run started from fields, and a long form from its pause to the step that gets it."""

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.acting import card, expect_status
from tests.e2e.conftest import Pages
from tests.waiting import eventually

STARTED = re.compile(r"/runs/[0-9a-f-]{36}/$")
PDF: FilePayload = {"name": "agenda.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
LARGE: FilePayload = {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"x" * (1024 * 1024 + 1)}


def ask_for_a_trip(page: Page) -> None:
    page.get_by_label("Traveller").fill("requester")
    page.get_by_label("Destination").fill("Graz, Austria")
    page.get_by_label("First day").fill("2026-12-01")
    page.get_by_label("Last day").fill("2026-12-03")
    page.get_by_label("Purpose").fill("Two\nlines")
    page.get_by_label("Budget").fill("900")
    page.get_by_role("button", name="Start", exact=True).click()


def open_form(page: Page) -> str:
    """From the run's page to the card that asks for the booking; the run's address."""
    page.wait_for_url(STARTED)
    run = page.url
    expect_status(page, "PAUSED")
    page.get_by_role("link", name=re.compile("Book this trip")).first.click()
    expect(card(page).locator("h2")).to_contain_text("Book this trip")
    return run


def book(page: Page) -> None:
    card(page).get_by_label("Cost centre").fill("AB-1234")
    card(page).get_by_label("Answer by").fill("2026-11-30T09:00")
    card(page).get_by_label("Yes").check()
    card(page).locator("[value=approve]").click()


def test_choosing_a_workflow_shows_its_fields(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    page.goto("/runs/new/?workflow=refund")
    expect(page.get_by_label("Input")).to_be_visible()
    page.get_by_label("Workflow").select_option("trip")
    expect(page.get_by_label("First meeting")).to_be_visible()
    expect(page).to_have_url(re.compile("workflow=trip"))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_long_form_goes_from_the_pause_to_the_step(pages: Pages, width: int) -> None:
    viewport = {"width": width, "height": 800}
    page = pages.signed_in("reviewer", viewport=viewport, timezone_id="Europe/Vienna", tolerate=["422"])
    page.goto("/runs/new/?workflow=trip")
    page.get_by_label("First meeting").fill("2026-12-01T14:30")
    page.get_by_label("Agenda").set_input_files(PDF)
    ask_for_a_trip(page)
    run = open_form(page)

    expect(card(page).get_by_label("Shared with")).to_be_hidden()
    card(page).get_by_label("shared", exact=True).check()
    expect(card(page).get_by_label("Shared with")).to_be_visible()
    expect(card(page).locator("[data-zone-name]")).to_have_text("Europe/Vienna")
    card(page).get_by_label("Offer").set_input_files(LARGE)
    card(page).get_by_label("Tell").fill("a@example.com\nb@example.com")
    card(page).get_by_label("breakfast").check()
    card(page).get_by_label("Shared with").fill("nobody")
    book(page)

    wrong = card(page).locator("[data-wrong]")
    expect(wrong).to_be_focused()
    expect(wrong.get_by_role("link")).to_have_text(["Shared with", "Offer"])
    expect(card(page).get_by_label("Tell")).to_have_value("a@example.com\nb@example.com")
    expect(card(page).get_by_label("Answer by")).to_have_value("2026-11-30T09:00")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    card(page).get_by_label("Shared with").fill("admin")
    card(page).get_by_label("Offer").set_input_files(PDF)
    card(page).locator("[value=approve]").click()
    expect(card(page).locator("#decision")).to_have_count(0)
    page.goto(run)
    expect_status(page, "COMPLETED")
    shown = page.locator(".run-main")
    expect(shown).to_contain_text("2026-11-30T09:00:00+01:00")
    expect(shown).to_contain_text("agenda.pdf (application/pdf, 8 bytes)")


def test_without_javascript_conditions_are_said_and_nothing_is_lost(pages: Pages) -> None:
    page = pages.signed_in("reviewer", java_script_enabled=False, tolerate=["422"])
    page.goto("/runs/new/")
    page.get_by_label("Workflow").select_option("trip")
    page.get_by_role("button", name="Show its form").click()
    ask_for_a_trip(page)
    page.wait_for_url(STARTED)
    run = page.url
    link = page.get_by_role("link", name=re.compile("Book this trip"))

    def is_asked() -> bool:
        page.goto(run)
        return link.count() > 0

    eventually(is_asked)
    link.first.click()

    expect(card(page)).to_contain_text("Only if Room is “shared”.")
    expect(card(page).locator("[data-zone-name]")).to_have_text("UTC")
    card(page).get_by_label("shared", exact=True).check()
    card(page).get_by_label("Remarks").fill("Kept")
    book(page)
    expect(card(page).locator("[data-wrong]")).to_contain_text("Shared with")
    expect(card(page).get_by_label("Remarks")).to_have_value("Kept")
    card(page).get_by_label("single", exact=True).check()
    card(page).locator("[value=approve]").click()
    expect(page.locator(".wrong")).to_have_count(0)
