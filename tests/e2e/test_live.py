"""Pages that change while somebody is in the middle of something: nothing of theirs is lost, and nothing is missed."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, open_card, post, row
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal

RENEWED = """([event, selector]) => new Promise((done, fail) => {
  setTimeout(() => fail(`${selector} was not made anew`), 10000);
  const hear = ({ detail }) => {
    if (!detail.target?.matches(selector)) return;
    document.removeEventListener("htmx:afterSettle", hear);
    done();
  };
  document.addEventListener("htmx:afterSettle", hear);
  document.body.dispatchEvent(new CustomEvent(event));
})"""


def refresh(page: Page, event: str, selector: str) -> None:
    """Have what listens to a live event made anew, and wait until it is."""
    expect(page.locator(f"{selector}:not(.htmx-settling)")).to_be_visible()  # what came last listens
    page.evaluate(RENEWED, [event, selector])


def requirement_of(page: Page) -> str:
    return str(card(page).get_attribute("data-requirement"))


def test_a_card_that_is_made_anew_keeps_the_button_that_has_the_focus(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, _run = post(portal)
    open_card(page, order)
    approve = card(page).get_by_role("button", name="Approve")
    approve.focus()
    refresh(page, f"requirement-changed:{requirement_of(page)}", "#card")

    expect(approve).to_be_focused()


def test_a_press_that_began_before_the_card_was_made_anew_still_counts(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, _run = post(portal)
    open_card(page, order)
    approve = card(page).get_by_role("button", name="Approve")
    approve.hover()
    page.mouse.down()
    refresh(page, f"requirement-changed:{requirement_of(page)}", "#card")
    page.mouse.up()

    expect(card(page)).to_contain_text("reviewer approved")


def test_folds_and_scroll_stay_as_they_are(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer", viewport={"width": 1200, "height": 420})
    order, _run = post(portal)
    open_card(page, order)
    page.locator("#comments > summary").click()
    pane = page.locator("#card")
    pane.evaluate("pane => { pane.scrollTop = 150 }")
    refresh(page, f"requirement-changed:{requirement_of(page)}", "#card")

    expect(page.locator("#comments")).to_have_attribute("open", "")
    assert pane.evaluate("pane => pane.scrollTop") == 150


def test_a_list_that_is_made_anew_keeps_the_focus_of_row_tick_and_tab(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, _run = post(portal)
    expect(row(page, order)).to_be_visible()
    tab = page.get_by_role("navigation", name="What to show").get_by_role("link").nth(1)
    for kept in (row(page, order).locator("[id^=row-]"), row(page, order).locator("[name=item]"), tab):
        kept.focus()
        came, _run = post(portal)
        expect(row(page, came)).to_be_visible()
        refresh(page, "inbox-changed", "#rows")
        expect(kept).to_be_focused()


def test_words_and_caret_stay_while_others_comment(pages: Pages, portal: Portal) -> None:
    reviewer, admin = pages.signed_in("reviewer"), pages.signed_in("admin")
    order, _run = post(portal)
    for page in (reviewer, admin):
        open_card(page, order)
        page.locator("#comments > summary").click()
    field = reviewer.get_by_label("Say something")
    field.fill("Half a sentence")
    field.evaluate("field => field.setSelectionRange(4, 4)")
    admin.get_by_label("Say something").fill("@reviewer is it paid?")
    admin.get_by_role("button", name="Comment", exact=True).click()

    expect(reviewer.locator(".remark")).to_contain_text("@reviewer is it paid?")
    expect(field).to_have_value("Half a sentence")
    expect(field).to_be_focused()
    assert field.evaluate("field => field.selectionStart") == 4
    expect(reviewer.locator("#comments .count")).to_have_text("1")


def test_who_is_mentioned_is_offered_by_keyboard_and_finds_it(pages: Pages, portal: Portal) -> None:
    reviewer, admin = pages.signed_in("reviewer"), pages.signed_in("admin")
    admin.goto("/runs/")
    order, _run = post(portal)
    open_card(reviewer, order)
    reviewer.locator("#comments > summary").click()
    reviewer.get_by_label("Say something").press_sequentially("Look, @ad")
    expect(reviewer.get_by_role("option", name=re.compile("admin"))).to_be_visible()
    reviewer.keyboard.press("Enter")
    expect(reviewer.get_by_label("Say something")).to_have_value("Look, @admin ")
    reviewer.keyboard.type("please")
    reviewer.get_by_role("button", name="Comment", exact=True).click()
    expect(reviewer.locator(".remark .mention")).to_have_text("@admin")

    admin.get_by_role("link", name=re.compile("mention.* unread")).click()
    admin.locator(".remark-about a").first.click()
    expect(admin.locator(".remark")).to_contain_text("Look, @admin please")
    expect(admin.get_by_role("link", name=re.compile("mention.* unread"))).to_have_count(0)


def test_one_s_own_comment_is_erased_and_the_place_stays(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    _order, run = post(portal)
    page.goto(f"/runs/{run}/")
    page.locator("#comments > summary").click()
    page.get_by_label("Say something").fill("My number is 555.")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.locator(".remark-menu > summary").click()
    page.get_by_role("button", name="Erase it").click()

    expect(page.locator(".remark")).to_contain_text("erased")
    expect(page.locator(".remark")).not_to_contain_text("555")


def test_comments_need_no_javascript(pages: Pages, portal: Portal) -> None:
    order, _run = post(portal)
    watching = pages.signed_in("reviewer")
    expect(row(watching, order)).to_be_visible()
    page = pages.signed_in("admin", java_script_enabled=False)
    row(page, order).get_by_role("link").click()
    page.locator("#comments > summary").click()
    page.get_by_role("link", name="Read and write comments").click()
    page.get_by_label("Say something").fill("@reviewer look")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".remark")).to_contain_text("@reviewer look")
    page.locator(".crumb a").click()
    expect(page.locator("#decision")).to_be_attached()


def test_who_looks_and_who_writes_is_seen_and_gone_with_the_page(pages: Pages, portal: Portal) -> None:
    reviewer, admin = pages.signed_in("reviewer"), pages.signed_in("admin")
    order, _run = post(portal)
    open_card(reviewer, order)
    open_card(admin, order)
    others = reviewer.locator(".others")
    expect(others).to_contain_text("admin is looking at it too", timeout=2000)
    card(admin).get_by_label("Reason").press_sequentially("Only")
    expect(others).to_contain_text("admin is writing", timeout=2000)
    expect(others).to_contain_text("whoever answers first decides")
    admin.close()

    expect(others).to_be_hidden(timeout=2000)


@pytest.mark.parametrize("zone", ["America/St_Johns", "Asia/Kathmandu"])
def test_times_are_those_of_the_device_until_something_else_is_chosen(
    pages: Pages, portal: Portal, zone: str
) -> None:
    post(portal)
    page = pages.signed_in("reviewer", timezone_id=zone)
    shown = page.locator(".row time").first
    offset = {"America/St_Johns": re.compile("GMT-[23]:30"), "Asia/Kathmandu": re.compile(r"GMT\+5:45")}
    expect(shown).to_have_attribute("title", offset[zone])
    page.goto("/inbox/preferences/")
    expect(page.locator("[data-device-zone]")).to_contain_text(re.compile("St Johns|Kath?mandu"))
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_role("button", name="Save").click()
    page.goto("/")
    expect(shown).to_have_attribute("title", re.compile("UTC|GMT$"))
    page.goto("/inbox/preferences/")
    page.get_by_role("button", name="As it comes").click()


def test_what_the_server_did_not_answer_is_said_and_the_row_is_back(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer", tolerate=["net::ERR", "Failed to load", "htmx:"])
    order, _run = post(portal)
    open_card(page, order)
    page.route("**/decide/", lambda route: route.abort())
    card(page).get_by_role("button", name="Approve").click()

    expect(page.get_by_role("alert").filter(has_text="No answer came")).to_be_visible()
    expect(row(page, order)).not_to_have_class(re.compile("is-going"))
    page.unroute("**/decide/")
    card(page).get_by_role("button", name="Approve").click()
    expect(card(page)).to_contain_text("reviewer approved")
    expect(page.locator("#unanswered")).to_be_hidden()


def test_a_server_that_is_started_again_is_found_again_and_nothing_is_missed(
    pages: Pages, portal: Portal
) -> None:
    page = pages.signed_in("reviewer", tolerate=["WebSocket", "net::ERR", "Failed to load", "htmx:"])
    order, _run = post(portal)
    open_card(page, order)
    card(page).get_by_label("Reason").fill("Half a sentence")
    portal.stop()
    expect(page.locator("#connection")).to_be_visible()
    portal.start()
    came, _run = post(portal)

    expect(page.locator("#connected-again")).to_be_visible(timeout=30_000)
    expect(page.locator("#connection")).to_be_hidden()
    expect(row(page, came)).to_be_visible()
    expect(card(page).get_by_label("Reason")).to_have_value("Half a sentence")
