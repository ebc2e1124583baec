"""Trying again what failed, and forking at a step: what is asked first, who may, and what both runs then show."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import SignIn
from tests.workflows.driving import a_flow, asked_by, decide, drive_only, started
from workflows import Loop, Step, StepInput, Steps, Workflow
from workflows.models import Requirement, WorkflowRun
from workflows.services import Actor
from workflows.types import RunStatus

broken = {"is": False}


def look(step_input: StepInput) -> Any:
    """Give what was asked for."""
    return f"looked at {step_input.input}"


def pay(step_input: StepInput) -> Any:
    """Fail while the bank is closed."""
    if broken["is"]:
        raise ValueError("closed")
    return f"paid for {step_input.previous_step_content}"


@pytest.fixture
def flow(db: None) -> Workflow:
    """Give a workflow whose payment fails at first."""
    broken["is"] = True
    last = Step("pay", pay, irreversible=True, max_retries=0, on_error="fail")
    return a_flow(
        Loop(
            [Step("look", look), Steps(name="both", steps=[Step("again", look)])],
            name="loop",
            max_iterations=2,
        ),
        last,
    )


@pytest.fixture
def failed(flow: Workflow, requester: User) -> WorkflowRun:
    """Give a run of it that has failed."""
    run = drive_only(started(flow, "order 7", actor=Actor.of(requester)), flow)
    broken["is"] = False
    return run


def page_of(client: Client, run: WorkflowRun) -> str:
    return client.get(f"/runs/{run.id}/").content.decode()


def typed(client: Client, run: WorkflowRun, path: str, **fields: str) -> dict[str, str]:
    """What the form of a fork sends."""
    page = client.get(f"/runs/{run.id}/fork/", {"path": path}).content.decode()
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    return {"key": key.group(1), "reads": "text"} | fields


class TestRetry:
    def test_it_is_asked_first_with_what_cannot_be_undone(
        self, as_: SignIn, failed: WorkflowRun, admin: User
    ) -> None:
        assert f"/runs/{failed.id}/retry/" in page_of(as_(admin), failed)
        page = as_(admin).get(f"/runs/{failed.id}/retry/").content.decode()
        assert "A new run goes on from “pay”." in page
        assert "<li>pay</li>" in page
        assert "4 steps, which are not run again" in page
        assert WorkflowRun.objects.count() == 1

    def test_the_two_runs_lead_to_each_other(
        self, as_: SignIn, failed: WorkflowRun, flow: Workflow, admin: User
    ) -> None:
        client = as_(admin)
        response = client.post(f"/runs/{failed.id}/retry/")
        new = WorkflowRun.objects.exclude(id=failed.id).get()
        assert response.headers["Location"] == f"/runs/{new.id}/"
        assert drive_only(new, flow).status == RunStatus.completed
        after, before = page_of(client, new), page_of(client, failed)
        assert f'href="/runs/{failed.id}/"' in after
        assert "It tries again what failed at <code>pay</code>" in after
        assert f'href="/runs/{new.id}/"' in before
        assert "/retry/" not in before
        assert after.count(">kept</span>") == 9

    def test_who_comes_late_is_told_so(self, as_: SignIn, failed: WorkflowRun, admin: User) -> None:
        WorkflowRun.objects.update(status=RunStatus.completed)
        for response in (
            as_(admin).get(f"/runs/{failed.id}/retry/"),
            as_(admin).post(f"/runs/{failed.id}/retry/"),
        ):
            assert response.status_code == 409


class TestFork:
    def test_the_form_has_what_the_step_got(self, as_: SignIn, failed: WorkflowRun, admin: User) -> None:
        page = as_(admin).get(f"/runs/{failed.id}/fork/?path=pay").content.decode()
        assert "Fork at “pay”" in page
        assert "looked at order 7</textarea>" in page
        assert "<li>pay</li>" in page

    def test_another_input_goes_to_the_step(
        self, as_: SignIn, failed: WorkflowRun, flow: Workflow, admin: User
    ) -> None:
        client = as_(admin)
        sent = typed(client, failed, "pay", given="order 8")
        first = client.post(f"/runs/{failed.id}/fork/?path=pay", sent)
        second = client.post(f"/runs/{failed.id}/fork/?path=pay", sent)
        assert first.headers["Location"] == second.headers["Location"]
        new = drive_only(WorkflowRun.objects.exclude(id=failed.id).get(), flow)
        assert new.output is not None
        assert new.output.plain()["content"] == "paid for order 8"
        assert new.requested_by == admin

    def test_what_is_no_json_is_told_at_its_field(
        self, as_: SignIn, failed: WorkflowRun, admin: User
    ) -> None:
        client = as_(admin)
        sent = typed(client, failed, "pay", given="{", reads="json")
        response = client.post(f"/runs/{failed.id}/fork/?path=pay", sent)
        assert response.status_code == 422
        assert "This is not JSON" in response.content.decode()
        assert WorkflowRun.objects.count() == 1

    def test_what_is_left_as_it_is_stays_what_it_was(
        self, as_: SignIn, failed: WorkflowRun, flow: Workflow, admin: User
    ) -> None:
        client = as_(admin)
        sent = typed(client, failed, "loop/2/look", given="order 7")
        client.post(f"/runs/{failed.id}/fork/?path=loop/2/look", sent)
        new = WorkflowRun.objects.exclude(id=failed.id).get()
        assert not new.values.filter(slot="given:").exists()

    @pytest.mark.parametrize("path", ["", "nowhere", "loop/2", "loop/9/look"])
    def test_where_the_run_has_not_been_there_is_nothing(
        self, as_: SignIn, failed: WorkflowRun, admin: User, path: str
    ) -> None:
        assert as_(admin).get(f"/runs/{failed.id}/fork/", {"path": path}).status_code == 404

    def test_a_run_with_something_under_way_is_not_forked(
        self, as_: SignIn, failed: WorkflowRun, admin: User
    ) -> None:
        WorkflowRun.objects.update(status=RunStatus.running)
        assert as_(admin).get(f"/runs/{failed.id}/fork/?path=pay").status_code == 409
        assert "/fork/" not in page_of(as_(admin), failed)

    def test_steps_can_be_forked_at_and_rounds_cannot(
        self, as_: SignIn, failed: WorkflowRun, admin: User
    ) -> None:
        page = page_of(as_(admin), failed)
        assert f"/runs/{failed.id}/fork/?path=loop%2F2%2Flook" in page
        assert f"/runs/{failed.id}/fork/?path=loop%2F2&quot;" not in page

    def test_what_was_decided_before_is_shown_with_its_run(
        self, as_: SignIn, reviewer: User, requester: User, admin: User
    ) -> None:
        broken["is"] = False
        flow = a_flow(Step("look", look, requires_confirmation=True), Step("pay", pay))
        old = drive_only(started(flow, "order 7", actor=Actor.of(requester)), flow)
        decide(asked_by(old), reviewer)
        Requirement.objects.update(release_at=None)
        WorkflowRun.objects.update(wake_at=old.created_at)
        drive_only(old, flow)
        client = as_(admin)
        client.post(f"/runs/{old.id}/fork/?path=pay", typed(client, old, "pay", given="order 8"))
        page = page_of(client, WorkflowRun.objects.exclude(id=old.id).get())
        assert "What people had decided before" in page
        assert "<strong>reviewer</strong> approved" in page


@pytest.mark.parametrize("name", ["reviewer", "requester"])
def test_others_are_not_offered_it(
    request: pytest.FixtureRequest, as_: SignIn, failed: WorkflowRun, name: str
) -> None:
    client = as_(request.getfixturevalue(name))
    page = page_of(client, failed)
    for way in ("retry/", "fork/?path=pay"):
        assert f"/runs/{failed.id}/{way}" not in page
        assert client.get(f"/runs/{failed.id}/{way}").status_code == 403
        assert client.post(f"/runs/{failed.id}/{way}").status_code == 403


def test_a_stranger_finds_nothing(as_: SignIn, failed: WorkflowRun, stranger: User) -> None:
    for way in ("retry/", "fork/?path=pay", "time/", "events/", "rounds/?path=loop&before=2"):
        assert as_(stranger).get(f"/runs/{failed.id}/{way}").status_code == 404
