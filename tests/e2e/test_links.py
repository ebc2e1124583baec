"""Answer links in a browser: opened without a session, read, sent once; and what they say afterwards."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, expect_status, start
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal

ISSUE = """
from django.contrib.auth.models import User
from hitl_portal.links.services import issue
from workflows.models import Requirement
asked = Requirement.objects.open().filter(message__startswith={message!r}).latest("opened_at")
print(issue(asked, User.objects.get(username={person!r})))
"""
REFUND, DRAFT, BUILD = "Refund clerk", "Review the draft", "Release this build?"
GONE = "410"


def link_to(portal: Portal, message: str, person: str = "reviewer") -> str:
    """The address of a new link, about what was asked last in these words."""
    code = ISSUE.format(message=message, person=person)
    address = portal.command("shell", "--verbosity", "0", "-c", code)
    assert address.startswith(f"{portal.url}/answer/")
    return address


def cookies(page: Page) -> set[str]:
    return {str(cookie["name"]) for cookie in page.context.cookies()}


@pytest.mark.parametrize(("message", "has_scripts"), [(REFUND, True), (DRAFT, False)])
def test_it_is_opened_read_and_sent_once(
    pages: Pages, portal: Portal, message: str, has_scripts: bool
) -> None:
    address = link_to(portal, message)
    page = pages.open(tolerate=[GONE], java_script_enabled=has_scripts)
    page.goto(address)
    expect(page.get_by_role("heading", level=2)).to_contain_text(message.rpartition(" ")[0])
    expect(page.locator("body")).to_contain_text("You answer as reviewer")
    expect(page.locator(".app-bar")).to_have_count(0)

    page.get_by_role("button", name="Approve", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your decision is saved")
    expect(page.locator("main")).to_contain_text("reviewer approved")

    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your decision is saved")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert "hitl_session" not in cookies(page)


def test_what_is_wrong_comes_back_and_the_inbox_says_what_was_sent(pages: Pages, portal: Portal) -> None:
    address = link_to(portal, BUILD)
    page = pages.open(tolerate=["422"])
    page.goto(address)
    page.get_by_role("button", name="Approve and send").click()
    expect(page.locator(".has-error, :invalid").first).to_be_attached()
    page.get_by_label("canary").check()
    page.get_by_label("Window minutes").fill("45")
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your decision is saved")

    inbox = pages.signed_in("reviewer")
    inbox.goto("/?show=decided")
    inbox.locator(".row", has_text=BUILD).locator("a").click()
    expect(card(inbox)).to_contain_text("reviewer answered")


def test_it_does_not_open_in_the_browser_of_somebody_else(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("admin", tolerate=["403"])
    start(page, "article", {"topic": "Whose link this is"})
    expect_status(page, "PAUSED")
    address = link_to(portal, DRAFT, person="reviewer")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is somebody else's")
    page.get_by_role("button", name=re.compile("Sign admin out")).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text(DRAFT)
    assert page.url == address
    del portal.sessions["admin"]  # it was ended
