"""What old runs held is taken away; that they ran, and who decided, stays and can be proven."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hitl_portal.inbox.models import SearchText
from tests.workflows.driving import a_flow, decide, events_of, paused, work
from workflows import Step
from workflows.acting import Actor
from workflows.audit.verifying import Whole, verify
from workflows.errors import WrongStatus
from workflows.models import Comment, Decision, Requirement, Value, WorkflowRun
from workflows.repair import restart_run
from workflows.retention import erase_run
from workflows.services import comment_on_run, fork_run, retry_run, start_run
from workflows.types import RunStatus, UserInputField

pytestmark = pytest.mark.django_db

SECRET = "DE02 1203 0000"
OPERATOR = Actor(name="operator", channel="command")


@pytest.fixture
def ended(reviewer: User) -> WorkflowRun:
    """Give a run that is over, with a secret wherever one can be."""
    fields = [UserInputField(name="iban", field_type="str")]
    pay = Step(
        "pay",
        lambda given: f"paid to {SECRET}",
        requires_user_input=True,
        user_input_schema=fields,
        user_input_message=f"Instead of {SECRET}?",
    )
    flow = a_flow(pay)
    requirement = paused(flow, f"pay {SECRET}")
    comment_on_run(requirement.run_id, f"is {SECRET} right?", actor=Actor.of(reviewer))
    decide(requirement, reviewer, values={"iban": SECRET}, feedback=f"It is {SECRET}")
    return work(flow)


def everything(run: WorkflowRun) -> str:
    """All that is kept of a run."""
    rows = [
        *Value.objects.filter(run=run).values_list("data"),
        *Requirement.objects.filter(run=run).values_list("message", "details"),
        *Decision.objects.filter(requirement__run=run).values_list("feedback", "answer"),
        *Comment.objects.filter(run=run).values_list("text"),
        *run.records.values_list("memo"),
        *run.events.values_list("data"),
        *SearchText.objects.filter(requirement__run=run).values_list("text"),
        (run.summary, run.outcome, run.session.state),
    ]
    return str(rows)


def test_nothing_of_it_is_left(ended: WorkflowRun) -> None:
    assert SECRET in everything(ended)

    run = erase_run(ended.id, actor=OPERATOR)
    assert SECRET not in everything(run)


def test_that_it_ran_and_who_decided_stays_and_is_proven(ended: WorkflowRun) -> None:
    before = events_of(ended)
    erase_run(ended.id, actor=OPERATOR)

    assert events_of(ended) == [*before, "RunErased"]
    assert Decision.objects.get().actor == "reviewer"
    verify(Whole())


def test_its_pages_still_open(ended: WorkflowRun, reviewer: User, client: Client) -> None:
    erase_run(ended.id, actor=OPERATOR)
    client.force_login(reviewer)
    requirement = Requirement.objects.get()

    for address in (
        reverse("runs:detail", args=[ended.id]),
        reverse("inbox:detail", args=[requirement.id]),
        reverse("runs:list"),
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert SECRET not in page.content.decode()


def test_a_second_time_nothing_happens(ended: WorkflowRun) -> None:
    for _ in range(2):
        erase_run(ended.id, actor=OPERATOR)

    assert events_of(ended).count("RunErased") == 1


def test_a_run_that_goes_on_keeps_what_it_needs(reviewer: User) -> None:
    a_flow(Step("pay", lambda given: "paid"), id="other")
    run = start_run("other", "x", actor=Actor.of(reviewer), source="portal")

    with pytest.raises(WrongStatus):
        erase_run(run.id, actor=OPERATOR)


@pytest.mark.parametrize("go_on", [retry_run, restart_run, partial(fork_run, path="pay")])
def test_no_run_begins_with_what_is_left(ended: WorkflowRun, admin: User, go_on: Callable[..., Any]) -> None:
    WorkflowRun.objects.update(status=RunStatus.error)
    erase_run(ended.id, actor=OPERATOR)

    with pytest.raises(WrongStatus, match="erased"):
        go_on(ended.id, actor=Actor.of(admin))
    assert WorkflowRun.objects.count() == 1


def test_its_page_offers_no_way_on(ended: WorkflowRun, admin: User, client: Client) -> None:
    client.force_login(admin)
    page = reverse("runs:detail", args=[ended.id])
    fork = reverse("runs:fork", args=[ended.id])
    assert fork in client.get(page).content.decode()

    erase_run(ended.id, actor=OPERATOR)
    assert fork not in client.get(page).content.decode()
    assert client.get(f"{fork}?path=pay").status_code == 409


def test_the_command_takes_those_that_ended_long_ago(ended: WorkflowRun) -> None:
    def said(*options: str) -> str:
        out = StringIO()
        call_command("erase", *options, stdout=out)
        return out.getvalue()

    assert said("--older-than", "1") == "0 runs are erased.\n"
    WorkflowRun.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert said("--older-than", "1", "--dry-run") == "1 runs would be erased.\n"
    assert said("--older-than", "1") == "1 runs are erased.\n"
    assert said("--older-than", "1") == "0 runs are erased.\n"
