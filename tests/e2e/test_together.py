"""Several people, and processes that die: nobody loses what they wrote, and nothing is decided twice."""

import os
import signal
import time

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.acting import card, expect_status, open_card, post, press
from tests.e2e.conftest import Pages
from tests.e2e.portal import Portal
from tests.processes import children_of
from tests.waiting import eventually

AMONG_US = (
    "Array.from(document.querySelectorAll('.card-view button')).find(b => b.textContent.includes('Approve'))"
)


def unheard(page: Page) -> Page:
    """A page whose live connection says nothing any more."""

    def silent(socket: WebSocketRoute) -> None:
        del socket

    page.route_web_socket("**/ws/live/**", silent)
    page.reload()
    return page


def press_at(page: Page, moment: float) -> None:
    """Press "Approve" at that moment, whatever this test does meanwhile."""
    page.evaluate(f"setTimeout(() => {AMONG_US}.click(), {moment * 1000} - Date.now())")


def decisions(portal: Portal, run: str) -> list[str]:
    """Who decided what in a run, as the database has it."""
    names = f"Decision.objects.filter(requirement__run='{run}').values_list('actor', 'action')"
    command = f"from workflows.models import Decision; print(*(' '.join(row) for row in {names}), sep=';')"
    return portal.command("shell", "--no-imports", "-c", command).split(";")


def worker_of(portal: Portal) -> int:
    assert portal.process is not None
    pid = portal.process.pid
    return eventually(
        lambda: next((n for n, line in children_of(pid).items() if "manage.py work" in line), None)
    )


def test_of_two_browsers_that_decide_at_once_one_wins(pages: Pages, portal: Portal) -> None:
    reviewer, admin = (pages.signed_in(name, tolerate=["409"]) for name in ("reviewer", "admin"))
    order, run = post(portal)
    for page in (reviewer, admin):
        open_card(page, order)
    moment = time.time() + 1
    for page in (reviewer, admin):
        press_at(page, moment)

    for page in (reviewer, admin):
        expect(card(page).locator(".outcome-line")).to_contain_text("approved")
    (decision,) = decisions(portal, run)
    winner = decision.split()[0]
    for page in (reviewer, admin):
        expect(card(page).locator(".outcome-line strong")).to_have_text(winner)


def test_who_is_slower_is_told_who_was_faster_and_keeps_what_they_wrote(pages: Pages, portal: Portal) -> None:
    reviewer, admin = (pages.signed_in(name, tolerate=["409"]) for name in ("reviewer", "admin"))
    order, run = post(portal)
    open_card(reviewer, order)
    open_card(admin, order)
    unheard(admin)
    card(admin).get_by_label("Reason").fill("Only half of it.")
    press(reviewer, "Approve")
    expect(card(reviewer)).to_contain_text("reviewer approved")
    press(admin, "Reject and skip")

    expect(card(admin).get_by_role("alert")).to_contain_text("came too late")
    expect(card(admin)).to_contain_text("reviewer approved")
    expect(card(admin).locator(".kept")).to_contain_text("Only half of it.")
    assert decisions(portal, run) == ["reviewer approve"]


def test_a_card_that_somebody_else_decides_says_so_by_itself(pages: Pages, portal: Portal) -> None:
    reviewer, admin, writing = (pages.signed_in(name) for name in ("reviewer", "admin", "admin"))
    order, _ = post(portal)
    for page in (reviewer, admin, writing):
        open_card(page, order)
    card(writing).get_by_label("Reason").fill("Only half of it.")
    press(reviewer, "Approve")

    expect(card(admin)).to_contain_text("reviewer approved")
    expect(card(writing).get_by_role("alert")).to_contain_text("reviewer approved")
    expect(card(writing).get_by_label("Reason")).to_have_value("Only half of it.")
    expect(card(writing).get_by_role("button", name="Approve")).to_be_disabled()


def test_a_reload_in_the_middle_of_a_form_decides_nothing(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, run = post(portal)
    open_card(page, order)
    card(page).get_by_label("Reason").fill("I was just about to")
    page.reload()

    assert decisions(portal, run) == [""]
    press(page, "Approve")
    expect(card(page)).to_contain_text("reviewer approved")
    assert decisions(portal, run) == ["reviewer approve"]


def test_a_worker_killed_between_pause_and_resume_is_not_missed(pages: Pages, portal: Portal) -> None:
    page = pages.signed_in("reviewer")
    order, run = post(portal)
    open_card(page, order)
    os.kill(worker_of(portal), signal.SIGKILL)
    press(page, "Approve")
    page.goto(f"/runs/{run}/")

    expect_status(page, "COMPLETED")
    expect(page.locator(".run-main")).to_contain_text("we have refunded 180.00 EUR")


def test_a_run_that_was_started_while_no_worker_lived_is_taken_up(pages: Pages, portal: Portal) -> None:
    os.kill(worker_of(portal), signal.SIGKILL)
    _, run = post(portal)
    page = pages.signed_in("reviewer")
    page.goto(f"/runs/{run}/")

    expect_status(page, "PAUSED")
