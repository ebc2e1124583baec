"""Django admin in the browser, under the portal's content security policy."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages


def test_the_browser_has_no_complaint_about_admin(pages: Pages) -> None:
    page = pages.signed_in("admin")
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()


def test_its_door_is_the_portal_s(page: Page) -> None:
    page.goto("/admin/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
