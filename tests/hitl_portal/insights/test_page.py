"""The insights page: what each person sees, its filters, and what it costs."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.hitl_portal.conftest import Ask, SignIn, new_run, person
from tests.hitl_portal.insights.conftest import Decide
from workflows.models import Requirement, Workflow

MOST_QUERIES = 12
LARGEST = 40_000


def tiles(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd class=\"number\">([^<]+)</dd>", page))


def shown(client: Client, query: str = "") -> str:
    return client.get(f"/insights/{query}").content.decode()


def test_a_reviewer_sees_what_is_restricted_to_nobody(
    as_: SignIn, decide: Decide, ask: Ask, reviewer: User
) -> None:
    decide()
    decide(requirement={"is_restricted": True})
    ask()

    assert tiles(shown(as_(reviewer))) == {
        "Waiting now": "1",
        "Decided": "1",
        "Sent back": "0 %",
        "Timed out": "0 %",
    }


def test_an_admin_sees_everything(as_: SignIn, decide: Decide, admin: User) -> None:
    decide(requirement={"is_restricted": True})

    assert tiles(shown(as_(admin)))["Decided"] == "1"


def test_a_requester_sees_what_they_asked_for(
    as_: SignIn, decide: Decide, workflow: Workflow, requester: User, reviewer: User
) -> None:
    decide()
    decide(run=new_run(workflow, reviewer))

    assert tiles(shown(as_(requester)))["Decided"] == "1"


def test_a_stranger_sees_nothing_and_no_workflow(
    as_: SignIn, decide: Decide, ask: Ask, stranger: User
) -> None:
    decide()
    ask()
    page = shown(as_(stranger))

    assert tiles(page)["Decided"] == tiles(page)["Waiting now"] == "0"
    assert "Refund" not in page
    assert "reviewer" not in page


def test_nobody_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/insights/").headers["Location"] == "/accounts/sign-in/?next=/insights/"


def test_the_address_says_of_which_workflow_and_period(as_: SignIn, decide: Decide, reviewer: User) -> None:
    other = Workflow.objects.create(name="leave", title="Leave", fingerprint="f", outline={})
    decide(days_ago=20)
    decide(run=new_run(other, reviewer))
    client = as_(reviewer)

    assert tiles(shown(client))["Decided"] == "2"
    assert tiles(shown(client, "?days=7"))["Decided"] == "1"
    assert tiles(shown(client, "?workflow=refund&days=30"))["Decided"] == "1"
    assert tiles(shown(client, "?workflow=refund&days=7"))["Decided"] == "0"


def test_what_cannot_be_read_in_the_address_is_left_out(as_: SignIn, decide: Decide, reviewer: User) -> None:
    decide()

    assert tiles(shown(as_(reviewer), "?workflow=nothing&days=-1"))["Decided"] == "1"


def test_the_files_have_the_same_filters(as_: SignIn, decide: Decide, reviewer: User) -> None:
    decide()

    page = shown(as_(reviewer), "?workflow=refund&days=7")
    assert "/insights/numbers.csv?workflow=refund&amp;days=7" in page
    assert "/insights/decisions.csv?workflow=refund&amp;days=7" in page


def test_every_chart_is_or_has_a_table(as_: SignIn, decide: Decide, ask: Ask, reviewer: User) -> None:
    ask()
    decide("reject", on_reject="retry")
    decide(person=None)

    assert shown(as_(reviewer)).count("<table") == 6


def test_it_needs_no_inline_style_and_no_script(
    as_: SignIn, decide: Decide, ask: Ask, reviewer: User
) -> None:
    ask()
    decide()
    page = shown(as_(reviewer))

    assert " style=" not in page
    assert "<script>" not in page


def test_load_is_not_a_ranking_and_says_so(as_: SignIn, decide: Decide, reviewer: User) -> None:
    decide()

    assert "not to compare people" in shown(as_(reviewer))


def test_foreign_names_are_text(as_: SignIn, decide: Decide, reviewer: User) -> None:
    Workflow.objects.update(title="<b>Refund</b>")
    decide(step='"><script>alert(1)</script>')
    page = shown(as_(reviewer))

    assert "<b>Refund" not in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("name", ["reviewer", "admin", "requester", "stranger"])
def test_it_costs_the_same_however_much_there_is(
    as_: SignIn, decide: Decide, ask: Ask, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    viewer = User.objects.filter(username=name).first() or person(
        name, *(["admins"] if name == "admin" else [])
    )
    client = as_(viewer)
    for number in range(12):
        decide(step=f"step {number}", person=person(f"reviewer {number}"))
        ask()

    with django_assert_max_num_queries(MOST_QUERIES):
        client.get("/insights/")


@pytest.mark.parametrize("days", [7, 30, 90, 365])
def test_it_stays_small(as_: SignIn, decide: Decide, ask: Ask, reviewer: User, days: int) -> None:
    for number in range(30):
        decide("reject", on_reject="retry", step=f"a step with a name {number}", days_ago=number)
        decide(step=f"a step with a name {number}", days_ago=3 * number, person=None)
    Requirement.objects.filter(id=ask().id).update(step_name="check")

    assert len(as_(reviewer).get(f"/insights/?days={days}").content) < LARGEST
