"""A whole workflow as one step: what it is given, what comes out, and its pauses (spec 3.2)."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import HumanReview, Step, StepOutput, Workflow
from workflows.types import RequirementKind

BOOM = ValueError("boom")


def nested(*steps: Any, **settings: Any) -> Step:
    """A step that is a workflow of these steps."""
    return Step("sub", workflow=Workflow(name="inner", steps=list(steps)), **settings)


class TestRunning:
    def test_its_content_is_that_of_its_last_step(self) -> None:
        run = Run(nested(lambda _: "one", lambda _: "two"))
        output = run.machine.output
        assert output is not None
        assert (output.content, output.step_name, output.step_type) == ("two", "sub", "Step")
        assert (output.executor_type, output.executor_name) == ("workflow", "inner")

    def test_its_input_is_what_came_before_and_nothing_else_is_seen(self) -> None:
        work = Recorder()
        Run(Step("first", lambda _: "F"), nested(work.returning(1)), input="I")
        (given,) = work.inputs
        assert (given.input, given.previous_step_content, dict(given.previous_step_outputs)) == (
            "F",
            None,
            {},
        )

    def test_as_the_first_step_it_is_given_the_runs_input(self) -> None:
        assert Run(nested(lambda given: given.input), input={"n": 1}).content == {"n": 1}

    def test_it_shares_the_sessions_state(self) -> None:
        def count(step_input: Any, session_state: dict[str, Any]) -> int:
            session_state["n"] = session_state.get("n", 0) + 1
            return int(session_state["n"])

        assert Run(nested(count, count), Step("after", count)).content == 3

    def test_a_stop_inside_ends_it_alone(self) -> None:
        work = Recorder()
        run = Run(nested(lambda _: StepOutput(content="enough", stop=True), work.returning(1)), lambda _: 2)
        assert (run.content, work.calls) == (2, [])

    def test_a_workflow_among_the_items_is_a_step_of_its_name(self) -> None:
        inner = Workflow(name="inner", steps=[lambda _: "deep"])
        run = Run(inner)
        assert (run.content, "inner" in run.machine.journal.records) == ("deep", True)

    def test_its_content_is_kept_once(self) -> None:
        run = Run(nested(nested(lambda _: "x" * 1000)))
        assert sum(len(text) for text in run.store._values.values()) < 2500


class TestPauses:
    def test_they_are_the_outer_runs(self) -> None:
        gate = Step("gate", lambda _: "through", requires_confirmation=True)
        run = Run(nested(nested(gate)), Step("after", lambda given: given.previous_step_content))
        assert (run.status, run.ask.path) == ("paused", "sub/sub/gate")
        assert run.reload().answer("approve").content == "through"

    def test_rejected_before_it_runs_it_is_skipped(self) -> None:
        work = Recorder()
        run = Run(nested(work.returning(1), requires_confirmation=True)).answer("reject")
        assert (run.status, work.calls) == ("completed", [])

    def test_what_is_filled_in_reaches_the_steps_inside(self) -> None:
        work = Recorder()
        Run(nested(work.returning(1), requires_user_input=True)).answer("approve", values={"n": 1})
        assert work.notes == [{"user_input": {"n": 1}}]


class TestReview:
    def reviewed(self, work: Recorder, *results: Any) -> Run:
        review = HumanReview(requires_output_review=True, on_reject="retry", max_retries=1)
        inner = Step("inner", work.returning(*results, name="inner"))
        return Run(
            nested(inner, human_review=review), Step("after", lambda given: given.previous_step_content)
        )

    def test_people_see_what_its_last_step_brought(self) -> None:
        run = self.reviewed(Recorder(), "draft")
        assert (run.ask.kind, run.ask.evidence) == (
            RequirementKind.output_review,
            ("sub/inner", "call:0.0.0"),
        )
        assert run.reload().answer("approve").content == "draft"

    def test_sent_back_all_of_it_runs_again_with_the_feedback(self) -> None:
        work = Recorder()
        run = self.reviewed(work, "draft", "second").reload().answer("reject", feedback="shorter").reload()
        assert (run.ask.retry_count, run.ask.evidence) == (1, ("sub/again:1/inner", "call:0.0.0"))
        assert work.notes == [{}, {"rejection_feedback": "shorter", "previous_output": "draft"}]
        assert run.answer("approve").content == "second"

    def test_it_is_sent_back_as_often_as_the_limit_says(self) -> None:
        run = self.reviewed(Recorder(), 1).answer("reject").reload().answer("reject")
        assert run.content == "Max retries (1) reached for step 'sub'"

    def test_an_edit_flows_on(self) -> None:
        assert (
            self.reviewed(Recorder(), "draft").reload().answer("edit", content="better").content == "better"
        )


class TestFailures:
    def failing(self, work: Recorder, on_error: str, *results: Any) -> Run:
        bad = Step("bad", work.returning(*results, name="bad"), max_retries=0, on_error="fail")
        return Run(nested(bad, on_error=on_error), Step("after", work.returning("after", name="after")))

    def test_skipped_it_is_a_failed_output(self) -> None:
        work = Recorder()
        self.failing(work, "skip", BOOM)
        output = work.inputs[-1].previous_step_outputs["sub"]
        assert (output.success, output.content) == (False, "Step skipped due to error: boom")

    def test_failed_the_run_ends(self) -> None:
        assert self.failing(Recorder(), "fail", BOOM).content == "Step 'bad' failed: boom"

    def test_paused_the_failed_step_alone_runs_again(self) -> None:
        work = Recorder()
        run = self.failing(work, "pause", BOOM, "fine")
        assert (run.ask.path, run.ask.kind) == ("sub", RequirementKind.error)
        run.reload().answer("retry")
        assert (work.calls, work.inputs[-1].previous_step_content) == (["bad", "bad", "after"], "fine")

    @pytest.mark.parametrize("action", ["skip"])
    def test_paused_and_skipped_the_run_goes_on(self, action: str) -> None:
        work = Recorder()
        assert self.failing(work, "pause", BOOM).reload().answer(action).status == "completed"
        assert work.inputs[-1].previous_step_content == "Step skipped due to error: boom"
