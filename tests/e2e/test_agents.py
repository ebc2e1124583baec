"""Agents in the browser: a refund from the pause to the end with other arguments, every question about a tool, and
words as they come."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, expect_status, mark, press, start, was_not_reloaded
from tests.e2e.conftest import Pages, new_database_url
from tests.e2e.portal import Portal, free_port

REFUND = {"customer": "Grace Hopper", "order": "A-1043", "amount": 180, "reason": "Got two."}
UNNAMED = """() => [...document.querySelectorAll("main :is(input:not([type=hidden]), select, textarea, button)")]
    .filter((each) => !(each.labels?.length || each.getAttribute("aria-label") || each.textContent.trim()))
    .map((each) => each.outerHTML)"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give a running portal that knows the workflows of `talking` as well."""
    directory = tmp_path_factory.mktemp("portal")
    running = Portal(directory=directory, database_url=new_database_url(), port=free_port())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HITL_WORKFLOWS", "tests.e2e.talking")
        running.start()
        yield running
        running.stop()


def open_question(page: Page, run: str, words: str) -> None:
    """Go from the run's page to the card of what it waits for."""
    page.goto(run)
    page.get_by_role("link", name=re.compile(words)).first.click()
    expect(card(page).locator("h2")).to_contain_text(re.compile(words))


def test_a_refund_is_approved_with_other_arguments_and_paid_with_these(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    run = start(page, "refund-agent", REFUND)
    mark(page)
    expect_status(page, "PAUSED")
    expect(page.locator(".talk")).to_contain_text("Let me look at the order first.")

    beside = page.context.new_page()
    open_question(beside, run, "wants to use|May “Refund clerk” use “pay_refund”")
    expect(card(beside)).to_contain_text("Pay money back to the customer of an order.")
    expect(card(beside).locator(".arguments")).to_contain_text("180")
    card(beside).get_by_text("Edit the arguments").click()
    card(beside).get_by_label("amount").fill("90")
    assert beside.evaluate(UNNAMED) == []
    press(beside, "Approve with these arguments")
    expect(card(beside)).to_contain_text("reviewer approved with other arguments")

    expect_status(page, "COMPLETED")
    used = page.locator(".use", has_text="pay_refund")
    used.locator("summary").click()
    expect(used).to_contain_text("reviewer approved with other arguments")
    expect(used).to_contain_text("90.00 EUR paid back for A-1043")
    assert was_not_reloaded(page)


def test_a_note_on_a_no_reaches_the_model(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    run = start(page, "refund-agent", REFUND)
    expect_status(page, "PAUSED")
    open_question(page, run, "pay_refund")
    card(page).get_by_label("Note").fill("Not twice in a week.")
    press(page, "Reject")
    expect(card(page)).to_contain_text("reviewer rejected")
    page.goto(run)
    expect(page.locator(".talk")).to_contain_text("I was told not to pay: “Not twice in a week.”")
    expect(page.get_by_role("link", name=re.compile("grant_voucher")).first).to_be_visible()
    open_question(page, run, "grant_voucher")
    expect(card(page)).to_contain_text("It waits for an admin.")


def test_wrong_arguments_come_back_at_their_field(pages: Pages) -> None:
    page = pages.signed_in("reviewer", tolerate=["422"])
    run = start(page, "refund-agent", REFUND)
    expect_status(page, "PAUSED")
    open_question(page, run, "pay_refund")
    card(page).get_by_text("Edit the arguments").click()
    card(page).get_by_label("order").fill("")
    page.evaluate("document.getElementById('decision').noValidate = true")
    press(page, "Approve with these arguments")
    expect(card(page).locator(".has-error")).to_contain_text("This must be filled in.")
    expect(card(page).get_by_label("order")).to_be_visible()


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without"])
def test_everything_that_can_be_asked_about_a_tool_is_answered(pages: Pages, scripted: bool) -> None:
    page = pages.signed_in("reviewer", java_script_enabled=scripted)
    run = start(page, "e2e-asking")
    answer(page, run, "open_case", lambda: card(page).get_by_label("account").fill("4711"), "Send")
    answer(page, run, "run_on_host", lambda: result(page, '{"free": 12}'), "Send the result")
    answer(page, run, "has questions", lambda: card(page).get_by_label("Linz").check(), "Send the answers")
    wait_for(page, run, "All is set.")
    expect(page.locator(".run-main")).to_contain_text("case Lamp for 4711")


def test_words_appear_as_they_come(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    start(page, "e2e-speaking")
    mark(page)
    speech = page.locator("#speech")
    expect(speech).to_contain_text("I am still")
    first = speech.inner_text()
    page.wait_for_function(
        "before => document.getElementById('speech').innerText.length > before + 20", arg=len(first)
    )
    expect_status(page, "COMPLETED")
    expect(speech).to_be_empty()
    assert was_not_reloaded(page)


def answer(page: Page, run: str, words: str, fill: Any, label: str) -> None:
    """Open the question as soon as it is asked, fill in its form, send it."""
    wait_for(page, run, words)
    open_question(page, run, words)
    fill()
    press(page, label)
    expect(card(page).locator(".outcome")).to_contain_text("reviewer")


def wait_for(page: Page, run: str, words: str) -> None:
    """Load the run's page until it says this: without JavaScript it does not change by itself."""
    for _ in range(60):
        page.goto(run)
        if words in page.locator(".run-main").inner_text():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"'{words}' did not appear on {run}")


def result(page: Page, text: str) -> None:
    """Say what came of it, as data."""
    card(page).get_by_label("What came of it").fill(text)
    card(page).get_by_label("Data (JSON)").check()
