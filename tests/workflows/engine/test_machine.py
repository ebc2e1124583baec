"""The machine: what is ready, what is interrupted, how a run ends."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import Step, StepInput, StepOutput
from workflows.engine.drivers import perform
from workflows.engine.memory import MemoryStore
from workflows.types import Action, Answer, RunStatus, StepStatus
from workflows.workflow import Workflow


def started(*steps: Any) -> tuple[Run, Any]:
    """A run whose first call is saved as under way and not performed: the process dies here."""
    run = Run.__new__(Run)
    run.workflow, run.store, run.told = Workflow(name="flow", steps=list(steps)), MemoryStore(), []
    run.machine = run.store.start(run.workflow.plan)
    (call,) = run.machine.ready()
    run.store.save(run.machine)
    return run, call


class TestReady:
    def test_a_call_is_handed_out_once(self) -> None:
        run, _ = started(Step("a", lambda _: 1))
        assert run.machine.ready() == []
        assert run.machine.status is RunStatus.running

    def test_nothing_is_ready_once_the_run_has_ended(self) -> None:
        run = Run(Step("a", lambda _: 1))
        assert run.machine.ready() == []
        assert run.store.save(run.machine) == []

    def test_a_paused_run_waits_without_a_sound(self) -> None:
        run = Run(Step("a", lambda _: 1, requires_confirmation=True))
        assert run.machine.ready() == []
        assert run.store.save(run.machine) == []

    def test_a_halted_machine_starts_nothing_and_keeps_its_status(self) -> None:
        run, call = started(Step("a", lambda _: 1), Step("b", lambda _: 2))
        run.machine.halt()
        run.machine.finish(call, perform(call))
        assert run.machine.ready() == []
        run.store.save(run.machine)
        assert run.reload().drive().content == 2


class TestInterrupted:
    def test_a_repeatable_step_runs_again_under_the_same_key(self) -> None:
        work = Recorder()
        run, call = started(Step("a", work.returning("A"), repeatable=True))
        perform(call)
        assert run.reload().drive().content == "A"
        assert [given.idempotency_key for given in work.inputs] == ["run:a:1", "run:a:1"]

    def test_any_other_step_is_asked_about(self) -> None:
        work = Recorder()
        run, call = started(Step("a", work.returning("A")))
        perform(call)
        run.reload().drive()
        assert run.ask.message == "Step 'a' was cut off. Try again, or go on without it?"
        assert run.told == ["StepInterrupted a", "StepError a", "WorkflowPaused"]
        assert len(work.calls) == 1

    def test_it_runs_again_when_a_person_says_so_under_another_key(self) -> None:
        work = Recorder()
        run, _ = started(Step("a", work.returning("A")))
        assert run.reload().drive().reload().answer("retry").content == "A"
        assert [given.idempotency_key for given in work.inputs] == ["run:a:2"]

    def test_it_is_left_out_when_a_person_says_so(self) -> None:
        work = Recorder()
        run, _ = started(Step("a", work.returning("A"), on_error="fail"), Step("b", work.returning("B")))
        run.reload().drive().answer("skip")
        assert (run.content, work.calls) == ("B", ["step"])

    def test_the_programs_own_tries_do_not_hide_it(self) -> None:
        run, _ = started(Step("a", lambda _: 1, max_retries=5))
        assert run.reload().drive().status == "paused"

    def test_dying_twice_asks_twice(self) -> None:
        run, _ = started(Step("a", lambda _: "A"))
        run.reload().drive()
        run.machine.answer(run.ask, Answer(action=Action.retry))
        run.machine.ready()
        run.store.save(run.machine)
        run.reload().drive()
        assert (run.status, run.ask.retry_count) == ("paused", 1)

    def test_a_review_predicate_just_runs_again(self) -> None:
        def judge(output: StepOutput) -> bool:
            return False

        run, call = started(Step("a", lambda _: 1, requires_output_review=judge))
        run.machine.finish(call, perform(call))
        run.machine.ready()
        run.store.save(run.machine)
        assert run.reload().drive().told == ["WorkflowCompleted"]


class TestEnd:
    def test_cancelled_it_asks_nobody_any_more(self) -> None:
        run = Run(Step("a", lambda _: 1, requires_confirmation=True))
        run.machine.cancel("Not needed")
        assert run.drive().told == ["WorkflowCancelled"]
        assert (run.status, run.content, run.machine.asks) == ("cancelled", "Not needed", [])

    def test_what_was_under_way_is_not_recorded(self) -> None:
        run, call = started(Step("a", lambda _: 1))
        run.machine.cancel("Not needed")
        run.machine.finish(call, perform(call))
        assert run.machine.take().values == []
        assert run.machine.journal.records["a"].status is StepStatus.running

    def test_a_run_ends_once(self) -> None:
        run = Run(Step("a", lambda _: 1))
        run.machine.cancel("Too late")
        assert (run.status, run.machine.outcome) == ("completed", "")
        assert run.store.save(run.machine) == []

    def test_a_run_in_which_nothing_ran_is_completed_without_output(self) -> None:
        run = Run(Step("a", lambda _: 1, requires_confirmation=True)).answer("reject")
        assert (run.status, run.machine.output) == ("completed", None)


@pytest.mark.parametrize("state", ["loaded", "live"])
def test_an_answer_sets_a_paused_run_going(state: str) -> None:
    run = Run(Step("a", lambda _: 1, requires_confirmation=True))
    if state == "loaded":
        run.reload()
    run.machine.answer(run.ask, Answer(action=Action.retry))
    assert run.machine.status is RunStatus.running


def test_a_step_sees_what_the_run_was_started_with_after_a_reload() -> None:
    def look(step_input: StepInput) -> Any:
        return [step_input.input, step_input.additional_data, step_input.images]

    run = Run(
        Step("a", look, requires_confirmation=True),
        input={"order": 7},
        additional_data={"customer": "c-1"},
        media={"images": ["a.png"]},
    )
    assert run.reload().answer("approve").content == [{"order": 7}, {"customer": "c-1"}, ["a.png"]]
