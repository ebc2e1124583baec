"""The requester sees what they asked for, the stranger nothing, the admin everything, and history stays as it is."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, expect_status, open_card, post, press, row
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal

DEMO = ("Ada Lovelace", "Release this build?", "Review the draft before it is published.")
NEW_PERSON = "from django.contrib.auth.models import User; User.objects.get_or_create(username='stranger')"


@pytest.fixture
def stranger(pages: Pages, portal: Portal) -> Page:
    portal.command("shell", "--no-imports", "-c", NEW_PERSON)
    return pages.signed_in("stranger", tolerate=["404"])


@pytest.mark.parametrize("name", ["reviewer", "requester", "admin"])
def test_the_demo_waits_in_the_inbox(pages: Pages, name: str) -> None:
    page = pages.signed_in(name)

    for title in DEMO:
        expect(row(page, title)).to_have_count(1)


def test_the_requester_sees_their_items_and_cannot_decide(pages: Pages) -> None:
    page = pages.signed_in("requester")
    open_card(page, DEMO[0])

    expect(card(page)).to_contain_text("It waits for a reviewer.")
    expect(card(page).get_by_role("button")).to_have_count(0)
    expect(card(page).locator("form")).to_have_count(0)


def test_the_requester_does_not_see_what_a_machine_asked_for(pages: Pages, portal: Portal) -> None:
    reviewer, requester = pages.signed_in("reviewer"), pages.signed_in("requester", tolerate=["404"])
    order, run = post(portal)
    expect(row(reviewer, order)).to_be_visible()
    expect(row(requester, order)).to_have_count(0)

    answer = requester.goto(f"/runs/{run}/")
    assert answer is not None
    assert answer.status == 404


def test_a_stranger_sees_nothing(stranger: Page, pages: Pages, portal: Portal) -> None:
    reviewer = pages.signed_in("reviewer")
    order, run = post(portal)
    expect(row(reviewer, order)).to_be_visible()
    requirement = str(row(reviewer, order).locator("a").get_attribute("href"))

    expect(stranger.locator(".row")).to_have_count(0)
    expect(stranger.get_by_text("Nothing waits for you.")).to_be_visible()
    for address in (f"/runs/{run}/", requirement):
        answer = stranger.goto(address)
        assert answer is not None
        assert answer.status == 404


def test_who_is_not_signed_in_is_asked_to(page: Page) -> None:
    page.goto("/")

    expect(page).to_have_url(re.compile(r"/accounts/sign-in/\?next=/$"))


def test_a_link_signs_in_once(pages: Pages, portal: Portal) -> None:
    link = portal.sign_in_link("reviewer")
    first, again = pages.open(), pages.open(tolerate=["404", "410", "403"])
    first.goto(link)
    first.get_by_role("button", name="Sign in as reviewer").click()
    expect(first.get_by_role("heading", name="Inbox", level=2)).to_be_visible()
    again.goto(link)

    expect(again.get_by_role("button", name="Sign in as reviewer")).to_have_count(0)


def test_admin_shows_what_happened_in_a_run(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("admin")
    order, run = post(portal)
    open_card(page, order)
    press(page, "Approve")
    expect(card(page)).to_contain_text("admin approved")
    page.goto(f"/runs/{run}/")
    expect_status(page, "COMPLETED")
    page.goto(f"/admin/workflows/workflowrun/{run}/change/")
    content = page.locator("#content")

    for text in ("COMPLETED", "webhook:demo", "tell customer", "RequirementDecided", "WorkflowCompleted"):
        expect(content).to_contain_text(re.compile(text, re.IGNORECASE))


@pytest.mark.parametrize("model", ["decision", "runevent"])
def test_history_is_read_only_in_admin(pages: Pages, portal: Portal, model: str) -> None:
    page = pages.signed_in("admin")
    order, _ = post(portal)
    open_card(page, order)
    press(page, "Approve")
    expect(card(page)).to_contain_text("admin approved")
    page.goto(f"/admin/workflows/{model}/")
    page.locator("#result_list tbody th a").first.click()

    expect(page.locator("#content h1")).to_contain_text("View")
    expect(page.locator("#content-main").locator("[name=_save], .deletelink, .addlink")).to_have_count(0)
