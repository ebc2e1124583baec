"""What runs are given and share: inputs, the session's state, its history (spec 3.14, decisions 5 and 14)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from tests.acceptance.acting import Log, Way, asked
from workflows import Step, StepInput, StepOutput, Steps, Workflow
from workflows.db import SqliteDb
from workflows.run import RunContext


class Report(BaseModel):
    """A model as content."""

    title: str


def gated(handle: SqliteDb, *steps: Any, **options: Any) -> Workflow:
    """A workflow of these steps."""
    return Workflow(name="gated", db=handle, steps=list(steps), **options)


def gate(log: Log, name: str = "gate", **options: Any) -> Step:
    """A step that asks first."""
    return Step(name, log.step(name), requires_confirmation=True, **options)


def test_all_inputs_survive_any_number_of_continues(handle: SqliteDb, log: Log) -> None:
    contexts: list[RunContext] = []

    def last(step_input: StepInput, run_context: RunContext) -> None:
        log.note("last", step_input)
        contexts.append(run_context)

    steps = [gate(log, "a"), gate(log, "b"), last]
    run = gated(handle, *steps).run(
        Report(title="t"),
        additional_data={"extra": 1},
        dependencies={"d": 2},
        metadata={"m": 3},
        images=[b"raw"],
        user_id="u",
    )
    while run.is_paused:
        asked(run).confirm()
        run = gated(handle, *steps).continue_run(run)
    seen, (context,) = log.seen["last"], contexts
    assert (seen.input, seen.additional_data, seen.images) == (Report(title="t"), {"extra": 1}, [b"raw"])
    assert (context.dependencies, context.metadata, context.user_id) == ({"d": 2}, {"m": 3}, "u")
    assert context.run_id == run.run_id
    assert (run.metadata, run.user_id) == ({"m": 3}, "u")


def test_a_session_keeps_its_state_across_runs_and_objects(handle: SqliteDb) -> None:
    def counting(step_input: StepInput, session_state: dict[str, Any]) -> int:
        session_state["n"] = session_state.get("n", 0) + 1
        return int(session_state["n"])

    def flow() -> Workflow:
        return gated(handle, Step("count", counting), session_id="s", session_state={"n": 10, "kept": True})

    assert [flow().run("x").content for _ in range(3)] == [11, 12, 13]
    assert flow().get_session_state() == {"n": 13, "kept": True}
    assert len(flow().get_session().runs) == 3  # type: ignore[union-attr]


def test_a_state_that_is_given_may_replace_what_the_session_has(handle: SqliteDb, log: Log) -> None:
    gated(handle, log.step("a"), session_id="s", session_state={"n": 1, "old": 1}).run("x")
    again = gated(handle, log.step("a"), session_id="s", overwrite_db_session_state=True)
    again.run("x", session_state={"n": 2})
    assert again.get_session_state()["n"] == 2


def test_two_runs_in_one_session_merge_what_they_change(handle: SqliteDb) -> None:
    def writing(name: str) -> Callable[..., None]:
        def write(step_input: StepInput, session_state: dict[str, Any]) -> None:
            session_state[name] = True

        return write

    def flow(name: str) -> Workflow:
        steps = [
            Step("gate", writing(f"{name}1"), requires_confirmation=True),
            Step("end", writing(f"{name}2")),
        ]
        return Workflow(name=name, db=handle, session_id="shared", steps=list(steps))

    first, second = flow("a"), flow("b")
    runs = [first.run("x"), second.run("x")]
    for workflow, run in zip((first, second), runs, strict=True):
        asked(run).confirm()
        workflow.continue_run(run)
    assert first.get_session_state() == dict.fromkeys(["a1", "a2", "b1", "b2"], True)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_both_kinds_of_function_run_in_every_way(handle: SqliteDb, way: Way, kind: str) -> None:
    def sync(step_input: StepInput) -> Any:
        return step_input.get_step_content("first")

    async def awaited(step_input: StepInput) -> Any:
        await asyncio.sleep(0)
        return step_input.get_step_content("first")

    look = Step("look", sync if kind == "sync" else awaited, requires_confirmation=True)
    workflow = gated(handle, Step("first", lambda step_input: "found"), look)
    run = way.run(workflow)
    asked(run).confirm()
    assert way.resume(workflow, run).content == "found", "looked up in the database, from the step"


async def test_what_there_is_can_be_looked_at_awaiting(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = await workflow.arun("x")
    session = await workflow.aget_session()
    assert session
    assert session.get_run(run.run_id) is not None
    assert (await workflow.aget_run_output(run.run_id)) == run
    assert await workflow.acancel_run(run.run_id) is True


async def test_a_blocking_run_works_inside_a_running_loop(handle: SqliteDb, log: Log) -> None:
    async def awaited(step_input: StepInput) -> str:
        return "awaited"

    workflow = gated(handle, awaited, gate(log))
    run = workflow.run("x")
    asked(run).confirm()
    assert workflow.continue_run(run).content == "gate(awaited)"


def test_a_step_reads_what_earlier_runs_came_to(handle: SqliteDb) -> None:
    read: list[Any] = []

    def look(step_input: StepInput) -> str:
        read.append(step_input.get_workflow_history(2))
        return f"answer to {step_input.input}"

    workflow = gated(handle, Steps(name="group", steps=[look]))
    for number in range(4):
        workflow.run(f"q{number}")
    assert read[0] == []
    assert read[-1] == [("q1", "answer to q1"), ("q2", "answer to q2")]


class FakeAgent:
    """An agent that remembers what it was told."""

    name, told = "Fake", ""

    def run(self, message: str) -> StepOutput:
        """Answer."""
        self.told = message
        return StepOutput(content="answer")


@pytest.mark.parametrize(
    ("workflow_says", "step_says", "told"), [(True, None, True), (False, True, True), (True, False, False)]
)
def test_an_agent_is_told_of_earlier_runs_where_that_is_wanted(
    handle: SqliteDb, workflow_says: bool, step_says: bool | None, told: bool
) -> None:
    agent = FakeAgent()
    step = Step("ask", agent=agent, add_workflow_history=step_says)
    workflow = gated(handle, step, add_workflow_history_to_steps=workflow_says)
    workflow.run("first")
    workflow.run("second")
    earlier = "Earlier runs:\n[run 1]\nInput: first\nOutput: answer\n\n"
    assert agent.told == (earlier if told else "") + "second"


def test_a_finished_run_says_what_its_steps_took(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log.step("a"), gate(log))
    run = workflow.run("x")
    assert run.metrics is None
    asked(run).confirm()
    metrics = workflow.continue_run(run).metrics
    assert set(metrics.steps) == {"a", "gate"}
    assert 0 <= metrics.steps["a"].duration <= metrics.duration < 5


def test_a_run_can_be_printed(handle: SqliteDb, log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    gated(handle, log.step("a"), gate(log)).print_response("x")
    assert capsys.readouterr().out.splitlines() == [
        "gated: PAUSED",
        "Execute step 'gate'?",
        "- waits at 'gate'",
    ]
