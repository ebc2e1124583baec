"""Django admin in the browser, under the portal's content security policy."""

from playwright.sync_api import Page, expect


def test_the_browser_has_no_complaint_about_admin(page: Page) -> None:
    page.goto("/admin/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter the correct username")).to_be_visible()
