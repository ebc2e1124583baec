"""On a phone, in the dark, without JavaScript: the same pages, and the same decision."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, expect_status, open_card, post, press, row
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal
from tests.waiting import eventually

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LUMINANCE = """() => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d');
  canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}"""


def expect_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phone_shows_the_list_and_then_the_card(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer", **PHONE)
    order, run = post(portal)
    expect(row(page, order)).to_be_visible()
    expect_no_sideways_scrolling(page)
    open_card(page, order)
    expect(row(page, order)).not_to_be_visible()
    expect_no_sideways_scrolling(page)
    press(page, "Approve")
    expect(card(page)).to_contain_text("reviewer approved")

    page.goto(f"/runs/{run}/")
    expect_status(page, "COMPLETED")
    expect_no_sideways_scrolling(page)


def test_a_phone_finds_the_way_back_to_the_list(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer", **PHONE)
    order, _ = post(portal)
    open_card(page, order)
    page.locator("#card").get_by_role("link", name="Inbox").click()

    expect(row(page, order)).to_be_visible()


@pytest.mark.parametrize("address", ["/", "/runs/", "/runs/new/"])
def test_it_is_dark_where_the_device_is(pages: Pages, address: str) -> None:
    dark, light = (pages.signed_in("reviewer", color_scheme=scheme) for scheme in ("dark", "light"))
    for page in (dark, light):
        page.goto(address)

    assert dark.evaluate(LUMINANCE) < 0.2
    assert light.evaluate(LUMINANCE) > 0.8


def test_it_can_be_dark_where_the_device_is_not(pages: Pages) -> None:
    page = pages.signed_in("reviewer", color_scheme="light")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(LUMINANCE) < 0.2


def test_everything_works_without_javascript(pages: Pages, portal: Portal) -> None:
    page = pages.open(java_script_enabled=False)
    page.goto(portal.sign_in_link("reviewer"))
    page.get_by_role("button", name="Sign in as reviewer").click()
    order, run = post(portal)

    def listed() -> bool:
        page.goto("/")
        return row(page, order).count() == 1

    eventually(listed)
    row(page, order).get_by_role("link").click()
    card(page).get_by_label("Reason").fill("Seen the parcel.")
    press(page, "Approve")
    expect(card(page)).to_contain_text("reviewer approved")
    expect(card(page)).to_contain_text("Seen the parcel.")

    def completed() -> bool:
        page.goto(f"/runs/{run}/")
        return page.locator(".run-head [data-status=COMPLETED]").count() == 1

    eventually(completed)
    expect(page.locator(".run-main")).to_contain_text("we have refunded 180.00 EUR")


def test_a_wrong_form_comes_back_filled_in_without_javascript(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer", java_script_enabled=False, tolerate=["422"])
    page.goto("/runs/new/")
    page.get_by_label("Workflow").select_option(label="Article draft")
    page.get_by_label("Input").fill('{"topic": "Forms that come back"}')
    page.get_by_role("button", name="Start").click()

    def listed() -> bool:
        page.goto("/")
        return row(page, "Forms that come back").count() == 1

    eventually(listed)
    row(page, "Forms that come back").get_by_role("link").click()
    card(page).get_by_text("Change it yourself").click()
    card(page).get_by_label("Your version").fill("Half a sentence")
    press(page, "Request changes")

    expect(card(page)).to_contain_text("Say what should change")
    expect(card(page).get_by_label("Your version")).to_have_value("Half a sentence")
