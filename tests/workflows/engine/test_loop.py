"""A loop: how it ends, what each iteration is given, and what reviewers do to it (spec 3.5, 3.10)."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import HumanReview, Loop, Step, StepInput, StepOutput
from workflows.types import RequirementKind

BOOM = ValueError("boom")


def looped(work: Recorder, *results: Any, after: bool = True, **settings: Any) -> Run:
    """A loop of one step, and a step after it."""
    body = Step("work", work.returning(*results, name="work"), max_retries=0)
    rest = [Step("after", work.returning("after", name="after"))] if after else []
    return Run(Loop([body], name="l", **settings), *rest)


def reviewed(work: Recorder, *results: Any, **settings: Any) -> Run:
    """The same with a person after each iteration, whose no means once more."""
    review = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=None)
    given: dict[str, Any] = {"human_review": review, "max_iterations": 4} | settings
    return looped(work, *results, **given)


class TestBounds:
    @pytest.mark.parametrize("most", [1, 3])
    def test_it_runs_as_often_as_it_may(self, most: int) -> None:
        work = Recorder()
        run = looped(work, 1, after=False, max_iterations=most)
        assert work.calls == ["work"] * most
        assert run.machine.output is not None
        assert run.machine.output.content == f"Loop l completed {most} iterations with {most} total steps"

    @pytest.mark.parametrize("unbounded", [0, -1, None, True, "3"])
    def test_without_a_bound_it_is_refused_when_built(self, unbounded: Any) -> None:
        with pytest.raises(ValueError, match="needs a bound"):
            Loop([lambda _: 1], name="l", max_iterations=unbounded)

    def test_its_end_condition_gets_the_outputs_of_the_iteration(self) -> None:
        seen: list[list[Any]] = []

        def ends(outputs: list[StepOutput], current_iteration: int) -> bool:
            seen.append([output.content for output in outputs])
            return current_iteration == 2

        work = Recorder()
        body = [work.returning("a", name="a"), work.returning("b", "c", name="b")]
        Run(Loop(body, max_iterations=5, end_condition=ends))
        assert (seen, work.calls) == ([["a", "b"], ["a", "c"]], ["a", "b", "a", "b"])

    def test_an_end_condition_may_be_async(self) -> None:
        async def ends(outputs: list[StepOutput]) -> bool:
            return True

        work = Recorder()
        looped(work, 1, end_condition=ends)
        assert work.calls == ["work", "after"]

    def test_one_that_raises_does_not_end_it(self) -> None:
        def broken(outputs: list[StepOutput]) -> bool:
            raise BOOM

        work = Recorder()
        looped(work, 1, max_iterations=2, end_condition=broken)
        assert work.calls == ["work", "work", "after"]

    def test_stop_ends_the_loop_and_the_run(self) -> None:
        work = Recorder()
        run = looped(work, StepOutput(content="enough", stop=True))
        assert (run.status, run.content, work.calls) == ("completed", "enough", ["work"])


class TestFailures:
    def test_its_steps_own_on_error_applies_first(self) -> None:
        work = Recorder()
        run = looped(work, BOOM, "fine", max_iterations=2)
        assert (run.status, work.calls) == ("completed", ["work", "work", "after"])
        loop = work.inputs[-1].previous_step_outputs["l"]
        assert (loop.success, [output.success for output in loop.steps or ()]) == (False, [False, True])

    def test_what_propagates_ends_the_run_and_leaves_nothing_open(self) -> None:
        body = Step("work", Recorder().returning(BOOM), max_retries=0, on_error="fail")
        run = Run(Loop([body], name="l"))
        assert (run.status, run.content) == ("error", "Step 'work' failed: boom")
        statuses = {path: record.status for path, record in run.machine.journal.records.items() if path}
        assert statuses == {"l": "failed", "l/1": "failed", "l/1/work": "failed"}


class TestWhatAnIterationIsGiven:
    def test_each_starts_with_what_came_before_the_loop(self) -> None:
        work = Recorder()
        body = Step("work", work.returning("one", "two"))
        Run(Step("first", lambda _: "F"), Loop([body], max_iterations=2), input="I")
        assert [(given.input, given.previous_step_content) for given in work.inputs] == [("I", "F")] * 2

    def test_forwarded_the_last_content_is_input_and_previous_content(self) -> None:
        work = Recorder()
        body = [work.returning("a1", "a2", name="a"), work.returning("b1", "b2", name="b")]
        Run(Loop(body, max_iterations=2, forward_iteration_output=True), input="I")
        given = [(step.input, step.previous_step_content) for step in work.inputs]
        assert given == [("I", None), ("I", "a1"), ("b1", "b1"), ("b1", "a2")]

    def test_what_comes_after_is_given_the_last_content_and_finds_the_latest_of_a_name(self) -> None:
        work = Recorder()
        body = Step("work", lambda step_input: f"{step_input.idempotency_key}")
        last = Step("last", work.returning(1), requires_confirmation=True)
        Run(Loop([body], name="l", max_iterations=3), last).reload().answer("approve")
        assert work.inputs[0].previous_step_content == "run:l/3/work:1"
        assert work.inputs[0].get_step_content("work") == "run:l/3/work:1"


class TestConfirmation:
    def test_approved_once_all_iterations_run(self) -> None:
        work = Recorder()
        run = looped(work, 1, max_iterations=2, requires_confirmation=True)
        assert (run.ask.message, work.calls) == ("Execute loop 'l'?", [])
        run.reload().answer("approve")
        assert work.calls == ["work", "work", "after"]

    def test_rejected_none_does(self) -> None:
        work = Recorder()
        looped(work, 1, requires_confirmation=True).answer("reject")
        assert work.calls == ["after"]


class TestIterationReview:
    def test_people_see_the_last_inner_output(self) -> None:
        work = Recorder()
        run = reviewed(work, "draft")
        assert (run.ask.kind, run.ask.path) == (RequirementKind.iteration_review, "l/1")
        assert run.ask.message == "Loop 'l' completed iteration 1/4. Continue?"
        assert run.ask.evidence == ("l/1/work", "call:0.0.0")

    def test_approved_the_loop_ends_with_what_it_has(self) -> None:
        work = Recorder()
        run = reviewed(work, "one").reload().answer("approve")
        assert (work.calls, run.status) == (["work", "after"], "completed")
        assert work.inputs[-1].previous_step_content == "one"

    def test_rejected_the_next_iteration_runs_with_the_feedback(self) -> None:
        work = Recorder()
        run = reviewed(work, "one", "two").reload().answer("reject", feedback="shorter")
        assert (run.ask.retry_count, work.notes) == (1, [{}, {"rejection_feedback": "shorter"}])
        run.reload().answer("reject").reload().answer("approve")
        assert work.notes == [{}, {"rejection_feedback": "shorter"}, {}, {}]

    def test_an_edit_flows_on_all_the_way_down(self) -> None:
        work = Recorder()
        reviewed(work, "one").reload().answer("edit", content="better")
        given = work.inputs[-1]
        assert (given.previous_step_content, given.get_step_content("l")) == ("better", "better")
        assert [output.content for output in given.previous_step_outputs["l"].steps or ()] == ["better"]

    def test_rejected_with_skip_the_loop_is_taken_out(self) -> None:
        work = Recorder()
        looped(work, 1, requires_iteration_review=True, on_reject="skip").answer("reject")
        assert (work.calls, dict(work.inputs[-1].previous_step_outputs)) == (["work", "after"], {})

    def test_rejected_with_cancel_the_run_ends(self) -> None:
        run = looped(Recorder(), 1, requires_iteration_review=True, on_reject="cancel").answer("reject")
        assert run.content == "Workflow cancelled: Step 'l' was rejected"

    def test_it_is_sent_back_as_often_as_the_limit_says(self) -> None:
        review = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=1)
        run = looped(Recorder(), 1, max_iterations=9, human_review=review).answer("reject").reload()
        assert run.answer("reject").content == "Max retries (1) reached for step 'l'"

    def test_the_last_allowed_iteration_is_not_reviewed(self) -> None:
        work = Recorder()
        run = reviewed(work, 1, max_iterations=2).reload().answer("reject")
        assert (run.status, work.calls) == ("completed", ["work", "work", "after"])
        assert reviewed(Recorder(), 1, max_iterations=1).status == "completed"

    def test_one_that_ended_the_loop_by_itself_is_not_reviewed(self) -> None:
        assert reviewed(Recorder(), 1, end_condition=lambda _: True).status == "completed"
        assert reviewed(Recorder(), StepOutput(stop=True)).status == "completed"

    def test_a_body_of_several_steps_is_one_iteration(self) -> None:
        work = Recorder()
        body = [work.returning(name, name=name) for name in "ab"]
        review = HumanReview(requires_iteration_review=True, on_reject="retry")
        run = Run(Loop(body, name="l", max_iterations=3, human_review=review)).reload().answer("reject")
        assert (work.calls, run.ask.path) == (["a", "b"] * 2, "l/2")


def test_pauses_inside_resume_in_their_iteration() -> None:
    def count(step_input: StepInput, session_state: dict[str, Any]) -> int:
        session_state["n"] = session_state.get("n", 0) + 1
        return int(session_state["n"])

    gate = Step("gate", count, requires_confirmation=True)
    run = Run(Loop([gate], name="l", max_iterations=3))
    for number in (1, 2, 3):
        assert run.ask.path == f"l/{number}/gate"
        run.reload().answer("approve")
    assert (run.status, run.content) == ("completed", 3)
