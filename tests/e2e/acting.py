"""What people and machines do in the browser tests, in one line each."""

import json
import re
import subprocess
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.e2e.portal import PATIENCE, Portal
from tests.waiting import eventually

DEMO_ORDER = "A-1043"


def printed_curl(portal: Portal) -> str:
    """The line that a newcomer is given to paste."""
    found = eventually(
        lambda: re.search(r"^  (\(body=.*; echo\))$", portal.log, re.MULTILINE), "the curl line"
    )
    return found.group(1)


def post(portal: Portal, order: str = "") -> tuple[str, str]:
    """Paste the line into a shell, for an order of its own; the order and the run's id."""
    order = order or f"A-{uuid4().hex[:6]}"
    line = printed_curl(portal).replace(DEMO_ORDER, order)
    done = subprocess.run(
        line, shell=True, executable="/bin/sh", check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    return order, json.loads(done.stdout)["run"]


def start(page: Page, workflow: str, given: Any = None) -> str:
    """Start a run by hand; the address of its page, which is open then."""
    page.goto(f"/runs/new/?workflow={workflow}")
    page.get_by_label("Input").fill(json.dumps(given) if given else "")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}/$"))
    return page.url


def row(page: Page, text: str) -> Locator:
    """The inbox's row about something."""
    return page.locator(".row", has_text=text)


def card(page: Page) -> Locator:
    """The card that is open."""
    return page.locator(".card-view")


def open_card(page: Page, text: str) -> Locator:
    """Click the row about something and wait for its card."""
    link = row(page, text).locator("a")
    address = str(link.get_attribute("href"))
    link.click()
    page.wait_for_url(f"**{address}")
    return card(page)


def press(page: Page, label: str) -> None:
    """Click the button of an answer, and wait until the answer is taken."""
    card(page).get_by_role("button", name=label).click()


def status(page: Page) -> Locator:
    """Where the run on the page stands."""
    return page.locator(".run-head .status")


def expect_status(page: Page, word: str) -> None:
    """The run's page comes to say this, by itself."""
    expect(status(page)).to_have_attribute("data-status", word, timeout=PATIENCE * 1000)


def mark(page: Page) -> None:
    """Put a mark on the page that a reload would wipe off."""
    page.evaluate("window.notReloaded = true")


def was_not_reloaded(page: Page) -> bool:
    """The mark is still there."""
    return bool(page.evaluate("window.notReloaded === true"))
