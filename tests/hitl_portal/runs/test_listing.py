"""Finding runs: filters, words, order and pages, in the address, at the same cost however many there are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.hitl_portal.conftest import Ask, SignIn, new_run
from workflows.models import Requirement, Workflow, WorkflowRun
from workflows.types import RunStatus

Shows = Callable[..., list[str]]


@pytest.fixture
def shows(as_: SignIn, reviewer: User) -> Shows:
    """Give the summaries of the runs that the list shows for a query."""

    def shown(user: User | None = None, **query: str) -> list[str]:
        client: Client = as_(user or reviewer)
        page = client.get("/runs/rows/", query).content.decode()
        runs = WorkflowRun.objects.all()
        found = [(page.index(f"run-{run.id}"), run.summary) for run in runs if f"run-{run.id}" in page]
        return [summary for _, summary in sorted(found)]

    return shown


def test_runs_are_found_by_their_words(shows: Shows, workflow: Workflow, requester: User) -> None:
    new_run(workflow, requester, summary="order: A-1042, to: Zürich")
    new_run(workflow, requester, summary="order: A-1043, to: Oslo")
    assert shows(q="1042") == shows(q="ZÜR") == shows(q="order a-1042") == ["order: A-1042, to: Zürich"]
    assert shows(q="rich") == shows(q="'; -- %") == shows(q='"*') == []


def test_words_follow_what_changes(shows: Shows, workflow: Workflow, requester: User) -> None:
    run = new_run(workflow, requester, summary="before")
    WorkflowRun.objects.filter(id=run.id).update(summary="afterwards")
    assert (shows(q="before"), shows(q="after")) == ([], ["afterwards"])


def test_a_run_is_found_by_its_id_or_how_it_begins(shows: Shows, run: WorkflowRun) -> None:
    assert shows(q=str(run.id)) == shows(q=run.id.hex) == shows(q=str(run.id)[:13]) == [run.summary]
    assert shows(q="ffffffff") == []


def test_by_workflow_status_asker_and_source(shows: Shows, workflow: Workflow, requester: User) -> None:
    other = Workflow.objects.create(name="other", title="Other", fingerprint="f", outline=workflow.outline)
    new_run(other, requester, summary="one", status=RunStatus.error)
    hooked = new_run(workflow, requester, summary="two")
    WorkflowRun.objects.filter(id=hooked.id).update(requested_by=None, source="webhook:demo")
    assert shows(workflow="other") == shows(status="ERROR") == shows(asker="requester") == ["one"]
    assert shows(asker="webhook:demo") == ["two"]


def test_by_day(shows: Shows, workflow: Workflow, requester: User) -> None:
    for age in (0, 1, 5):
        run = new_run(workflow, requester, summary=f"{age} old")
        WorkflowRun.objects.filter(id=run.id).update(created_at=timezone.now() - timedelta(days=age))
    days = [(timezone.now() - timedelta(days=age)).date().isoformat() for age in range(3)]
    assert shows(since=days[1]) == ["0 old", "1 old"]
    assert shows(until=days[2]) == ["5 old"]
    assert shows(since=days[1], until=days[1]) == ["1 old"]


def test_mine_and_those_with_something_open(
    shows: Shows, ask: Ask, workflow: Workflow, requester: User, reviewer: User
) -> None:
    new_run(workflow, reviewer, summary="mine")
    waiting = ask()
    ask().delete()
    Requirement.objects.filter(id=waiting.id).update(status="open")
    assert shows(who="mine") == ["mine"]
    assert shows(who="waiting") == [waiting.run.summary]


@pytest.mark.parametrize(
    "query", [{"status": "ASLEEP"}, {"since": "tomorrow"}, {"who": "x"}, {"after": "x"}, {"sort": "x"}]
)
def test_what_nobody_knows_is_let_pass(shows: Shows, run: WorkflowRun, query: dict[str, str]) -> None:
    assert shows(**query) == [run.summary]


def test_in_each_order(shows: Shows, workflow: Workflow, requester: User) -> None:
    for number, ended in enumerate((2, 3, None, 1)):
        at = ended and timezone.now() + timedelta(hours=ended)
        new_run(workflow, requester, summary=str(number), finished_at=at)
    assert shows() == ["3", "2", "1", "0"]
    assert shows(sort="oldest") == ["0", "1", "2", "3"]
    assert shows(sort="ended") == ["1", "0", "3"]


@pytest.mark.parametrize("sort", ["", "oldest"])
def test_pages_follow_each_other_without_a_gap(
    as_: SignIn, workflow: Workflow, requester: User, reviewer: User, sort: str
) -> None:
    runs = [new_run(workflow, requester, summary="same") for _ in range(120)]
    WorkflowRun.objects.update(created_at=timezone.now())  # of one moment: the ids tell them apart
    client, seen, after = as_(reviewer), list[str](), ""
    while True:
        listing = client.get("/runs/rows/", {"sort": sort, "q": "same", "after": after}).context["listing"]
        seen += [str(run.id) for run in listing.runs]
        if not listing.next:
            break
        after = (
            listing.next.rpartition("after=")[2].replace("%3A", ":").replace("%2B", "+").replace("%7E", "~")
        )
    assert len(seen) == len(set(seen)) == len(runs)


def test_strangers_find_nothing_by_words(shows: Shows, run: WorkflowRun, stranger: User) -> None:
    assert shows(stranger, q=str(run.id)) == shows(stranger, q="order") == []


def test_it_says_what_it_shows_and_leads_back(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    page = as_(reviewer).get("/runs/?q=order&who=waiting&sort=oldest").content.decode()
    assert "With something open" in page
    assert 'href="?q=order&amp;who=waiting"' in page
    assert "No run is like that." in page


def test_one_run_is_chosen_to_compare_with_another(
    as_: SignIn, workflow: Workflow, requester: User, reviewer: User
) -> None:
    first, second = new_run(workflow, requester), new_run(workflow, requester)
    client = as_(reviewer)
    page = client.get(f"/runs/compare/?a={first.id}", follow=True).content.decode()
    assert "Choose the run to compare with" in page
    assert f"/runs/compare/?a={first.id}&amp;b={second.id}" in page


@pytest.mark.parametrize("number", [1, 40])
@pytest.mark.parametrize(
    "query", [{}, {"q": "order", "who": "waiting", "sort": "oldest", "workflow": "refund"}]
)
def test_it_takes_nine_queries_however_many_runs(
    as_: SignIn,
    ask: Ask,
    reviewer: User,
    django_assert_max_num_queries: Any,
    number: int,
    query: dict[str, str],
) -> None:
    for _ in range(number):
        ask()
    client = as_(reviewer)
    with django_assert_max_num_queries(9):
        assert len(client.get("/runs/", query).content) < 40_000
    with django_assert_max_num_queries(7):
        client.get("/runs/rows/", query)
