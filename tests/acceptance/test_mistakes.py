"""Mistakes not to repeat (spec 6), by their numbers; those that another file's tests fail on are not repeated here.

2 test_review (never runs the step) · 4 test_timeouts (w86) · 10 test_review (w67) · 13, 15, 17 test_review ·
16 test_loop (streaming goes on) · 18, 22 test_sessions, test_several · 21, 25, 26, 28 test_persistence ·
27 test_timeouts (w85) · 30 test_errors (by ids) · 32 test_step (w25) · 31 all of them.
5 test_agents_approvals · 6 test_agents · 11, 12, 18 test_executors · 15 test_executors_dual · 23 test_teams.
8, 29 are about the portal.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, results, reviewed
from workflows import (
    Condition,
    HumanReview,
    Loop,
    OnError,
    Parallel,
    Router,
    Step,
    StepInput,
    Steps,
    Workflow,
)
from workflows.db import SqliteDb
from workflows.run import RunStatus

NESTS: dict[str, Callable[..., Any]] = {
    "Steps": lambda *steps: Steps(name="outer", steps=list(steps)),
    "Condition": lambda *steps: Condition(list(steps), name="outer"),
    "Loop": lambda *steps: Loop(list(steps), name="outer", max_iterations=1),
    "Router": lambda *steps: Router(
        [Steps(name="way", steps=list(steps))], name="outer", selector=lambda _: "way"
    ),
    "Parallel": lambda *steps: Parallel(Steps(name="branch", steps=list(steps)), name="outer"),
    "Workflow": lambda *steps: Workflow(name="outer", steps=list(steps)),
}


@pytest.mark.parametrize("ask", ["requires_confirmation", "requires_user_input", "requires_output_review"])
@pytest.mark.parametrize("nest", NESTS)
def test_m1_m9_m11_a_gate_asks_however_deep_it_stands_and_goes_on_there(
    handle: SqliteDb, log: Log, nest: str, ask: str
) -> None:
    gate = Step("gate", log.step("gate"), human_review=HumanReview(**{ask: True}))  # type: ignore[arg-type]
    inside = NESTS[nest](log.step("first"), gate, log.step("last"))
    outside = NESTS["Steps" if nest == "Loop" else "Loop"](inside)
    workflow = Workflow(name="deep", db=handle, steps=[outside, log.step("end")])
    run = workflow.run("x")
    assert asked(run).step_name == "gate"
    assert log.calls == (["first", "gate"] if ask == "requires_output_review" else ["first"])
    asked(run).set_user_input(a=1) if ask == "requires_user_input" else asked(run).confirm()
    assert workflow.continue_run(run).content == "end(last(gate(first(x))))"
    assert log.calls == ["first", "gate", "last", "end"]


def test_m3_a_yes_and_a_choice_are_both_asked_and_both_count(handle: SqliteDb, log: Log) -> None:
    router = Router(
        [log.step("a"), log.step("b")], name="r", requires_confirmation=True, requires_user_input=True
    )
    workflow = Workflow(name="m3", db=handle, steps=[router])
    run = workflow.run("x")
    asked(run).confirm()
    run = workflow.continue_run(run)
    asked(run).select("b")
    assert workflow.continue_run(run).content == "b(x)"


def test_m7_an_answer_cannot_bring_an_output_with_it(handle: SqliteDb, log: Log) -> None:
    workflow = Workflow(
        name="m7", db=handle, steps=[Step("gate", log.step("gate"), requires_confirmation=True)]
    )
    run = workflow.run("x")
    data = asked(run).to_dict() | {"confirmed": True, "edited_output": "injected"}
    with pytest.raises(ValueError, match="'edit' cannot be answered here"):
        workflow.continue_run(run_id=run.run_id, session_id=run.session_id, step_requirements=[data])
    assert log.calls == []


def test_m9_a_nested_workflows_pause_is_the_outer_ones(handle: SqliteDb, log: Log, way: Way) -> None:
    inner = Workflow(name="inner", steps=[Step("gate", log.step("gate"), requires_confirmation=True)])
    workflow = Workflow(name="m9", db=handle, steps=[log.step("a"), inner, log.step("end")])
    run = way.run(workflow)
    assert (run.paused_step_name, asked(run).step_name) == ("inner", "gate")
    asked(run).confirm()
    done = way.resume(workflow, run)
    assert done.content == "end(gate(a(x)))"
    assert done.step_executor_runs is None


@pytest.mark.parametrize("kind", ["router", "loop"])
def test_m14_an_edit_is_seen_wherever_one_looks(handle: SqliteDb, log: Log, kind: str) -> None:
    seen: dict[str, Any] = {}

    def look(step_input: StepInput) -> None:
        seen.update(last=step_input.previous_step_content, inner=step_input.get_step_content("draft"))
        seen.update(outer=step_input.get_step_content("c"))

    draft = log.step("draft")
    items: dict[str, Any] = {
        "router": Router([draft], name="c", selector=lambda _: "draft", requires_output_review=True),
        "loop": Loop([draft], name="c", requires_iteration_review=True),
    }
    workflow = Workflow(name="m14", db=handle, steps=[items[kind], look])
    run = workflow.run("x")
    assert reviewed(asked(run).step_output) is not None
    asked(run).edit("mine")
    workflow.continue_run(run)
    assert seen == {"last": "mine", "inner": "mine", "outer": "mine"}


def test_m15_the_limit_holds_across_an_error_in_between(handle: SqliteDb, log: Log) -> None:
    step = Step(
        "draft",
        log.fails("draft", times=1),
        max_retries=0,
        on_error="pause",
        hitl_max_retries=1,
        requires_output_review=True,
        on_reject="retry",
    )
    workflow = Workflow(name="m15", db=handle, steps=[step])
    run = workflow.run("x")
    run.steps_with_errors[0].retry()
    run = workflow.continue_run(run)
    for _ in range(2):
        asked(run).reject()
        run = workflow.continue_run(run)
    assert run.content == "Max retries (1) reached for step 'draft'"


@pytest.mark.parametrize(("on_error", "status"), [("pause", RunStatus.paused), ("skip", RunStatus.completed)])
def test_m19_a_condition_keeps_its_on_error_after_a_pause(
    handle: SqliteDb, log: Log, on_error: str, status: RunStatus
) -> None:
    failing = Step("bad", log.fails("bad"), max_retries=0, on_error="fail")
    condition = Condition([failing], name="c", requires_confirmation=True, on_error=on_error)
    workflow = Workflow(name="m19", db=handle, steps=[condition])
    run = workflow.run("x")
    asked(run).confirm()
    run = workflow.continue_run(run)
    assert run.status is status
    if run.is_paused:
        run.steps_with_errors[0].retry()
        again = workflow.continue_run(run)
        assert [error.retry_count for error in again.error_requirements or []] == [0, 1]


def test_m20_bare_functions_are_resumed_by_another_object(handle: SqliteDb, log: Log) -> None:
    def flow() -> Workflow:
        return Workflow(
            name="m20",
            db=handle,
            steps=[log.step("a"), Step("gate", log.step("gate"), requires_confirmation=True), log.step("b")],
        )

    run = flow().run("x")
    asked(run).confirm()
    assert flow().continue_run(run).content == "b(gate(a(x)))"


def test_m24_of_two_that_continue_at_once_one_runs_the_step(handle: SqliteDb, log: Log) -> None:
    began, go_on = threading.Event(), threading.Event()

    def slow(step_input: StepInput) -> str:
        log.note("slow", step_input)
        began.set()
        assert go_on.wait(10)
        return "done"

    workflow = Workflow(name="m24", db=handle, steps=[Step("slow", slow, requires_confirmation=True)])
    run = workflow.run("x")
    asked(run).confirm()
    other = workflow.get_run_output(run.run_id or "")
    assert other
    asked(other).confirm()
    first = threading.Thread(target=workflow.continue_run, args=(run,))
    first.start()
    assert began.wait(10)
    with pytest.raises(ValueError, match=r"Cannot continue a run that is not paused: script:.* drives it"):
        workflow.continue_run(other)
    go_on.set()
    first.join()
    assert (run.status, log.calls) == (RunStatus.completed, ["slow"])


@pytest.mark.parametrize("kind", ["form", "route"])
def test_m33_forms_and_routes_can_be_refused(handle: SqliteDb, log: Log, kind: str) -> None:
    items: dict[str, Any] = {
        "form": Step("c", log.step("c"), requires_user_input=True, on_reject="cancel"),
        "route": Router([log.step("c")], name="c", requires_user_input=True, on_reject="cancel"),
    }
    workflow = Workflow(name="m33", db=handle, steps=[items[kind]])
    run = workflow.run("x")
    asked(run).reject("not now")
    done = workflow.continue_run(run)
    assert (done.is_cancelled, log.calls) == (True, [])
    assert (done.step_requirements or [])[0].rejection_feedback == "not now"


def test_d4_a_steps_own_on_error_comes_first_wherever_it_stands(handle: SqliteDb, log: Log) -> None:
    bad = Step("bad", log.fails("bad"), max_retries=0, on_error=OnError.skip)
    workflow = Workflow(
        name="d4", db=handle, steps=[Loop([bad, log.step("next")], name="l", max_iterations=2)]
    )
    run = workflow.run("x")
    assert (run.status, log.calls) == (RunStatus.completed, ["bad", "next", "bad", "next"])


def test_d4_a_container_sees_what_propagates(handle: SqliteDb, log: Log) -> None:
    bad = Step("bad", log.fails("bad"), max_retries=0, on_error=OnError.fail)
    workflow = Workflow(name="d4b", db=handle, steps=[Steps(name="g", steps=[bad]), log.step("end")])
    run = workflow.run("x")
    assert results(run)["g"] == "Steps execution failed: bad broke"
    assert log.calls == ["bad", "end"]


def test_d6_two_builds_of_one_definition_are_the_same() -> None:
    def build() -> Workflow:
        return Workflow(name="d6", steps=[Step("a", len, step_id=None), Step("a", len)])

    assert build().plan.fingerprint == build().plan.fingerprint


def test_d15_values_come_back_as_they_were(handle: SqliteDb, log: Log) -> None:
    from datetime import date
    from decimal import Decimal

    value = {"at": date(2030, 1, 1), "sum": Decimal("1.10"), "raw": b"\0", "pair": (1, 2), "$type": "mine"}
    run = Workflow(name="d15", db=handle, steps=[log.step("a", value), log.step("b")]).run("x")
    assert run.step_results[0].content == value
    assert log.seen["b"].previous_step_content == value
