"""A run as machines read it."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.api.conftest import Call, is_problem
from tests.hitl_portal.conftest import Ask, SignIn
from tests.hitl_portal.tools import AGENT, ask_about_tool
from workflows.models import Value, Workflow, WorkflowRun


def test_it_tells_where_a_run_stands_and_what_it_waits_for(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask("output_review", "Good?", content="a draft", evidence=["check", "call:0.0"])
    told = call(reviewer, f"/runs/{asked.run_id}").json()
    assert (told["run_id"], told["status"]) == (str(asked.run_id), "PAUSED")
    assert told["content"] == "Good?"
    (requirement,) = told["step_requirements"]
    assert requirement["requires_output_review"]
    assert requirement["step_output"]["content"] == "a draft"


def test_an_error_is_a_list_of_its_own(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask("error", error={"type": "E", "message": "no answer"})
    told = call(reviewer, f"/runs/{asked.run_id}").json()
    assert told["error_requirements"][0]["error_message"] == "no answer"


def test_what_is_asked_about_tools_stands_in_its_step_and_flat(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask_about_tool(ask)
    told = call(reviewer, f"/runs/{asked.run_id}").json()
    (inner,) = told["step_requirements"][0]["executor_requirements"]
    assert inner["tool_execution"]["tool_name"] == "pay_refund"
    assert told["requirements"] == [inner]


def test_an_agent_alone_says_what_it_needs(call: Call, ask: Ask, workflow: Workflow, reviewer: User) -> None:
    Workflow.objects.update(name="agent-desk")
    asked = ask_about_tool(ask, executor=AGENT)
    told = call(reviewer, f"/runs/{asked.run_id}").json()
    assert told["content"] == "I have tools to execute, but I need confirmation."


@pytest.mark.parametrize("content", ["done", {"n": [1]}, 0, None])
def test_a_completed_run_tells_what_came_out(
    call: Call, run: WorkflowRun, reviewer: User, content: Any
) -> None:
    run.output = Value.objects.create(run=run, path="pay", slot="x", data=json_of(content))
    run.status = "COMPLETED"
    run.save()
    told = call(reviewer, f"/runs/{run.id}").json()
    assert (told["status"], told["content"], told["step_requirements"]) == ("COMPLETED", content, [])


def test_a_run_is_found_by_the_name_that_a_script_gave_it(
    call: Call, run: WorkflowRun, reviewer: User
) -> None:
    WorkflowRun.objects.update(source="script", external_id="nightly 7")
    assert call(reviewer, "/runs/nightly%207").json()["run_id"] == "nightly 7"


@pytest.mark.parametrize("address", ["/runs/{}", "/runs/{}/continue"])
def test_a_stranger_finds_nothing(call: Call, run: WorkflowRun, stranger: User, address: str) -> None:
    sent: dict[str, Any] = {"json": {}} if "continue" in address else {}
    assert is_problem(call(stranger, address.format(run.id), **sent), 404, "not-found")


def test_nobody_is_asked_to_sign_in(call: Call, run: WorkflowRun) -> None:
    assert is_problem(call(None, f"/runs/{run.id}"), 401, "not-signed-in")


def test_answers_are_not_kept_by_anybody(call: Call, run: WorkflowRun, reviewer: User) -> None:
    assert call(reviewer, f"/runs/{run.id}").headers["Cache-Control"] == "no-store"


def test_it_describes_itself_and_loads_nothing_from_elsewhere(call: Call) -> None:
    told = call(None, "/openapi.json")
    assert told.json()["openapi"].startswith("3.1")
    assert "/api/v1/runs/{run_id}/continue" in told.json()["paths"]
    assert call(None, "/docs").status_code == 302  # to sign in


@pytest.mark.parametrize("number", [1, 10])
def test_it_takes_eight_queries_however_much_is_asked(
    as_: SignIn, ask: Ask, run: WorkflowRun, reviewer: User, django_assert_max_num_queries: Any, number: int
) -> None:
    for index in range(number):
        ask_about_tool(ask, run=run, path=f"pay/{index}.0:pay_refund")
    client = as_(reviewer)
    with django_assert_max_num_queries(8):
        client.get(f"/api/v1/runs/{run.id}")


def json_of(content: Any) -> str:
    return json.dumps({"content": content, "success": True})
