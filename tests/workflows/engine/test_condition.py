"""A condition: what decides, which group runs, and what a failure of either causes (spec 3.4, 3.8, 3.9)."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import Condition, HumanReview, Loop, Parallel, Router, Step, StepOutput, Steps
from workflows.types import RequirementKind

BOOM = ValueError("boom")


def chosen(work: Recorder, evaluator: Any = True, otherwise: bool = True, **settings: Any) -> Run:
    """A condition with one step in each group, between two others."""
    return Run(
        Step("before", work.returning("before", name="before")),
        Condition(
            [Step("yes", work.returning("yes", name="yes"))],
            evaluator,
            [Step("no", work.returning("no", name="no"))] if otherwise else None,
            name="c",
            **settings,
        ),
        Step("after", work.returning("after", name="after")),
    )


def failing(work: Recorder, *results: Any, **settings: Any) -> Run:
    """A condition whose second step fails in a way that its own on_error lets through."""
    group = [
        Step("one", work.returning("one", name="one")),
        Step("two", work.returning(*results, name="two"), max_retries=0, on_error="fail"),
        Step("three", work.returning("three", name="three")),
    ]
    return Run(Condition(group, name="c", **settings), Step("after", work.returning(1, name="after")))


class TestEvaluator:
    @pytest.mark.parametrize("met", [True, 1, "yes", [0]])
    def test_what_is_true_runs_the_steps(self, met: Any) -> None:
        work = Recorder()
        chosen(work, lambda _: met)
        assert work.calls == ["before", "yes", "after"]

    @pytest.mark.parametrize("met", [False, 0, "", None])
    def test_what_is_false_runs_the_others(self, met: Any) -> None:
        work = Recorder()
        chosen(work, lambda _: met)
        assert work.calls == ["before", "no", "after"]

    def test_it_reads_what_a_step_reads(self) -> None:
        work = Recorder()

        def evaluator(step_input: Any, session_state: dict[str, Any]) -> bool:
            return bool(step_input.previous_step_content == "before" and session_state["vip"])

        Run(Step("a", lambda _: "before"), Condition([work.returning(1)], evaluator), state={"vip": True})
        assert len(work.calls) == 1

    def test_it_may_be_async(self) -> None:
        async def evaluator(step_input: Any) -> bool:
            return False

        work = Recorder()
        chosen(work, evaluator)
        assert work.calls == ["before", "no", "after"]

    def test_it_is_asked_once_however_often_the_group_pauses(self) -> None:
        asked = Recorder()
        gates = [Step(name, lambda _: 1, requires_confirmation=True) for name in "ab"]
        run = Run(Condition(gates, asked.returning(True), name="c"))
        run.reload().answer("approve").reload().answer("approve")
        assert (run.status, len(asked.calls)) == ("completed", 1)

    def test_without_another_group_nothing_runs(self) -> None:
        work = Recorder()
        chosen(work, False, otherwise=False)
        condition = work.inputs[-1].previous_step_outputs["c"]
        assert (condition.content, condition.success) == ("Condition c not met - skipped 1 steps", True)

    def test_its_output_says_which_group_ran(self) -> None:
        work = Recorder()
        chosen(work, False)
        condition = work.inputs[-1].previous_step_outputs["c"]
        assert condition.content == "Condition c completed with 1 results (else branch)"
        assert work.inputs[-1].previous_step_content == "no"

    def test_stop_inside_ends_the_run(self) -> None:
        run = Run(Condition([lambda _: StepOutput(content="enough", stop=True)]), lambda _: "never")
        assert run.content == "enough"


class TestConfirmation:
    def test_approved_the_steps_run_whatever_the_evaluator_would_say(self) -> None:
        work, never = Recorder(), Recorder()
        run = chosen(work, never.returning(False), requires_confirmation=True)
        assert run.ask.message == "Execute condition 'c'? (yes=if branch, no=else branch)"
        run.reload().answer("approve")
        assert (work.calls, never.calls) == (["before", "yes", "after"], [])

    def test_rejected_the_others_run(self) -> None:
        work = Recorder()
        chosen(work, requires_confirmation=True).reload().answer("reject")
        assert work.calls == ["before", "no", "after"]

    def test_rejected_without_others_it_says_so(self) -> None:
        work = Recorder()
        chosen(work, otherwise=False, requires_confirmation=True).answer("reject")
        condition = work.inputs[-1].previous_step_outputs["c"]
        assert condition.content == "Condition c rejected - skipped (no else branch)"

    @pytest.mark.parametrize(
        "settings",
        [
            {"requires_confirmation": True, "on_reject": "skip"},
            {"human_review": HumanReview(requires_confirmation=True)},
        ],
    )
    def test_rejected_with_skip_neither_runs(self, settings: dict[str, Any]) -> None:
        work = Recorder()
        chosen(work, **settings).answer("reject")
        assert (work.calls, list(work.inputs[-1].previous_step_outputs)) == (["before", "after"], ["before"])

    def test_rejected_with_cancel_the_run_ends(self) -> None:
        run = chosen(Recorder(), requires_confirmation=True, on_reject="cancel").answer("reject")
        assert (run.status, run.content) == ("cancelled", "Workflow cancelled: Step 'c' was rejected")

    def test_rejected_with_retry_it_is_asked_again(self) -> None:
        work = Recorder()
        run = chosen(work, requires_confirmation=True, on_reject="retry").answer("reject")
        assert (run.ask.retry_count, run.status, work.calls) == (1, "paused", ["before"])


class TestFailures:
    def test_skipped_the_group_ends_with_a_failed_output(self) -> None:
        work = Recorder()
        failing(work, BOOM)
        condition = work.inputs[-1].previous_step_outputs["c"]
        assert condition.success is False
        assert [output.content for output in condition.steps or ()] == ["one", "Step two failed: boom"]
        assert work.calls == ["one", "two", "after"]

    def test_failed_the_run_ends(self) -> None:
        run = failing(Recorder(), BOOM, on_error="fail")
        assert (run.status, run.content) == ("error", "Step 'two' failed: boom")

    def test_paused_a_person_is_asked_and_only_the_failed_step_runs_again(self) -> None:
        work = Recorder()
        run = failing(work, BOOM, BOOM, "fine", on_error="pause")
        assert (run.ask.kind, run.ask.path, run.ask.step_name) == (RequirementKind.error, "c", "two")
        assert run.reload().answer("retry").ask.retry_count == 1
        run.reload().answer("retry")
        assert work.calls == ["one", "two", "two", "two", "three", "after"]
        assert work.inputs[-1].previous_step_outputs["c"].success

    def test_paused_and_skipped_the_run_goes_on(self) -> None:
        work = Recorder()
        assert failing(work, BOOM, on_error="pause").reload().answer("skip").status == "completed"
        assert work.calls == ["one", "two", "after"]

    def test_paused_and_cancelled_the_run_ends(self) -> None:
        run = failing(Recorder(), BOOM, on_error="pause").answer("cancel")
        assert run.content == "Workflow cancelled: Step 'c' failed"

    def test_each_failure_is_asked_about_also_after_a_review_sent_the_step_back(self) -> None:
        work = Recorder()
        step = Step(
            "two",
            work.returning(BOOM, "draft", BOOM, "final"),
            max_retries=0,
            on_error="fail",
            requires_output_review=True,
            on_reject="retry",
        )
        run = Run(Condition([step], name="c", on_error="pause")).answer("retry").answer("reject")
        assert (run.ask.kind, run.ask.retry_count) == (RequirementKind.error, 1)
        assert run.reload().answer("retry").answer("approve").content == "final"

    @pytest.mark.parametrize("on_error", ["skip", "pause"])
    def test_a_broken_evaluator_is_a_failure_too(self, on_error: str) -> None:
        work = Recorder()
        run = chosen(work, Recorder().returning(BOOM), on_error=on_error)
        if on_error == "pause":
            run.reload().answer("skip")
        condition = work.inputs[-1].previous_step_outputs["c"]
        assert (condition.content, condition.success) == ("Step skipped due to error: boom", False)

    def test_a_broken_evaluator_may_be_asked_once_more(self) -> None:
        work = Recorder()
        run = chosen(work, Recorder().returning(BOOM, BOOM, True), on_error="pause")
        run.reload().answer("retry").reload().answer("retry")
        assert work.calls == ["before", "yes", "after"]

    def test_with_fail_a_broken_evaluator_ends_the_run(self) -> None:
        assert chosen(Recorder(), Recorder().returning(BOOM), on_error="fail").status == "error"

    @pytest.mark.parametrize("on_error", ["skip", "pause"])
    def test_what_stands_between_ends_as_failed(self, on_error: str) -> None:
        deep = Loop([Step("deep", Recorder().returning(BOOM), max_retries=0, on_error="fail")], name="l")
        run = Run(Condition([deep], name="c", on_error=on_error), lambda _: "on")
        if on_error == "pause":
            run.reload().answer("skip")
        run.reload()
        statuses = {path: run.store.record(path) for path in ("c/if/l", "c/if/l/1", "c/if/l/1/deep")}
        assert {path: saved and saved.status for path, saved in statuses.items()} == dict.fromkeys(
            statuses, "failed"
        )

    def test_a_broken_selector_inside_may_be_asked_once_more(self) -> None:
        route = Router([Step("a", lambda _: "A")], Recorder().returning(BOOM, "a"), name="r")
        run = Run(Condition([route], name="c", on_error="pause")).reload().answer("retry")
        assert run.content == "A"


def test_conditions_nest_in_everything_and_everything_in_them() -> None:
    gate = Step("gate", lambda _: "deep", requires_confirmation=True)
    item: Any = gate
    for _ in range(2):
        item = Condition([Loop([Steps("s", steps=[Parallel(item, name="p")])], max_iterations=1)], name="c")
    run = Run(item)
    assert run.ask.path == "c/if/loop_1/1/s/p/c/if/loop_1/1/s/p/gate"
    assert run.reload().answer("approve").content == "deep"
