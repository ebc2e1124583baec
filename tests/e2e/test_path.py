"""The whole path: a webhook's run appears, a person decides, the run goes to its end, and nobody reloads a page."""

from playwright.sync_api import Page, expect

from tests.e2e.acting import (
    card,
    expect_status,
    mark,
    open_card,
    post,
    press,
    row,
    was_not_reloaded,
)
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal

SOON = 3000  # milliseconds, where a second is promised


def run_page(page: Page, run: str) -> Page:
    """The page of a run, in a second tab."""
    beside = page.context.new_page()
    beside.goto(f"/runs/{run}/")
    mark(beside)
    return beside


def test_a_posted_run_appears_in_the_open_inbox_and_is_approved_by_click(
    pages: Pages, portal: Portal
) -> None:
    page = pages.signed_in("reviewer")
    mark(page)
    order, run = post(portal)
    expect(row(page, order)).to_be_visible(timeout=SOON)
    assert was_not_reloaded(page)

    beside = run_page(page, run)
    expect_status(beside, "PAUSED")
    open_card(page, order)
    expect(card(page)).to_contain_text("180.00 EUR")
    expect(card(page)).to_contain_text("Grace Hopper")
    press(page, "Approve")
    expect(card(page)).to_contain_text("reviewer approved")

    expect_status(beside, "COMPLETED")
    expect(beside.locator(".run-main")).to_contain_text("we have refunded 180.00 EUR")
    expect(row(page, order)).to_have_count(0)
    assert was_not_reloaded(beside)
    assert was_not_reloaded(page)


def test_it_can_be_approved_with_the_keyboard_alone(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, run = post(portal)
    expect(row(page, order)).to_be_visible(timeout=SOON)
    while order not in str(page.evaluate("document.activeElement.closest('.row')?.textContent")):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(card(page)).to_contain_text(order)
    page.keyboard.press("a")
    expect(card(page).get_by_role("button", name="Approve")).to_be_focused()  # it is risky: a second key
    page.keyboard.press("Enter")
    expect(card(page)).to_contain_text("reviewer approved")

    expect_status(run_page(page, run), "COMPLETED")


def test_a_rejected_refund_is_not_paid(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, run = post(portal)
    open_card(page, order)
    card(page).get_by_label("Reason").fill("Twice in one week.")
    press(page, "Reject and skip")
    expect(card(page)).to_contain_text("Twice in one week.")

    beside = run_page(page, run)
    expect_status(beside, "COMPLETED")
    expect(beside.locator(".run-main")).to_contain_text("cannot refund this order")
    expect(beside.locator(".tree")).to_contain_text("skipped", ignore_case=True)


def test_a_release_gets_its_environment_and_its_record_is_reviewed(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    open_card(page, "Release this build?")
    press(page, "Approve and send")
    expect(card(page).locator(".has-error, :invalid").first).to_be_attached()
    card(page).get_by_label("canary").check()
    card(page).get_by_label("Window minutes").fill("45")
    press(page, "Approve and send")
    expect(card(page)).to_contain_text("reviewer answered")

    open_card(page, "Is the change record right?")
    expect(card(page).locator(".evidence").first).to_contain_text("checkout 4.12.0 → canary")
    expect(card(page).locator(".evidence").first).to_contain_text("Window: 45 minutes")
    press(page, "Approve")
    card(page).get_by_role("link", name="Release", exact=True).click()
    expect_status(page, "COMPLETED")
    expect(page.locator(".run-main")).to_contain_text("Released to canary.")


def test_an_article_is_sent_back_edited_in_place_and_published(pages: Pages) -> None:
    title = "Review the draft before it is published."
    page = pages.signed_in("reviewer", tolerate=["422"])
    open_card(page, title)
    expect(card(page)).to_contain_text("attempt 1 of 4")
    press(page, "Request changes")
    expect(card(page)).to_contain_text("Say what should change")
    card(page).get_by_label("What should change").fill("Name the queue.")
    press(page, "Request changes")
    expect(card(page)).to_contain_text("reviewer asked for changes")

    page.goto("/")
    open_card(page, title)
    expect(card(page)).to_contain_text("attempt 2 of 4")
    expect(card(page).locator(".evidence").first).to_contain_text("Revised as asked: Name the queue.")
    card(page).get_by_text("Change it yourself").click()
    card(page).get_by_label("Your version").fill("Four words are enough.")
    press(page, "Approve with my changes")
    expect(card(page)).to_contain_text("reviewer approved with changes")
    card(page).get_by_role("link", name="Article draft").click()
    expect_status(page, "COMPLETED")
    expect(page.locator(".run-main")).to_contain_text("Published (4 words).")
