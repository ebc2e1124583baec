"""The list of runs."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import SignIn, new_run
from workflows.models import Workflow, WorkflowRun
from workflows.types import RunStatus


def test_a_reviewer_sees_every_run(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    page = as_(reviewer).get("/runs/").content.decode()
    assert f"/runs/{run.id}/" in page
    assert "requester" in page


def test_a_requester_sees_their_own(as_: SignIn, run: WorkflowRun, requester: User, stranger: User) -> None:
    assert str(run.id) in as_(requester).get("/runs/").content.decode()
    assert str(run.id) not in as_(stranger).get("/runs/").content.decode()


def test_nobody_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/runs/").headers["Location"] == "/accounts/sign-in/?next=/runs/"


def test_it_shows_one_status(as_: SignIn, workflow: Workflow, reviewer: User) -> None:
    paused = new_run(workflow, reviewer)
    done = new_run(workflow, reviewer, status=RunStatus.completed)
    page = as_(reviewer).get("/runs/?status=COMPLETED").content.decode()
    assert str(done.id) in page
    assert str(paused.id) not in page


def test_an_unknown_status_shows_all(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    assert str(run.id) in as_(reviewer).get("/runs/?status=ASLEEP").content.decode()


def test_pages_keep_the_filter(as_: SignIn, workflow: Workflow, reviewer: User) -> None:
    runs = [new_run(workflow, reviewer) for _number in range(51)]
    client = as_(reviewer)
    page = client.get("/runs/?status=PAUSED").content.decode()
    after = f"{runs[1].created_at.isoformat()}~{runs[1].id}"
    assert (
        f'rel="next" href="/runs/?{urlencode({"status": "PAUSED", "after": after})}"'.replace("&", "&amp;")
        in page
    )
    rest = client.get("/runs/", {"status": "PAUSED", "after": after}).content.decode()
    assert rest.count('id="run-0') == 1
    assert str(runs[0].id) in rest


@pytest.mark.parametrize("status", RunStatus)
def test_every_status_has_a_name(as_: SignIn, workflow: Workflow, reviewer: User, status: RunStatus) -> None:
    run = new_run(workflow, reviewer, status=status)
    page = as_(reviewer).get(f"/runs/{run.id}/").content.decode()
    assert f'data-status="{status}"' in page


@pytest.mark.parametrize("number", [1, 12])
def test_it_takes_eight_queries_however_many_runs(
    as_: SignIn, workflow: Workflow, reviewer: User, django_assert_max_num_queries: Any, number: int
) -> None:
    for _run in range(number):
        new_run(workflow, reviewer)
    client = as_(reviewer)
    with django_assert_max_num_queries(8):
        client.get("/runs/")
