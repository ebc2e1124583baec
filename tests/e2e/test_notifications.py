"""The bell and the pages behind it, in a browser: what is new arrives by itself, and what is pushed is shown."""

import json
import re

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.acting import post
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal
from tests.waiting import eventually

INSTALL = """async () => {
  const { worker } = document.getElementById("push-form").dataset;
  await navigator.serviceWorker.register(worker);
  const registration = await navigator.serviceWorker.getRegistration(worker);
  while (!registration.active) await new Promise((later) => setTimeout(later, 20));
}"""
SHOWN = """async () => {
  const { worker } = document.getElementById("push-form").dataset;
  const registration = await navigator.serviceWorker.getRegistration(worker);
  const shown = await registration.getNotifications();
  return shown.map(({ title, data }) => [title, data.link]);
}"""


def count(page: Page) -> int:
    """What the bell says."""
    found = re.search(r"\d+", page.locator(".bell").get_attribute("aria-label") or "")
    return int(found[0]) if found else 0


def test_the_bell_rings_on_every_page_and_the_list_grows(pages: Pages, portal: Portal) -> None:
    other, listed = pages.signed_in("reviewer"), pages.signed_in("reviewer")
    listed.goto("/notifications/?show=unread")
    other.goto("/runs/")
    expect(other.locator(".bell")).to_be_visible()
    other.wait_for_load_state("networkidle")
    before, notes = count(other), listed.locator(".note").count()
    post(portal)

    expect(other.locator(".bell-count")).to_have_text(str(before + 1), timeout=15_000)
    expect(listed.locator(".note")).to_have_count(notes + 1)


def test_whoever_follows_a_note_has_read_it(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    post(portal)
    page.goto("/notifications/?show=unread")
    expect(page.locator(".bell-count")).to_be_visible(timeout=15_000)
    link = page.locator(".note-title a").first
    followed = str(link.get_attribute("href"))
    link.click()

    expect(page).to_have_url(re.compile("/requirements/"))
    page.goto("/notifications/?show=unread")
    expect(page.locator(".bell")).to_be_visible()
    expect(page.locator(f'.note-title a[href="{followed}"]')).to_have_count(0)


def test_the_keyboard_alone_reads(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    post(portal)
    page.goto("/notifications/?show=unread")
    expect(page.locator(".note").first).to_be_visible(timeout=15_000)
    note = page.locator(".note").first.get_attribute("id")
    page.locator(f"#{note} .note-check").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notifications/")
    expect(page.locator(f"#{note}")).to_be_visible()
    expect(page.locator(f"#{note} .note-check")).to_have_count(0)


def test_the_keyboard_alone_chooses(pages: Pages) -> None:
    page = pages.signed_in("reviewer")
    page.goto("/notifications/settings/")
    page.get_by_role("group", name="A question waits for you").get_by_label("In the page").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("group", name="A question waits for you").get_by_label("In the page")
    ).to_have_value("off")
    page.get_by_role("button", name="As it comes").click()
    expect(
        page.get_by_role("group", name="A question waits for you").get_by_label("In the page")
    ).to_have_value("immediate")


def test_what_is_pushed_twice_is_shown_once(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    page.context.grant_permissions(["notifications"])
    page.goto("/notifications/settings/")
    page.evaluate(INSTALL)
    browser = page.context.new_cdp_session(page)
    link = f"{portal.url}/notifications/"
    push(browser, portal.url, {"title": "Refund: Pay?", "link": link}, times=2)
    page.wait_for_function(f"async () => (await ({SHOWN})()).length > 0")

    assert page.evaluate(SHOWN) == [["Refund: Pay?", link]]


def push(browser: CDPSession, origin: str, said: dict[str, str], times: int) -> None:
    """As the browser's maker would deliver it."""
    found: list[dict[str, str]] = []
    browser.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))

    def registered() -> str:
        browser.send("ServiceWorker.enable")
        return found[0]["registrationId"] if found else ""

    known = eventually(registered, "the worker")
    for _ in range(times):
        wanted = {"origin": origin, "registrationId": known, "data": json.dumps(said)}
        browser.send("ServiceWorker.deliverPushMessage", wanted)
