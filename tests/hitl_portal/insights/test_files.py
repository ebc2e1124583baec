"""The files: the page's numbers, and the decisions behind them."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hitl_portal.insights import exports
from tests.hitl_portal.conftest import Ask, SignIn, new_run
from tests.hitl_portal.insights.conftest import MINUTE, Decide
from workflows.models import Workflow


def fetched(client: Client, name: str, query: str = "") -> list[dict[str, str]]:
    text = client.get(f"/insights/{name}.csv{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_numbers_are_those_of_the_page(as_: SignIn, decide: Decide, ask: Ask, reviewer: User) -> None:
    ask()
    decide(took=5 * MINUTE)
    decide("reject", on_reject="retry", took=7 * MINUTE)
    found = {
        (row["figure"], row["step"], row["what"]): row["value"]
        for row in fetched(as_(reviewer), "numbers", "?days=7")
        if row["value"] != "0"
    }

    assert found == {
        ("waiting", "", "less than 1 hours"): "1",
        ("decisions", "", "approved"): "1",
        ("decisions", "", "rework"): "1",
        ("steps", "pay", "decided"): "2",
        ("steps", "pay", "rework"): "1",
        ("steps", "pay", "median_seconds"): "300",
        ("steps", "pay", "p95_seconds"): "420",
        ("load", "", "reviewer"): "2",
    }


def test_a_decision_is_a_row(as_: SignIn, decide: Decide, reviewer: User) -> None:
    made = decide("reject", took=90, feedback="Not this one.")
    (row,) = fetched(as_(reviewer), "decisions")

    assert row["decided_at"] == made.decided_at.isoformat()
    assert row["run"] == str(made.requirement.run_id)
    assert [
        row[name] for name in ("workflow", "step", "action", "actor", "seconds", "feedback", "stands")
    ] == [
        "refund",
        "pay",
        "reject",
        "reviewer",
        "90",
        "Not this one.",
        "True",
    ]


def test_what_was_undone_is_there_and_says_so(as_: SignIn, decide: Decide, reviewer: User) -> None:
    decide(requirement={"revision": 2})

    assert fetched(as_(reviewer), "decisions")[0]["stands"] == "False"


@pytest.mark.parametrize("name", ["requester", "stranger"])
def test_only_what_they_may_see_is_in_it(
    as_: SignIn,
    decide: Decide,
    workflow: Workflow,
    requester: User,
    stranger: User,
    reviewer: User,
    name: str,
) -> None:
    own = decide()
    decide(run=new_run(workflow, reviewer))
    seen = [row["requirement"] for row in fetched(as_(User.objects.get(username=name)), "decisions")]

    assert seen == ([str(own.requirement_id)] if name == "requester" else [])


def test_an_admin_gets_what_is_restricted(as_: SignIn, decide: Decide, admin: User, reviewer: User) -> None:
    decide(requirement={"is_restricted": True})

    assert len(fetched(as_(admin), "decisions")) == 1
    assert fetched(as_(reviewer), "decisions") == []


@pytest.mark.parametrize("name", ["numbers", "decisions"])
def test_nobody_is_asked_to_sign_in(client: Client, db: None, name: str) -> None:
    assert "/accounts/sign-in/" in client.get(f"/insights/{name}.csv").headers["Location"]


def test_nothing_in_it_is_a_formula(as_: SignIn, decide: Decide, reviewer: User) -> None:
    Workflow.objects.update(title="=1+1")
    decide(step="@SUM(A1)", feedback='=HYPERLINK("http://x")')
    cells = [
        cell
        for name in ("numbers", "decisions")
        for row in fetched(as_(reviewer), name)
        for cell in row.values()
    ]

    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]


def test_it_is_a_download(as_: SignIn, decide: Decide, reviewer: User) -> None:
    answer = as_(reviewer).get("/insights/decisions.csv?days=7")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="decisions-7-days.csv"'


def test_it_ends_with_the_newest(
    as_: SignIn, decide: Decide, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_DECISIONS", 2)
    for days in (3, 2, 1):
        decide(days_ago=days, step=f"{days} days ago")

    steps = [row["step"] for row in fetched(as_(reviewer), "decisions")]
    assert steps == ["1 days ago", "2 days ago"]


@pytest.mark.parametrize("name", ["numbers", "decisions"])
def test_it_costs_the_same_however_much_there_is(
    as_: SignIn,
    decide: Decide,
    reviewer: User,
    name: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        decide(step=f"step {number}")
    client = as_(reviewer)

    with django_assert_max_num_queries(12):
        client.get(f"/insights/{name}.csv")
