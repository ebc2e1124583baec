"""Ending a run: asked first, then done."""

from django.contrib.auth.models import User

from tests.hitl_portal.conftest import SignIn
from workflows.models import WorkflowRun
from workflows.types import RunStatus


def test_its_page_ends_nothing(as_: SignIn, run: WorkflowRun, requester: User) -> None:
    response = as_(requester).get(f"/runs/{run.id}/cancel/")
    assert "End this run?" in response.content.decode()
    run.refresh_from_db()
    assert run.status == RunStatus.paused


def test_its_button_ends_the_run(as_: SignIn, run: WorkflowRun, requester: User) -> None:
    response = as_(requester).post(f"/runs/{run.id}/cancel/")
    assert response.headers["Location"] == f"/runs/{run.id}/"
    run.refresh_from_db()
    assert run.status == RunStatus.cancelled


def test_an_admin_may(as_: SignIn, run: WorkflowRun, admin: User) -> None:
    assert as_(admin).post(f"/runs/{run.id}/cancel/").status_code == 302


def test_a_reviewer_may_not_and_is_not_offered_it(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    client = as_(reviewer)
    assert client.post(f"/runs/{run.id}/cancel/").status_code == 403
    assert "End this run" not in client.get(f"/runs/{run.id}/").content.decode()
    run.refresh_from_db()
    assert run.status == RunStatus.paused


def test_a_run_that_has_ended_says_so(as_: SignIn, run: WorkflowRun, requester: User) -> None:
    WorkflowRun.objects.update(status=RunStatus.completed)
    response = as_(requester).post(f"/runs/{run.id}/cancel/")
    assert response.status_code == 409
    assert "The run has ended already." in response.content.decode()
