"""What old runs held is taken away; that they ran, and who decided, stays and can be proven."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hitl_portal.inbox.models import SearchText
from tests.workflows.driving import a_flow, decide, events_of, paused, work
from workflows import Step
from workflows.acting import Actor
from workflows.audit.verifying import Whole, verify
from workflows.errors import WrongStatus
from workflows.ids import new_id
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


def erase(*options: str) -> str:
    """What the command says."""
    out = StringIO()
    call_command("erase", *options, stdout=out)
    return out.getvalue()


def test_the_command_takes_those_that_ended_long_ago(ended: WorkflowRun) -> None:
    assert erase("--older-than", "1") == "0 runs are erased.\n"
    WorkflowRun.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert erase("--older-than", "1", "--dry-run") == "1 runs would be erased.\n"
    assert erase("--older-than", "1") == "1 runs are erased.\n"
    assert erase("--older-than", "1") == "0 runs are erased.\n"


def test_the_command_takes_one_run(ended: WorkflowRun) -> None:
    run = ("--run", str(ended.id))

    assert erase(*run, "--dry-run") == "1 runs would be erased.\n"
    assert SECRET in everything(ended)
    assert erase(*run) == "1 runs are erased.\n"
    assert SECRET not in everything(WorkflowRun.objects.get())
    assert erase(*run) == "0 runs are erased.\n"


def test_the_command_refuses_a_run_that_has_not_ended_and_one_that_is_not(reviewer: User) -> None:
    a_flow(Step("pay", lambda given: "paid"), id="other")
    run = start_run("other", "x", actor=Actor.of(reviewer), source="portal")

    for id, why in ((run.id, "has not ended"), (new_id(), "There is no run")):
        with pytest.raises(CommandError, match=why):
            erase("--run", str(id))
    with pytest.raises(CommandError, match="required"):
        erase()
    with pytest.raises(CommandError, match="not allowed with"):
        erase("--run", str(run.id), "--older-than", "1")


def test_what_keeps_it_apart_from_others_stays_but_its_place_in_the_queue(ended: WorkflowRun) -> None:
    WorkflowRun.objects.update(queue_key="customer-42", external_id="order-7")
    erase_run(ended.id, actor=OPERATOR)
    run = WorkflowRun.objects.get()

    assert (run.queue_key, run.external_id, run.session_id) == ("", "order-7", ended.session_id)
