"""Drafts that are sent back and edited: what changed is seen, before it is sent and on every later revision."""

import re
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.e2e.acting import card, expect_status, press
from tests.e2e.conftest import Pages
from tests.e2e.portal import PATIENCE

EDIT = "Change it yourself"


def draft(page: Page) -> str:
    """Start a run whose draft is reviewed, open its card, and give the run's address back."""
    page.goto("/runs/new/")
    page.get_by_label("Workflow").select_option("Article draft")
    page.get_by_label(re.compile("^Input")).fill(f"topic {uuid4().hex[:6]}")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}/"))
    address = page.url
    go_to_question(page, address)
    return address


def go_to_question(page: Page, run: str) -> None:
    """From a run's page to what it waits for."""
    page.goto(run)
    link = page.locator(".tree-wait a").first
    link.wait_for(timeout=PATIENCE * 1000)
    link.click()
    expect(card(page)).to_be_visible()


def test_an_edit_is_shown_while_it_is_typed_and_once_it_was_decided(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    run = draft(page)
    card(page).get_by_text(EDIT).click()
    version = page.get_by_label("Your version")
    version.fill(f"{version.input_value()} And one more sentence.")
    changes = card(page).locator(".edit-changes")
    expect(changes).to_contain_text("4 words added")
    expect(changes.locator("ins")).to_contain_text("And one more sentence.")
    expect(version).to_be_focused()
    press(page, "Approve with my changes")
    expect(card(page).locator(".outcome ins")).to_contain_text("And one more sentence.")
    page.goto(run)
    expect_status(page, "COMPLETED")
    page.get_by_text("What was changed").click()
    expect(page.locator(".asked ins")).to_contain_text("And one more sentence.")


def test_without_scripts_a_button_shows_the_edit_with_everything_that_was_typed(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    draft(page)
    plain = pages.signed_in("reviewer", java_script_enabled=False)
    plain.goto(page.url)
    card(plain).locator("summary", has_text=EDIT).click()
    plain.get_by_label("Your version").fill("Something else altogether.")
    card(plain).locator("textarea[name=feedback]").fill("my words")
    card(plain).get_by_role("button", name="Show my changes").click()
    expect(card(plain).locator(".edit-changes ins")).to_contain_text("Something else altogether.")
    expect(plain.get_by_label("Your version")).to_have_value("Something else altogether.")
    expect(card(plain).locator("textarea[name=feedback]")).to_have_value("my words")
    press(plain, "Approve with my changes")
    expect(card(plain).locator(".outcome")).to_contain_text("approved with changes")


def test_what_was_sent_back_comes_again_with_what_changed(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    run = draft(page)
    card(page).locator("textarea[name=feedback]").fill("Shorter, please.")
    press(page, "Request changes")
    expect(card(page).locator(".outcome")).to_contain_text("asked for changes")
    go_to_question(page, run)
    section = card(page).locator("#revisions")
    expect(section).to_contain_text("What changed since revision 1")
    expect(section.locator(".pinned")).to_contain_text("Shorter, please.")
    section.get_by_role("link", name="Revision 1").click()
    expect(section).to_contain_text("This is revision 1, a past one")
    expect(page.locator("#decision")).to_have_count(0)
    section.get_by_role("link", name="To revision 2, the newest").click()
    expect(page.locator("#decision")).to_be_visible()
