"""A run that cannot go on as it is: admins have it tried again, start it anew, or end it."""

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.outlines import kept, outline_of, step
from workflows.models import WorkflowRun
from workflows.types import RunStatus


@pytest.fixture
def run(run: WorkflowRun) -> WorkflowRun:
    """Give a run that stopped because its definition changed."""
    WorkflowRun.objects.update(status=RunStatus.definition_changed, outcome="The definition has no 'pay'")
    run.refresh_from_db()
    return run


def page_of(as_: SignIn, user: User, run: WorkflowRun) -> str:
    return as_(user).get(f"/runs/{run.id}/").content.decode()


def test_an_admin_is_told_what_differs_and_has_three_ways(as_: SignIn, run: WorkflowRun, admin: User) -> None:
    page = page_of(as_, admin, run)
    assert "The workflow has changed under this run" in page
    assert "The definition has no &#x27;pay&#x27;" in page
    for way in ("repoint", "restart", "cancel"):
        assert page.count(f"/runs/{run.id}/{way}/") == 1


def test_who_asked_for_its_end_in_vain_can_ask_again(as_: SignIn, run: WorkflowRun, requester: User) -> None:
    WorkflowRun.objects.update(cancel_requested_by="requester")
    assert f"/runs/{run.id}/cancel/" in page_of(as_, requester, run)


def test_what_ran_and_is_gone_is_named(as_: SignIn, run: WorkflowRun, admin: User) -> None:
    for path in ("", "check", "prepare"):
        kept(run, path)
    page = page_of(as_, admin, run)
    assert "<strong>prepare</strong>" in page
    assert "<strong>check</strong>" not in page


@pytest.mark.parametrize("name", ["reviewer", "requester"])
def test_others_are_told_that_an_admin_decides(
    request: pytest.FixtureRequest, as_: SignIn, run: WorkflowRun, name: str
) -> None:
    user = request.getfixturevalue(name)
    page = page_of(as_, user, run)
    assert "An admin decides how it goes on." in page
    assert "/repoint/" not in page
    for way in ("repoint", "restart"):
        assert as_(user).post(f"/runs/{run.id}/{way}/").status_code == 403
    assert WorkflowRun.objects.get().status == RunStatus.definition_changed


def test_a_stranger_finds_nothing(as_: SignIn, run: WorkflowRun, stranger: User) -> None:
    for way in ("repoint", "restart"):
        assert as_(stranger).post(f"/runs/{run.id}/{way}/").status_code == 404


def test_it_is_tried_again(as_: SignIn, run: WorkflowRun, admin: User) -> None:
    client = as_(admin)
    assert client.get(f"/runs/{run.id}/repoint/").status_code == 405
    response = client.post(f"/runs/{run.id}/repoint/", follow=True)
    assert "admin had it tried with the definition of now." in response.content.decode()
    assert WorkflowRun.objects.get().status == RunStatus.running


def test_who_comes_late_is_told_so(as_: SignIn, run: WorkflowRun, admin: User) -> None:
    WorkflowRun.objects.update(status=RunStatus.paused)
    for way in ("repoint", "restart"):
        response = as_(admin).post(f"/runs/{run.id}/{way}/")
        assert response.status_code == 409
        assert "does not stand where this is possible" in response.content.decode()


def test_starting_anew_is_asked_first_with_what_cannot_be_undone(
    as_: SignIn, run: WorkflowRun, admin: User
) -> None:
    run.workflow.outline = outline_of(step("look"), step("pay", irreversible=True))
    run.workflow.save()
    for path in ("look", "pay"):
        kept(run, path)
    page = as_(admin).get(f"/runs/{run.id}/restart/").content.decode()
    assert "Start this run anew?" in page
    assert "<li>pay</li>" in page
    assert "<li>look</li>" not in page
    assert WorkflowRun.objects.count() == 1


def test_the_two_runs_lead_to_each_other(as_: SignIn, run: WorkflowRun, admin: User) -> None:
    response = as_(admin).post(f"/runs/{run.id}/restart/")
    fresh = WorkflowRun.objects.exclude(id=run.id).get()
    assert response.headers["Location"] == f"/runs/{fresh.id}/"
    assert f'href="/runs/{run.id}/"' in page_of(as_, admin, fresh)
    old = page_of(as_, admin, run)
    assert f'href="/runs/{fresh.id}/"' in old
    assert "/restart/" not in old


def test_a_run_that_failed_can_be_started_anew(
    as_: SignIn, run: WorkflowRun, admin: User, requester: User
) -> None:
    WorkflowRun.objects.update(status=RunStatus.error)
    assert f"/runs/{run.id}/restart/" in page_of(as_, admin, run)
    assert "/restart/" not in page_of(as_, requester, run)
    assert as_(admin).post(f"/runs/{run.id}/restart/").status_code == 302


def test_what_is_switched_off_is_not_started_anew(as_: SignIn, run: WorkflowRun, admin: User) -> None:
    run.workflow.enabled = False
    run.workflow.save()
    response = as_(admin).post(f"/runs/{run.id}/restart/")
    assert response.status_code == 409
    assert "switched off" in response.content.decode()
