"""Runs of a real AgentOS wait, people decide here, and they go on there: for each kind of pause."""

import json
from typing import Any

from hitl_portal.adapters.models import Pause
from tests.adapters.agno.conftest import System
from tests.adapters.conftest import Decide, patiently
from workflows.models import Requirement, WorkflowRun


def wants(*calls: tuple[str, dict[str, Any]]) -> str:
    return "CALL " + json.dumps([{"name": name, "args": args} for name, args in calls])


def test_tools_of_an_agent(system: System, worker: None, decide: Decide) -> None:
    paid = system.start("agents/clerk", wants(("pay", {"amount": 5, "to": "Grey"})), "pays")
    sent = system.start("agents/clerk", wants(("send", {"subject": "Hello"})), "sends")
    shelled = system.start("agents/clerk", wants(("shell", {"command": "ls"})), "shells")
    decide("edit", tool="pay", content={"amount": 4, "to": "Grey"})
    decide("approve", tool="send", values={"to": "Grey"})
    decide("approve", tool="shell", content="a.txt")
    assert system.ended("agents/clerk", paid) == "COMPLETED Done: paid 4 to Grey"
    assert system.ended("agents/clerk", sent) == "COMPLETED Done: sent Hello to Grey"
    assert system.ended("agents/clerk", shelled) == "COMPLETED Done: a.txt"
    delivered = Pause.objects.filter(status="delivered")
    patiently(lambda: delivered.count() == 3, "the end of three pauses")
    assert Requirement.objects.count() == 3


def test_nothing_is_said_before_all_is_answered(system: System, worker: None, decide: Decide) -> None:
    both = wants(("pay", {"amount": 1, "to": "Grey"}), ("pay", {"amount": 2, "to": "Green"}))
    run = system.start("agents/clerk", both, "both")
    decide("approve", tool="pay")
    patiently(lambda: WorkflowRun.objects.filter(status="COMPLETED").exists(), "the first answer")
    assert system.run("agents/clerk", run)["status"] == "PAUSED"
    decide("reject", tool="pay", feedback="Not Green.")
    assert system.ended("agents/clerk", run) == "COMPLETED Done: Not Green."
    assert [tool["result"] for tool in system.run("agents/clerk", run)["tools"]] == ["paid 1 to Grey", None]


def test_tools_of_a_team_and_of_its_member(system: System, worker: None, decide: Decide) -> None:
    own = system.start("teams/office", wants(("pay", {"amount": 7, "to": "Grey"})), "own")
    inner = wants(("pay", {"amount": 8, "to": "Grey"}))
    handed = {"member_id": "payer", "task": inner}
    member = system.start("teams/office", wants(("delegate_task_to_member", handed)), "member")
    said = {
        row.details["tool"]["executor"]["name"] for row in (decide("approve", tool="pay") for _ in range(2))
    }
    assert said == {"Office"}
    assert system.ended("teams/office", own) == "COMPLETED Done: paid 7 to Grey"
    assert "paid 8 to Grey" in system.ended("teams/office", member)


def test_steps_of_workflows(system: System, worker: None, decide: Decide) -> None:
    runs = {name: system.start(f"workflows/{name}", session=name) for name in ("confirm", "fill", "choose")}
    confirmed = decide("approve", kind="confirmation")
    decide("approve", kind="user_input", values={"city": "Bonn", "pieces": 2})
    decide("approve", kind="route", choices=("sea",))
    assert system.ended("workflows/confirm", runs["confirm"]) == "COMPLETED sent"
    assert "'city': 'Bonn', 'pieces': 2" in system.ended("workflows/fill", runs["fill"])
    assert system.ended("workflows/choose", runs["choose"]) == "COMPLETED by sea"
    assert confirmed.evidence is not None
    assert confirmed.evidence.plain()["content"]["previous_step_content"] == "a letter"


def test_a_review_is_asked_again_and_an_edit_goes_on(system: System, worker: None, decide: Decide) -> None:
    run = system.start("workflows/review", session="review")
    first = decide("reject", kind="output_review", feedback="Shorter.")
    again = decide("edit", kind="output_review", content="My own.")
    assert system.ended("workflows/review", run) == "COMPLETED My own."
    contents = [row.evidence.plain()["content"] for row in (first, again) if row.evidence]
    assert contents[0] == "a draft"
    assert "Shorter." in contents[1]


def test_tools_of_an_agent_in_a_step(system: System, worker: None, decide: Decide) -> None:
    run = system.start("workflows/inner", wants(("pay", {"amount": 9, "to": "Grey"})), "inner")
    decide("edit", tool="pay", content={"amount": 3, "to": "Grey"})
    assert system.ended("workflows/inner", run) == "COMPLETED Done: paid 3 to Grey"


def test_long_work_is_done_once(system: System, worker: None, decide: Decide) -> None:
    run = system.start("agents/clerk", wants(("work", {"seconds": 4})), "works")
    decide("approve", tool="work")
    assert system.ended("agents/clerk", run) == "COMPLETED Done: worked"
    patiently(lambda: Pause.objects.get().status == "delivered", "the end of the pause")
    assert system.log.read_text().count("WORKED") == 1


def test_what_was_answered_there_is_asked_no_more_here(system: System, worker: None) -> None:
    run = system.start("workflows/confirm", session="there")
    asked = patiently(lambda: Requirement.objects.open().first(), "a question")
    steps = [step | {"confirmed": True} for step in run["step_requirements"]]
    form = {"session_id": "there", "stream": "false", "step_requirements": json.dumps(steps)}
    system.call("POST", f"workflows/confirm/runs/{run['run_id']}/continue", data=form)
    patiently(lambda: not Requirement.objects.open().exists(), "the withdrawal")
    asked.refresh_from_db()
    assert (asked.status, Pause.objects.get().status) == ("withdrawn", "elsewhere")
    assert asked.run.events.get(type="WorkflowCancelled").actor == "clerks: it no longer waits there"


def test_the_end_of_the_question_ends_the_run_there(system: System, worker: None, decide: Decide) -> None:
    run = system.start("agents/clerk", wants(("pay", {"amount": 5, "to": "Grey"})), "ends")
    decide("cancel", tool="pay")
    assert system.ended("agents/clerk", run).startswith("CANCELLED")
