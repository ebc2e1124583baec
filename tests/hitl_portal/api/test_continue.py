"""Going on with a run over HTTP: the lists that it told, with answers in them (spec 4.7, H1-H3)."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.api.conftest import Call, is_problem
from tests.hitl_portal.conftest import Ask, SignIn, new_run
from tests.hitl_portal.tools import MEMBER, QUESTIONS, ask_about_tool
from workflows.models import Decision, Requirement, Workflow, WorkflowRun
from workflows.services import Actor, resolve
from workflows.types import Action, Answer


def told(call: Call, person: User, run: WorkflowRun | Any) -> dict[str, Any]:
    """The run as it stands."""
    found: dict[str, Any] = call(person, f"/runs/{run.id}").json()
    return found


def answer() -> dict[str, Any]:
    """What was decided."""
    saved: dict[str, Any] = Decision.objects.get().answer
    return saved


@pytest.mark.parametrize("kind", ["json", "form"])
def test_a_step_is_confirmed(call: Call, ask: Ask, reviewer: User, kind: str) -> None:
    run = ask().run
    (requirement,) = told(call, reviewer, run)["step_requirements"]
    sent: Any = [requirement | {"confirmed": True}]
    body = {"step_requirements": sent if kind == "json" else json.dumps(sent)}
    response = call(reviewer, f"/runs/{run.id}/continue", **{kind: body})
    assert response.status_code == 202
    assert response.json()["step_requirements"] == []
    decision = Decision.objects.get()
    assert (decision.action, decision.person, decision.channel) == ("approve", reviewer, "api")


@pytest.mark.parametrize(("confirmed", "status"), [(True, 403), (False, 202)])
def test_a_yes_to_a_high_risk_is_given_on_its_card(
    call: Call, ask: Ask, reviewer: User, confirmed: bool, status: int
) -> None:
    run = ask().run
    Requirement.objects.update(risk="high")
    (requirement,) = told(call, reviewer, run)["step_requirements"]
    sent = {"step_requirements": [requirement | {"confirmed": confirmed}]}
    assert call(reviewer, f"/runs/{run.id}/continue", json=sent).status_code == status
    assert Decision.objects.exists() is not confirmed


@pytest.mark.parametrize(
    ("kind", "asked", "given", "saved"),
    [
        ("confirmation", {}, {"confirmed": False, "rejection_feedback": "No."}, {"action": "reject"}),
        (
            "user_input",
            {"fields": [{"name": "city"}]},
            {"user_input": {"city": "Graz"}},
            {"values": {"city": "Graz"}},
        ),
        (
            "route",
            {"choices": [{"name": "a", "description": ""}]},
            {"selected_choices": ["a"]},
            {"choices": ["a"]},
        ),
        (
            "output_review",
            {"content": "draft"},
            {"edited_output": "mine", "confirmed": True},
            {"action": "edit", "content": "mine"},
        ),
    ],
)
def test_every_kind_of_answer_is_taken(
    call: Call, ask: Ask, reviewer: User, kind: str, asked: Any, given: Any, saved: Any
) -> None:
    run = ask(kind, **asked).run
    (requirement,) = told(call, reviewer, run)["step_requirements"]
    sent = {"step_requirements": [requirement | given]}
    assert call(reviewer, f"/runs/{run.id}/continue", json=sent).status_code == 202
    assert saved.items() <= answer().items()


def test_an_error_is_answered(call: Call, ask: Ask, reviewer: User) -> None:
    run = ask("error", error={"type": "E", "message": "m"}).run
    (requirement,) = told(call, reviewer, run)["error_requirements"]
    sent = {"error_requirements": [requirement | {"decision": "retry"}]}
    assert call(reviewer, f"/runs/{run.id}/continue", json=sent).status_code == 202
    assert answer()["action"] == "retry"


@pytest.mark.parametrize(
    ("kind", "given", "saved"),
    [
        ("tool_confirmation", {"confirmation": True}, {"action": "approve"}),
        ("tool_confirmation", {"confirmation": False, "confirmation_note": "No."}, {"feedback": "No."}),
        ("tool_confirmation", {"confirmation": True, "edited_args": {"order": "B", "amount": 1.0}}, {}),
        ("external_execution", {"external_execution_result": ""}, {"content": ""}),
    ],
)
@pytest.mark.parametrize("nested", [True, False])
def test_a_question_about_a_tool_is_answered(
    call: Call, ask: Ask, reviewer: User, kind: str, given: Any, saved: Any, nested: bool
) -> None:
    run = ask_about_tool(ask, kind).run
    state = told(call, reviewer, run)
    inner = state["requirements"][0] | given
    step = state["step_requirements"][0] | {"executor_requirements": [inner]}
    sent = {"step_requirements": [step]} if nested else {"requirements": [inner]}
    response = call(reviewer, f"/runs/{run.id}/continue", json=sent)
    assert response.status_code == 202, response.content
    assert saved.items() <= answer().items()
    assert answer().get("content", "") in ("", {"order": "B", "amount": 1.0})


def test_a_form_is_filled_in_at_its_fields(call: Call, ask: Ask, reviewer: User) -> None:
    run = ask_about_tool(ask, "tool_input", args={"order": "A-7"}).run
    (requirement,) = told(call, reviewer, run)["requirements"]
    for field in requirement["tool_execution"]["user_input_schema"]:
        field["value"] = {"order": "A-7", "amount": 3.5}.get(field["name"])
    del requirement["user_input_schema"]
    requirement["tool_execution"]["answered"] = True
    sent = {"requirements": [requirement]}
    assert call(reviewer, f"/runs/{run.id}/continue", json=sent).status_code == 202
    assert answer()["values"] == {"order": "A-7", "amount": 3.5}


def test_questions_are_answered(call: Call, ask: Ask, reviewer: User) -> None:
    run = ask_about_tool(ask, "feedback", questions=QUESTIONS[:1], args={}, fields=[]).run
    (requirement,) = told(call, reviewer, run)["requirements"]
    requirement["user_feedback_schema"][0]["selected_options"] = ["Linz"]
    sent = {"requirements": [requirement]}
    assert call(reviewer, f"/runs/{run.id}/continue", json=sent).status_code == 202
    assert answer()["values"] == {"Which city?": ["Linz"]}


def test_a_call_is_known_by_its_own_id(call: Call, ask: Ask, reviewer: User) -> None:
    run = ask_about_tool(ask).run
    tool = {"tool_call_id": "call-1", "tool_name": "pay_refund", "confirmed": True}
    sent = {"tools": [tool | {"requires_confirmation": True}]}
    assert call(reviewer, f"/runs/{run.id}/continue", json=sent).status_code == 202
    assert answer() == {"action": "approve"}


def test_a_call_with_other_arguments_is_approved_with_these(call: Call, ask: Ask, reviewer: User) -> None:
    run = ask_about_tool(ask).run
    tool = {"tool_call_id": "call-1", "tool_name": "pay_refund", "confirmed": True}
    tool |= {"tool_args": {"order": "A-7", "amount": 1.0}, "requires_confirmation": True}
    call(reviewer, f"/runs/{run.id}/continue", json={"tools": [tool]})
    assert answer() == {"action": "edit", "content": {"order": "A-7", "amount": 1.0}}


def test_one_id_of_two_calls_is_refused(
    call: Call, ask: Ask, workflow: Workflow, requester: User, reviewer: User
) -> None:
    run = new_run(workflow, requester)
    ask_about_tool(ask, run=run)
    ask_about_tool(ask, run=run, path="pay/0.0::Writer/0.0:pay_refund", member=MEMBER)
    tool = {"tool_call_id": "call-1", "tool_name": "pay_refund", "confirmed": True}
    sent = {"tools": [tool | {"requires_confirmation": True}]}
    assert is_problem(call(reviewer, f"/runs/{run.id}/continue", json=sent), 400, "malformed")
    assert not Decision.objects.exists()


def test_policies_are_ignored_and_said_so(call: Call, ask: Ask, reviewer: User) -> None:
    run = ask("output_review", content="b", on_reject="retry", max_retries=1, retry_count=1).run
    (requirement,) = told(call, reviewer, run)["step_requirements"]
    said = {
        "confirmed": False,
        "on_reject": "skip",
        "max_retries": 9,
        "timeout_at": "2099-01-01T00:00:00+00:00",
    }
    response = call(reviewer, f"/runs/{run.id}/continue", json={"step_requirements": [requirement | said]})
    assert len(response.json()["warnings"]) == 3
    assert answer() == {"action": "reject"}


def test_a_tool_s_policy_is_ignored_too(call: Call, ask: Ask, admin: User) -> None:
    run = ask_about_tool(ask, approval="required").run
    (requirement,) = told(call, admin, run)["requirements"]
    requirement["tool_execution"] |= {"approval_type": "audit", "confirmed": True}
    response = call(admin, f"/runs/{run.id}/continue", json={"requirements": [requirement]})
    assert response.json()["warnings"] == ["'pay_refund': approval_type is the definition's and was ignored"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"step_requirements": "[{"}, "Invalid JSON in step_requirements field"),
        ({"requirements": "nonsense"}, "Invalid JSON in requirements field"),
        ({"tools": '{"a": 1}'}, "tools must be a list"),
    ],
)
def test_invalid_json_is_400(call: Call, ask: Ask, reviewer: User, body: Any, said: str) -> None:
    response = call(reviewer, f"/runs/{ask().run_id}/continue", form=body)
    assert is_problem(response, 400, "malformed")
    assert response.json()["detail"] == said


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"step_requirements": {}},
        {"step_requirements": [1]},
        {"step_requirements": [{"confirmed": "no"}]},
        {"step_requirements": [{"executor_requirements": [1]}]},
        {"step_requirements": [{"on_reject": "retry", "timeout_at": "soon"}]},
        {"requirements": [{"tool_execution": 5}]},
        {"requirements": [{"confirmation": "no"}]},
        {"tools": [{"confirmed": "false"}]},
    ],
)
def test_a_bad_structure_is_400(call: Call, ask: Ask, reviewer: User, body: Any) -> None:
    run = ask().run
    assert is_problem(call(reviewer, f"/runs/{run.id}/continue", json=body), 400, "malformed")
    assert Requirement.objects.get().is_open


def test_an_answer_that_does_not_fit_is_400_and_nothing_of_it_is_taken(
    call: Call, ask: Ask, workflow: Workflow, requester: User, reviewer: User
) -> None:
    run = new_run(workflow, requester)
    ask_about_tool(ask, run=run)
    ask_about_tool(ask, "tool_input", run=run, path="pay/1.1:pay_refund", call_id="call-2")
    first, second = told(call, reviewer, run)["requirements"]
    second["tool_execution"]["user_input_schema"][1]["value"] = "much"
    del second["user_input_schema"]
    second["tool_execution"]["answered"] = True
    sent = {"requirements": [first | {"confirmation": True}, second]}
    response = call(reviewer, f"/runs/{run.id}/continue", json=sent)
    assert is_problem(response, 400, "invalid-answer")
    assert response.json()["errors"][0]["field"] == "amount"
    assert not Decision.objects.exists()


def test_an_unknown_run_is_404(call: Call, reviewer: User) -> None:
    assert is_problem(call(reviewer, "/runs/nothing/continue", json={}), 404, "not-found")


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED", "ERROR", "RUNNING"])
def test_a_run_that_is_not_paused_is_409(call: Call, run: WorkflowRun, reviewer: User, status: str) -> None:
    WorkflowRun.objects.update(status=status)
    response = call(reviewer, f"/runs/{run.id}/continue", json={})
    assert is_problem(response, 409, "not-paused")
    word = "is not paused" if status == "RUNNING" else f"is already {status.lower()}"
    assert response.json()["detail"] == f"run {word}"


def test_the_second_answer_is_409_and_told_who_was_faster(
    call: Call, ask: Ask, reviewer: User, admin: User
) -> None:
    asked = ask()
    (requirement,) = told(call, reviewer, asked.run)["step_requirements"]
    resolve(asked.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin, "api"))
    sent = {"step_requirements": [requirement | {"confirmed": False}]}
    response = call(reviewer, f"/runs/{asked.run_id}/continue", json=sent)
    assert is_problem(response, 409, "already-decided")
    assert response.json()["decided_by"] == "admin"
    assert response.json()["decided_at"]


def test_nothing_new_is_400(call: Call, ask: Ask, reviewer: User) -> None:
    run = ask().run
    state = told(call, reviewer, run)
    response = call(reviewer, f"/runs/{run.id}/continue", json=state)
    assert is_problem(response, 400, "unresolved")
    assert "pay" in response.json()["detail"]


def test_what_an_admin_has_decided_goes_on_with_an_empty_body(
    call: Call, ask: Ask, reviewer: User, admin: User
) -> None:
    asked = ask_about_tool(ask, approval="required")
    resolve(asked.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin, "api"))
    assert call(reviewer, f"/runs/{asked.run_id}/continue", json={}).status_code == 202


@pytest.mark.parametrize("sends", ["an answer", "nothing"])
def test_no_reviewer_gets_around_an_admin_s_approval(
    call: Call, ask: Ask, reviewer: User, admin: User, sends: str
) -> None:
    run = ask_about_tool(ask, approval="required").run
    inner = told(call, reviewer, run)["requirements"][0] | {"confirmation": True}
    sent = {"requirements": [inner]} if sends == "an answer" else {}
    response = call(reviewer, f"/runs/{run.id}/continue", json=sent)
    assert is_problem(response, 403, "admin-approval")
    assert response.json()["detail"] == "This run requires admin approval before it can be continued"
    assert not Decision.objects.exists()
    assert call(admin, f"/runs/{run.id}/continue", json={"requirements": [inner]}).status_code == 202


def test_other_questions_of_such_a_run_can_be_answered(
    call: Call, ask: Ask, workflow: Workflow, requester: User, reviewer: User
) -> None:
    run = new_run(workflow, requester)
    ask_about_tool(ask, run=run, approval="required")
    ask_about_tool(ask, run=run, path="pay/1.1:look", name="look", call_id="call-2")
    look = next(r for r in told(call, reviewer, run)["requirements"] if "look" in r["id"])
    sent = {"requirements": [look | {"confirmation": True}]}
    assert call(reviewer, f"/runs/{run.id}/continue", json=sent).status_code == 202
    assert Decision.objects.get().requirement.path == "pay/1.1:look"


def test_a_requester_may_look_and_not_decide(call: Call, ask: Ask, requester: User) -> None:
    run = ask().run
    (requirement,) = told(call, requester, run)["step_requirements"]
    sent = {"step_requirements": [requirement | {"confirmed": True}]}
    assert is_problem(call(requester, f"/runs/{run.id}/continue", json=sent), 403, "not-eligible")


def test_nobody_is_asked_to_sign_in(call: Call, run: WorkflowRun) -> None:
    assert is_problem(call(None, f"/runs/{run.id}/continue", json={}), 401, "not-signed-in")


def test_a_post_from_elsewhere_is_refused(ask: Ask, reviewer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    response = client.post(f"/api/v1/runs/{ask().run_id}/continue", {}, content_type="application/json")
    assert is_problem(response, 403, "forbidden")


def test_reading_never_decides(as_: SignIn, ask: Ask, reviewer: User) -> None:
    assert as_(reviewer).get(f"/api/v1/runs/{ask().run_id}/continue").status_code == 405
    assert Requirement.objects.get().is_open
