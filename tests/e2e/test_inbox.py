"""The inbox in a browser: lists that stay as one wants them, keys, several at once, undoing, others, the way back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.e2e.acting import card, open_card, post, press, row
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal

HOLD = "from workflows.models import Workflow; Workflow.objects.update(policy={'hold': 20})"
KEYS_ARE_KNOWN = "#keys[data-on]"


@pytest.fixture
def held(portal: Portal) -> Iterator[None]:
    """Let what is asked from now on be undone for a while after it was decided."""
    portal.command("shell", "--no-imports", "-c", HOLD)
    yield
    portal.command("shell", "--no-imports", "-c", HOLD.replace("{'hold': 20}", "{}"))


def ready(page: Page) -> Page:
    """The page knows the keys of its person."""
    page.locator(KEYS_ARE_KNOWN).wait_for(state="attached")
    return page


def focus(page: Page, text: str) -> None:
    """Go down the list, by key, to the row about something."""
    expect(row(page, text)).to_be_visible()
    while text not in str(page.evaluate("document.activeElement.closest('.row')?.textContent")):
        page.keyboard.press("j")


def box(page: Page, text: str) -> Locator:
    return row(page, text).locator("[name=item]")


def test_a_list_keeps_search_ticks_and_words_while_items_come_and_go(pages: Pages, portal: Portal) -> None:
    page = ready(pages.signed_in("reviewer"))
    kept, _run = post(portal)
    open_card(page, kept)
    card(page).get_by_label("Reason").fill("Half a sent")
    box(page, kept).check()
    page.get_by_role("searchbox").fill("Hopper")
    came, _run = post(portal)

    expect(row(page, came)).to_be_visible()
    expect(box(page, kept)).to_be_checked()
    expect(page.get_by_role("searchbox")).to_have_value("Hopper")
    expect(row(page, "Ada Lovelace")).to_have_count(0)
    expect(card(page).get_by_label("Reason")).to_have_value("Half a sent")
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?q=Hopper")


def test_what_others_claim_and_decide_shows_by_itself(pages: Pages, portal: Portal) -> None:
    reviewer, admin = pages.signed_in("reviewer"), pages.signed_in("admin")
    order, _run = post(portal)
    open_card(admin, order)
    admin.locator("#card").get_by_role("button", name="Claim").click()
    expect(row(reviewer, order).locator(".holder")).to_have_text("admin")
    before = reviewer.title()
    press(admin, "Reject and skip")

    expect(row(reviewer, order)).to_have_count(0)
    expect(reviewer).not_to_have_title(before)


def test_several_are_ticked_by_key_and_rejected_with_one_confirmation(pages: Pages, portal: Portal) -> None:
    page = ready(pages.signed_in("reviewer"))
    orders = [post(portal)[0] for _number in range(2)]
    expect(row(page, orders[1])).to_be_visible()
    focus(page, orders[0])
    page.keyboard.press("x")
    page.keyboard.press("J")
    expect(page.locator(".bulk-count")).to_have_text("2 ticked")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Reject these?")).to_be_visible()
    for order in orders:
        expect(page.locator(".batch")).to_contain_text(order)
    page.get_by_role("textbox", name="Reason").fill("Twice in one week.")
    page.get_by_role("button", name="Reject and skip (2)").click()

    expect(page.get_by_role("heading", name="2 of 2 done")).to_be_visible()


def test_typing_never_decides(pages: Pages, portal: Portal) -> None:
    page = ready(pages.signed_in("reviewer"))
    order, _run = post(portal)
    open_card(page, order)
    page.keyboard.press("r")
    page.keyboard.type("a r x n z")
    expect(card(page).get_by_label("Reason")).to_have_value("a r x n z")
    page.keyboard.press("Escape")
    page.locator(".later summary").click()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("a")

    expect(card(page).locator("#decision")).to_be_attached()


def test_keys_are_changed_and_switched_off_in_every_browser_of_a_person(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("admin")
    page.goto("/inbox/preferences/")
    page.get_by_label("Write a reason; nothing is sent").fill("y")
    page.get_by_role("button", name="Save").click()
    other = pages.signed_in("admin")
    order, _run = post(portal)
    open_card(ready(other), order)
    other.keyboard.press("r")
    expect(card(other).get_by_label("Reason")).not_to_be_focused()
    other.keyboard.press("y")
    expect(card(other).get_by_label("Reason")).to_be_focused()

    page.get_by_label("Single keys do something").uncheck()
    page.get_by_role("button", name="Save").click()
    other.reload()
    ready(other).keyboard.press("j")
    assert other.evaluate("document.activeElement.closest('.row')") is None
    page.get_by_role("button", name="As it comes").click()


def test_a_decision_is_undone_by_key(pages: Pages, portal: Portal, held: None) -> None:
    page = ready(pages.signed_in("reviewer"))
    order, _run = post(portal)
    open_card(page, order)
    press(page, "Reject and skip")
    expect(page.locator(".held").first).to_contain_text("Your decision is saved.")
    page.keyboard.press("z")

    expect(page.locator(".toast")).to_contain_text("Taken back")
    expect(card(page).locator("#decision")).to_be_attached()
    expect(row(page, order)).to_be_visible()


def test_a_decision_is_undone_without_javascript(pages: Pages, portal: Portal, held: None) -> None:
    order, _run = post(portal)
    watching = pages.signed_in("reviewer")
    expect(row(watching, order)).to_be_visible()
    page = pages.signed_in("reviewer", java_script_enabled=False)
    row(page, order).get_by_role("link").click()
    press(page, "Reject and skip")
    page.locator(".held").get_by_role("button", name="Undo").first.click()

    expect(page.locator(".toast")).to_contain_text("Taken back")
    expect(row(watching, order)).to_be_visible()


def test_several_are_claimed_without_javascript(pages: Pages, portal: Portal) -> None:
    orders = [post(portal)[0] for _number in range(2)]
    watching = pages.signed_in("reviewer")
    for order in orders:
        expect(row(watching, order)).to_be_visible()
    page = pages.signed_in("reviewer", java_script_enabled=False)
    for order in orders:
        box(page, order).check()
    page.get_by_role("button", name="Claim…").click()
    page.get_by_role("button", name="Claim these 2").click()

    expect(page.get_by_role("heading", name="2 of 2 done")).to_be_visible()
    for order in orders:
        expect(row(watching, order).locator(".holder")).to_have_text("Mine")


def test_a_lost_connection_is_shown_and_so_is_its_return_and_nothing_is_missed(
    pages: Pages, portal: Portal
) -> None:
    page = pages.signed_in("reviewer", tolerate=["WebSocket"])
    doors: list[WebSocketRoute] = []
    is_shut = {"yes": True}

    def door(socket: WebSocketRoute) -> None:
        doors.append(socket)
        if is_shut["yes"]:
            socket.close(code=1013)
        else:
            socket.connect_to_server()

    page.route_web_socket("**/ws/live/**", door)
    page.reload()
    expect(page.locator("#connection")).to_be_visible()
    order, _run = post(portal)
    expect(row(page, order)).to_have_count(0)
    is_shut["yes"] = False

    expect(page.locator("#connected-again")).to_be_visible(timeout=20_000)
    expect(page.locator("#connection")).to_be_hidden()
    expect(row(page, order)).to_be_visible()


def test_after_a_decision_the_next_one_opens_for_who_prefers_that(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    page.goto("/inbox/preferences/")
    page.get_by_label("open the next item").check()
    page.get_by_role("button", name="Save").click()
    first, second = post(portal)[0], post(portal)[0]
    page.goto(f"/?q={first[:2]}&sort=newest")
    expect(row(page, second)).to_be_visible()
    open_card(page, second)
    press(page, "Reject and skip")

    expect(card(page)).to_contain_text(first)
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?q={first[:2]}&sort=newest")
    expect(row(page, first).locator("a")).to_have_attribute("aria-current", "true")
    page.goto("/inbox/preferences/")
    page.get_by_role("button", name="As it comes").click()
