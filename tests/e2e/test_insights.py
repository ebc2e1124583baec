"""Insights, absences and coverage in the browser: on a phone, in the dark, without JavaScript, without a complaint."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import card, open_card, post, press
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal
from tests.e2e.test_everywhere import PHONE, expect_no_sideways_scrolling
from tests.waiting import eventually

PLACES = ["/insights/", "/people/absences/", "/people/coverage/"]


def decide_one(page: Page, portal: Portal) -> None:
    order, _run = post(portal)
    open_card(page, order)
    press(page, "Approve")
    expect(card(page)).to_contain_text("approved")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PLACES)
def test_a_phone_shows_it_without_sideways_scrolling(
    pages: Pages, portal: Portal, address: str, scheme: str
) -> None:
    page = pages.signed_in("admin", color_scheme=scheme, **PHONE)
    page.goto(address)

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect_no_sideways_scrolling(page)


def test_a_decision_is_counted(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    decide_one(page, portal)

    def counted() -> bool:
        page.goto("/insights/?days=7")
        return page.get_by_role("row", name=re.compile("^reviewer")).count() == 1

    eventually(counted)
    expect(page.get_by_role("img", name=re.compile("Decisions over time"))).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("columnheader", name="Approved", exact=True)).to_be_visible()


def test_a_filter_changes_the_figures_and_the_address(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    page.goto("/insights/")
    page.get_by_label("Period").select_option("7")

    page.wait_for_url(re.compile(r"days=7"))
    expect(page.locator("#figures")).to_have_count(1)
    expect(page.get_by_role("link", name="Decisions as CSV")).to_have_attribute("href", re.compile("days=7"))


def test_the_files_come_down(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    page.goto("/insights/")
    with page.expect_download() as coming:
        page.get_by_role("link", name="These numbers as CSV").click()

    assert coming.value.suggested_filename == "numbers-30-days.csv"


def test_an_absence_is_entered_and_ended_without_javascript(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer", java_script_enabled=False)
    page.goto("/people/absences/")
    page.get_by_label("Who decides meanwhile").select_option(label="admin")
    page.get_by_label("Note").fill("On leave")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You are away until")).to_be_visible()

    page.get_by_text("End it now").click()
    page.get_by_role("button", name="End this absence").click()
    expect(page.get_by_text("You are away until")).to_have_count(0)


@pytest.fixture
def for_nobody(portal: Portal) -> Iterator[None]:
    """Let every workflow be decided by a group that is empty; the module's other tests see none of it."""
    code = "from workflows.models import Workflow; Workflow.objects.update(policy={})"
    portal.command("shell", "--no-imports", "-c", code.format({"deciders": ["legal"]}))
    yield
    portal.command("shell", "--no-imports", "-c", code.format({}))


@pytest.mark.usefixtures("for_nobody")
def test_the_navigation_of_an_admin_comes_to_say_what_nobody_can_decide(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("admin")
    page.goto("/people/coverage/")
    expect(page.get_by_text("Nobody is in the group 'legal'.").first).to_be_visible()

    page.goto("/runs/")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Coverage")).to_be_visible()
