"""Approvals over HTTP: records of tools whose use an admin decides (spec 4.6, 4.7, H3)."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.api.conftest import Call, is_problem
from tests.hitl_portal.conftest import Ask, SignIn
from tests.hitl_portal.tools import AGENT, MEMBER, ask_about_tool
from workflows.models import Decision, Requirement, Workflow
from workflows.services import Actor, resolve
from workflows.types import Action, Answer


def decided(requirement: Requirement, admin: User, action: Action = Action.approve) -> Requirement:
    """The same, after an admin's answer."""
    resolve(requirement.id, revision=1, answer=Answer(action=action), actor=Actor.of(admin, "api"))
    return requirement


def test_a_record_says_who_wants_what(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask, approval="required")
    record = call(reviewer, f"/approvals/{asked.id}").json()
    assert record["id"] == str(asked.id)
    assert (record["status"], record["approval_type"]) == ("pending", "required")
    assert (record["tool_name"], record["tool_args"]) == ("pay_refund", {"order": "A-7", "amount": 120.0})
    assert (record["source_type"], record["workflow_id"], record["user_id"]) == (
        "workflow",
        "refund",
        "requester",
    )


def test_the_newest_comes_first_and_pages_are_counted(call: Call, ask: Ask, reviewer: User) -> None:
    asked = [ask_about_tool(ask, approval="required") for _ in range(3)]
    page = call(reviewer, "/approvals", limit=2).json()
    assert [each["id"] for each in page["data"]] == [str(asked[2].id), str(asked[1].id)]
    assert page["meta"] == {"page": 1, "limit": 2, "total_count": 3, "total_pages": 2}
    assert len(call(reviewer, "/approvals", limit=2, page=2).json()["data"]) == 1


def test_only_what_needs_an_approval_is_listed_and_an_audit_once_decided(
    call: Call, ask: Ask, reviewer: User, admin: User
) -> None:
    ask_about_tool(ask)
    audited = ask_about_tool(ask, approval="audit")
    assert call(reviewer, "/approvals").json()["data"] == []
    decided(audited, admin)
    (record,) = call(reviewer, "/approvals").json()["data"]
    assert (record["status"], record["approval_type"], record["resolved_by"]) == (
        "approved",
        "audit",
        "admin",
    )


@pytest.mark.parametrize("status", ["pending", "approved", "rejected", "cancelled", "expired"])
def test_a_status_is_asked_for(call: Call, ask: Ask, reviewer: User, admin: User, status: str) -> None:
    asked = {name: ask_about_tool(ask, approval="required") for name in ("pending", "approved", "rejected")}
    decided(asked["approved"], admin)
    decided(asked["rejected"], admin, Action.reject)
    asked["cancelled"] = ask_about_tool(ask, approval="required")
    Requirement.objects.filter(id=asked["cancelled"].id).update(status="withdrawn")
    found = call(reviewer, "/approvals", status=status).json()["data"]
    assert [each["id"] for each in found] == [str(asked[name].id) for name in asked if name == status]
    assert all(each["status"] == status for each in found)


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({"workflow_id": "refund"}, 2),
        ({"workflow_id": "other"}, 0),
        ({"source_type": "workflow"}, 2),
        ({"source_type": "agent"}, 0),
        ({"agent_id": "desk"}, 1),
        ({"agent_id": "writer"}, 1),
        ({"team_id": "office"}, 1),
        ({"pause_type": "external_execution"}, 1),
        ({"pause_type": "nonsense"}, 0),
        ({"user_id": "requester"}, 2),
        ({"user_id": "nobody"}, 0),
        ({"schedule_id": "x"}, 0),
        ({"run_id": "nonsense"}, 0),
        ({"approval_type": "audit"}, 0),
        ({"status": "nonsense"}, 0),
    ],
)
def test_a_field_is_asked_for(
    call: Call, ask: Ask, reviewer: User, wanted: dict[str, str], number: int
) -> None:
    ask_about_tool(ask, approval="required")
    office = AGENT | {"id": "office", "type": "team"}
    ask_about_tool(ask, "external_execution", approval="required", executor=office, member=MEMBER)
    assert call(reviewer, "/approvals", **wanted).json()["meta"]["total_count"] == number


def test_an_agent_alone_is_its_source(call: Call, ask: Ask, workflow: Workflow, reviewer: User) -> None:
    Workflow.objects.update(name="agent-desk")
    asked = ask_about_tool(ask, approval="required")
    (record,) = call(reviewer, "/approvals", source_type="agent", run_id=str(asked.run_id)).json()["data"]
    assert (record["source_type"], record["workflow_id"]) == ("agent", None)


def test_it_counts_what_waits(call: Call, ask: Ask, reviewer: User, admin: User) -> None:
    ask_about_tool(ask, approval="required")
    decided(ask_about_tool(ask, approval="required"), admin)
    assert call(reviewer, "/approvals/count").json() == {"count": 1}


def test_everybody_sees_their_own(call: Call, ask: Ask, requester: User, stranger: User) -> None:
    asked = ask_about_tool(ask, approval="required")
    assert call(requester, "/approvals/count").json() == {"count": 1}
    assert call(stranger, "/approvals").json()["data"] == []
    assert is_problem(call(stranger, f"/approvals/{asked.id}"), 404, "not-found")


def test_a_status_can_be_polled(call: Call, ask: Ask, reviewer: User, admin: User) -> None:
    asked = decided(ask_about_tool(ask, approval="required"), admin)
    told = call(reviewer, f"/approvals/{asked.id}/status").json()
    assert (told["status"], told["resolved_by"]) == ("approved", "admin")
    assert told["resolved_at"] > 0


def test_an_admin_resolves(call: Call, ask: Ask, admin: User) -> None:
    asked = ask_about_tool(ask, approval="required")
    sent = {"status": "approved", "resolved_by": "somebody else"}
    record = call(admin, f"/approvals/{asked.id}/resolve", json=sent).json()
    assert (record["status"], record["resolved_by"]) == ("approved", "admin")


@pytest.mark.parametrize(
    ("kind", "data", "saved"),
    [
        ("tool_confirmation", {"args": {"order": "B", "amount": 1.0}}, {"action": "edit"}),
        ("tool_input", {"values": {"amount": 2.5}}, {"values": {"amount": 2.5}}),
        ("external_execution", {"result": "done"}, {"content": "done"}),
    ],
)
def test_a_resolution_says_more_than_yes(
    call: Call, ask: Ask, admin: User, kind: str, data: Any, saved: dict[str, Any]
) -> None:
    asked = ask_about_tool(ask, kind, approval="required")
    sent = {"status": "approved", "resolution_data": data}
    assert call(admin, f"/approvals/{asked.id}/resolve", json=sent).status_code == 200
    assert saved.items() <= Decision.objects.get().answer.items()


def test_the_second_resolution_is_409(call: Call, ask: Ask, admin: User) -> None:
    asked = ask_about_tool(ask, approval="required")
    address = f"/approvals/{asked.id}/resolve"
    call(admin, address, json={"status": "rejected"})
    response = call(admin, address, json={"status": "approved"})
    assert is_problem(response, 409, "already-decided")
    assert response.json()["detail"] == "Approval is already 'rejected' and cannot be resolved"


@pytest.mark.parametrize("address", ["", "/status"])
def test_an_unknown_one_is_404(call: Call, admin: User, address: str) -> None:
    assert is_problem(call(admin, f"/approvals/{uuid4()}{address}"), 404, "not-found")
    response = call(admin, f"/approvals/{uuid4()}/resolve", json={"status": "approved"})
    assert is_problem(response, 404, "not-found")


@pytest.mark.parametrize(
    "sent",
    [
        {"status": "maybe"},
        {"status": "pending"},
        {},
        {"status": 5},
        {"status": "approved", "resolution_data": []},
        {"status": "approved", "resolution_data": {"args": {"nonsense": 1}}},
        {"status": "approved", "resolution_data": {"args": [1]}},
    ],
)
def test_what_is_no_decision_is_422(call: Call, ask: Ask, admin: User, sent: Any) -> None:
    asked = ask_about_tool(ask, approval="required")
    assert is_problem(call(admin, f"/approvals/{asked.id}/resolve", json=sent), 422, "validation")
    assert Requirement.objects.get().is_open


def test_a_high_risk_is_approved_on_its_card(call: Call, ask: Ask, admin: User) -> None:
    asked = ask_about_tool(ask, approval="required")
    Requirement.objects.update(risk="high")
    address = f"/approvals/{asked.pk}/resolve"
    assert is_problem(call(admin, address, json={"status": "approved"}), 403, "high-risk")
    assert call(admin, address, json={"status": "rejected"}).status_code == 200


def test_a_reviewer_does_not_resolve_what_an_admin_must(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask, approval="required")
    response = call(reviewer, f"/approvals/{asked.id}/resolve", json={"status": "approved"})
    assert is_problem(response, 403, "admin-approval")


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_page_has_its_limits(call: Call, reviewer: User, limit: str) -> None:
    assert is_problem(call(reviewer, "/approvals", limit=limit), 422, "validation")


@pytest.mark.parametrize("number", [1, 20])
def test_it_takes_eight_queries_however_many_there_are(
    as_: SignIn, ask: Ask, reviewer: User, django_assert_max_num_queries: Any, number: int
) -> None:
    for _ in range(number):
        ask_about_tool(ask, approval="required")
    client = as_(reviewer)
    with django_assert_max_num_queries(8):
        client.get("/api/v1/approvals")
