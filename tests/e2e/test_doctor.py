"""The doctor's page: each thing is shown when it is done, one can be looked at again, also without JavaScript."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.acting import mark, was_not_reloaded
from tests.e2e.conftest import Pages

PATIENCE = 60_000  # milliseconds: everything is looked at
THROUGH_THE_PUBLIC_ADDRESS = (
    "public-address",
    "proxy",
    "page",
    "static-files",
    "websocket",
    "link",
    "web-clocks",
)


def line(page: Page, name: str) -> Locator:
    return page.locator(f"#check-{name}")


def examine(page: Page) -> None:
    page.goto("/doctor/")
    expect(page.locator(".check[data-state=ok]")).to_have_count(0)
    page.get_by_role("button", name="Examine everything").click(timeout=PATIENCE)
    expect(page.locator(".check[data-state=ok]").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".check[data-state=awaited]")).to_have_count(0, timeout=PATIENCE)


def test_what_is_reached_through_the_public_address_is_well(pages: Pages) -> None:
    page = pages.signed_in("admin")
    page.goto("/doctor/")
    mark(page)
    page.get_by_role("button", name="Examine everything").click()

    for name in (*THROUGH_THE_PUBLIC_ADDRESS, "workers", "sweep", "sealed"):
        expect(line(page, name)).to_have_attribute("data-state", "ok", timeout=PATIENCE)
    expect(page.locator("#doctor-sum")).to_contain_text("well")
    assert was_not_reloaded(page)


def test_what_is_to_be_done_is_led_to(pages: Pages) -> None:
    page = pages.signed_in("admin")
    examine(page)
    page.get_by_role("list", name="What is to be done").get_by_role("link", name="Trying").click()

    expect(page).to_have_url(re.compile("#check-for-trying$"))
    expect(line(page, "for-trying")).to_contain_text("HITL_DEMO=0")
    expect(line(page, "for-trying")).to_be_in_viewport()


def test_one_thing_is_looked_at_by_keyboard_alone(pages: Pages) -> None:
    page = pages.signed_in("admin")
    page.goto("/doctor/")
    mark(page)
    page.get_by_role("button", name="Look at this: SECRET_KEY").focus()
    page.keyboard.press("Enter")

    expect(line(page, "secret-key")).to_have_attribute("data-state", "ok")
    expect(page.locator(".check[data-state]:not([data-state=''])")).to_have_count(1)
    expect(page.get_by_role("button", name="Look again: SECRET_KEY")).to_be_focused()
    assert was_not_reloaded(page)


def test_it_needs_no_javascript(pages: Pages) -> None:
    page = pages.signed_in("admin", java_script_enabled=False)
    examine(page)

    expect(line(page, "websocket")).to_have_attribute("data-state", "ok")
    expect(page.locator("#doctor-sum")).to_contain_text("well")
    page.get_by_role("button", name="Look again: Workers", exact=True).click()
    expect(line(page, "workers")).to_have_attribute("data-state", "ok")
