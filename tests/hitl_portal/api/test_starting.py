"""Starting, ending, retrying and forking runs."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.api.conftest import Call, is_problem, token_of
from workflows.models import Workflow, WorkflowRun

ORDER = {"order_id": 7, "amount": 249.5}


@pytest.mark.usefixtures("workflow")
def test_it_puts_a_run_into_the_queue(call: Call, requester: User) -> None:
    answer = call(requester, "/runs", json={"workflow": "refund", "input": ORDER, "priority": "high"})
    run = WorkflowRun.objects.get()
    assert (answer.status_code, answer.json()["run_id"]) == (202, str(run.id))
    assert answer.headers["Location"].endswith(f"/api/v1/runs/{run.id}")
    assert (run.source, run.requested_by, run.priority) == ("api:requester", requester, 3)


@pytest.mark.usefixtures("workflow")
def test_the_same_key_is_the_same_run(call: Call, requester: User) -> None:
    key, body = {"Idempotency-Key": "order-7"}, {"workflow": "refund", "input": ORDER}
    first, again = (call(requester, "/runs", headers=key, json=body) for _ in range(2))
    assert first.json()["run_id"] == again.json()["run_id"]
    assert WorkflowRun.objects.count() == 1


@pytest.mark.parametrize("other", [{"input": {"order_id": 8}}, {"session_id": "s"}, {"queue_key": "k"}])
@pytest.mark.usefixtures("workflow")
def test_the_same_key_with_something_else_is_refused(
    call: Call, requester: User, other: dict[str, Any]
) -> None:
    key, body = {"Idempotency-Key": "order-7"}, {"workflow": "refund", "input": ORDER}
    call(requester, "/runs", headers=key, json=body)
    answer = call(requester, "/runs", headers=key, json=body | other)
    assert is_problem(answer, 422, "idempotency-conflict")


@pytest.mark.usefixtures("workflow")
def test_a_key_is_its_callers_own(call: Call, requester: User, reviewer: User) -> None:
    key, body = {"Idempotency-Key": "order-7"}, {"workflow": "refund", "input": ORDER}
    ids = {call(who, "/runs", headers=key, json=body).json()["run_id"] for who in (requester, reviewer)}
    assert len(ids) == 2


def test_a_workflow_that_is_not_there_or_off_is_told(call: Call, workflow: Workflow, requester: User) -> None:
    assert is_problem(call(requester, "/runs", json={"workflow": "none"}), 422, "unknown-workflow")
    Workflow.objects.filter(id=workflow.id).update(enabled=False)
    assert is_problem(call(requester, "/runs", json={"workflow": "refund"}), 409, "workflow-disabled")


def test_an_input_that_does_not_fit_is_pointed_at(call: Call, workflow: Workflow, requester: User) -> None:
    schema = {"type": "object", "properties": {"order_id": {"type": "integer"}}, "required": ["order_id"]}
    Workflow.objects.filter(id=workflow.id).update(input_schema=schema)
    answer = call(requester, "/runs", json={"workflow": "refund", "input": {"order_id": "seven"}})
    assert is_problem(answer, 422, "validation")
    assert answer.json()["errors"][0]["pointer"] == "/input/order_id"


@pytest.mark.parametrize(
    "body", ['{"workflow": "refund", "input": NaN}', "[]", "{", '{"workflow": "a\\u0000"}']
)
def test_what_cannot_be_read_or_kept_is_malformed(as_: Any, requester: User, body: str) -> None:
    answer = as_(requester).post("/api/v1/runs", body, content_type="application/json")
    assert is_problem(answer, 400, "malformed")


def test_a_requester_ends_their_own_run_once(call: Call, run: WorkflowRun, requester: User) -> None:
    assert call(requester, f"/runs/{run.id}/cancel", json={}).json()["status"] == "CANCELLED"
    assert is_problem(call(requester, f"/runs/{run.id}/cancel", json={}), 409, "run-finished")


def test_a_reviewer_ends_no_run_of_others(call: Call, run: WorkflowRun, reviewer: User) -> None:
    assert is_problem(call(reviewer, f"/runs/{run.id}/cancel", json={}), 403, "not-eligible")


def test_only_what_has_failed_is_retried_and_by_admins(
    call: Call, run: WorkflowRun, admin: User, requester: User
) -> None:
    assert is_problem(call(requester, f"/runs/{run.id}/retry", json={}), 403, "not-eligible")
    assert is_problem(call(admin, f"/runs/{run.id}/retry", json={}), 409, "conflict")
    WorkflowRun.objects.update(status="ERROR")
    new = call(admin, f"/runs/{run.id}/retry", json={}).json()["run_id"]
    assert call(admin, f"/runs/{run.id}/retry", json={}).json()["run_id"] == new


def test_a_fork_needs_a_step_that_there_is(call: Call, run: WorkflowRun, admin: User) -> None:
    answer = call(admin, f"/runs/{run.id}/fork", json={"path": "nowhere"})
    assert is_problem(answer, 422, "unknown-step")
    assert answer.json()["errors"][0]["pointer"] == "/path"


@pytest.mark.usefixtures("workflow")
def test_the_log_says_by_which_token(call: Call, requester: User) -> None:
    call(token_of(requester, "start", name="shop"), "/runs", json={"workflow": "refund", "input": ORDER})
    event = WorkflowRun.objects.get().events.get()
    assert (event.actor, event.data["via"]) == ("requester", "token shop")
