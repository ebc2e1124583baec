"""The machine: what is ready, what is interrupted, how a run ends."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import Condition, Parallel, Step, StepInput
from workflows.engine.drivers import perform
from workflows.engine.machine import MOST_INTERRUPTIONS
from workflows.engine.memory import MemoryStore
from workflows.engine.record import INTERRUPTIONS, Failure
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


def die(run: Run, times: int = 1) -> None:
    """Begin the next call, and die with it: so often one after another."""
    for _ in range(times):
        (call,) = run.reload().machine.ready()
        run.store.save(run.machine)
        perform(call)


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

    def test_it_runs_again_when_a_person_says_so_under_the_same_key(self) -> None:
        work = Recorder()
        run, call = started(Step("a", work.returning("A")))
        perform(call)
        run.reload().drive()
        assert run.ask.idempotency_key == "run:a:1"
        assert run.reload().answer("retry").content == "A"
        assert [given.idempotency_key for given in work.inputs] == ["run:a:1", "run:a:1"]

    def test_a_try_that_came_back_with_a_failure_leaves_its_key_behind(self) -> None:
        work = Recorder()
        run, call = started(Step("a", work.returning(ValueError("no"), "A"), max_retries=0, on_error="pause"))
        run.machine.finish(call, perform(call))
        run.drive()
        assert run.ask.idempotency_key == ""
        run.answer("retry")
        assert [given.idempotency_key for given in work.inputs] == ["run:a:1", "run:a:2"]

    def test_what_was_cut_off_takes_none_of_the_programs_own_tries(self) -> None:
        work = Recorder()
        step = Step("a", work.returning(ValueError("no")), max_retries=2, on_error="pause")
        run, _ = started(step)
        run.reload().drive().answer("retry")
        assert [given.idempotency_key for given in work.inputs] == ["run:a:1", "run:a:2", "run:a:3"]
        assert run.ask.retry_count == 1

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

    def judged(self) -> Run:
        """A run that died in the predicate that says whether people look at the output: they need not."""
        run, call = started(Step("a", lambda _: 1, requires_output_review=lambda output: False))
        run.machine.finish(call, perform(call))
        run.machine.ready()
        run.store.save(run.machine)
        return run

    def test_a_review_predicate_just_runs_again(self) -> None:
        assert self.judged().reload().drive().told == ["StepInterrupted a", "WorkflowCompleted"]

    def test_a_review_predicate_that_takes_processes_down_has_failed(self) -> None:
        run = self.judged()
        die(run, MOST_INTERRUPTIONS - 1)
        assert run.reload().drive().told == ["StepInterrupted a", "StepOutputReview a", "WorkflowPaused"]

    def test_what_takes_processes_down_is_asked_about_though_it_is_repeatable(self) -> None:
        work = Recorder()
        run, call = started(Step("a", work.returning("A"), repeatable=True))
        perform(call)
        die(run, MOST_INTERRUPTIONS - 1)
        assert run.reload().drive().told == ["StepInterrupted a", "StepError a", "WorkflowPaused"]
        assert run.ask.message == "Step 'a' was cut off. Try again, or go on without it?"
        assert run.ask.idempotency_key == "run:a:1"
        told = [event for event in run.store.events if event.type == "StepInterrupted"]
        assert [event.data for event in told] == [{"idempotency_key": "run:a:1"}] * MOST_INTERRUPTIONS
        assert len(work.calls) == MOST_INTERRUPTIONS

    def test_a_person_lets_it_run_once_more_and_is_asked_again(self) -> None:
        run, _ = started(Step("a", lambda _: "A", repeatable=True))
        die(run, MOST_INTERRUPTIONS - 1)
        run.reload().drive()
        run.machine.answer(run.ask, Answer(action=Action.retry))
        run.machine.ready()
        run.store.save(run.machine)
        run.reload().drive()
        assert (run.status, run.ask.retry_count) == ("paused", 1)
        assert run.answer("retry").content == "A"

    def test_a_call_that_came_back_is_forgiven(self) -> None:
        work = Recorder()
        run, _ = started(Step("a", work.returning(ValueError("no"), "A"), repeatable=True, max_retries=1))
        die(run, MOST_INTERRUPTIONS - 2)
        (call,) = run.reload().machine.ready()
        run.machine.finish(call, Failure.of(ValueError("no")))
        run.store.save(run.machine)
        die(run, MOST_INTERRUPTIONS - 1)
        assert run.reload().drive().content == "A"

    def test_a_call_that_is_handed_over_was_not_cut_off(self) -> None:
        run, _ = started(Step("a", lambda _: "A", repeatable=True))
        for _ in range(MOST_INTERRUPTIONS):
            (call,) = run.reload().machine.ready()
            run.machine.give_back(call)
            run.store.save(run.machine)
        run.reload().drive()
        assert run.content == "A"
        assert [event.type for event in run.store.events].count("StepInterrupted") == 1

    def test_the_count_ends_when_the_call_comes_back(self) -> None:
        run, _ = started(Condition([Step("a", lambda _: "A")], lambda step_input: True, name="c"))
        memo = run.reload().machine.journal.records["c"].memo
        assert memo[INTERRUPTIONS] == 1
        assert run.drive().content == "A"
        assert INTERRUPTIONS not in memo


class TestHeldBack:
    """A run that turns out to be cancelled when it is saved that a call begins."""

    def saved(self, run: Run) -> list[str]:
        """What is told by that save."""
        run.machine.ready()
        changes = run.machine.hold_back(run.machine.take())
        run.machine.cancel("Not needed")
        told = changes.and_then(run.machine.take())
        return [f"{event.type} {event.path}".strip() for event in told.events]

    def test_what_has_not_begun_is_not_told(self) -> None:
        run, call = started(Step("a", lambda _: 1), Step("b", lambda _: 2))
        run.machine.finish(call, perform(call))
        assert self.saved(run) == ["StepCompleted a", "WorkflowCancelled"]
        record = run.machine.journal.records["b"]
        assert (record.status, record.in_flight, record.memo) == (StepStatus.pending, None, {})

    def test_what_is_under_way_stays_so(self) -> None:
        run = Run.__new__(Run)
        branches = Parallel(*(Step(name, lambda _: 1) for name in "ab"), name="p")
        run.workflow, run.store = Workflow(name="flow", steps=[branches]), MemoryStore()
        run.machine = run.store.start(run.workflow.plan)
        call, _ = run.machine.ready()
        run.store.save(run.machine)
        run.machine.finish(call, perform(call))
        assert self.saved(run) == ["StepCompleted p/a", "WorkflowCancelled"]
        assert run.machine.journal.records["p/b"].status is StepStatus.running

    def test_a_predicate_that_was_next_takes_nothing_from_its_step(self) -> None:
        run, call = started(Step("a", lambda _: 1, requires_output_review=lambda output: True))
        run.machine.finish(call, perform(call))
        assert self.saved(run) == ["StepCompleted a", "WorkflowCancelled"]


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
