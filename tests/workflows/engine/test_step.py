"""How a step's function is called, tried again, and what its failure means."""

import collections
from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import Step, StepInput, StepOutput, Steps
from workflows.engine.drivers import perform
from workflows.engine.invoke import RunContext
from workflows.types import Action, Answer, InputErrors, RequirementKind

BOOM = ValueError("boom")


class TestOutput:
    def test_data_becomes_an_output_that_says_where_it_comes_from(self) -> None:
        run = Run(Step("add", lambda _: {"sum": 3}))
        output = run.machine.output
        assert output is not None
        assert (output.content, output.step_name, output.step_type) == ({"sum": 3}, "add", "Step")
        assert (output.executor_type, output.success) == ("function", True)

    def test_an_output_of_the_authors_own_is_kept(self) -> None:
        run = Run(Step("add", lambda _: StepOutput(content=3, success=False, error="odd")))
        assert run.machine.output is not None
        assert (run.machine.output.content, run.machine.output.error) == (3, "odd")

    @pytest.mark.parametrize("falsy", [0, "", False, None, [], {}])
    def test_falsy_data_flows_on(self, falsy: Any) -> None:
        work = Recorder()
        run = Run(Step("a", lambda _: falsy), Step("b", work.returning(1), requires_confirmation=True))
        run.reload().answer("approve")
        assert work.inputs[0].previous_step_content == falsy
        assert type(work.inputs[0].previous_step_content) is type(falsy)

    def test_stop_ends_the_run_and_nobody_is_asked_any_more(self) -> None:
        work = Recorder()
        run = Run(
            Step("check", work.returning(StepOutput(content="enough", stop=True))),
            Step("pay", work.returning("paid"), requires_confirmation=True),
        )
        assert (run.status, run.content, len(work.calls)) == ("completed", "enough", 1)

    def test_what_cannot_be_kept_fails_once_and_names_step_and_type(self) -> None:
        work = Recorder()
        run = Run(Step("charge", work.returning(object()), on_error="pause"))
        assert run.ask.error is not None
        assert "Step 'charge'" in run.ask.error["message"]
        assert "builtins.object" in run.ask.error["message"]
        assert len(work.calls) == 1


class TestFailure:
    def test_the_programs_own_tries_are_counted(self) -> None:
        work = Recorder()
        run = Run(Step("a", work.returning(BOOM, BOOM, "third"), max_retries=2))
        assert (run.content, len(work.calls)) == ("third", 3)

    @pytest.mark.parametrize("tries", [0, 1, 3])
    def test_it_is_tried_no_more_often(self, tries: int) -> None:
        work = Recorder()
        Run(Step("a", work.returning(BOOM), max_retries=tries))
        assert len(work.calls) == tries + 1

    def test_skip_records_a_failed_output_and_goes_on(self) -> None:
        work = Recorder()
        run = Run(Step("a", work.returning(BOOM), max_retries=0), Step("b", work.returning("b")))
        failed = work.inputs[-1].previous_step_outputs["a"]
        assert (failed.success, failed.error) == (False, "boom")
        assert failed.content == "Step skipped due to error: boom"
        assert (run.status, run.content) == ("completed", "b")

    def test_fail_ends_the_run_with_an_error(self) -> None:
        work = Recorder()
        run = Run(
            Step("a", work.returning(BOOM), max_retries=0, on_error="fail"), Step("b", work.returning("b"))
        )
        assert (run.status, run.machine.outcome) == ("error", "Step 'a' failed: boom")
        assert len(work.calls) == 1

    def test_pause_asks_with_the_error(self) -> None:
        run = Run(Step("a", Recorder().returning(BOOM), max_retries=0, on_error="pause"))
        assert (run.status, run.ask.kind) == ("paused", RequirementKind.error)
        assert run.ask.error == {"type": "ValueError", "message": "boom"}

    def test_retry_tries_again_from_scratch_and_may_ask_again(self) -> None:
        work = Recorder()
        run = Run(Step("a", work.returning(BOOM, BOOM, BOOM, BOOM, "fifth"), max_retries=1, on_error="pause"))
        run.reload().answer("retry")
        assert (run.ask.retry_count, len(work.calls)) == (1, 4)
        assert run.reload().answer("retry").content == "fifth"

    def test_it_is_tried_again_as_often_as_the_limit_says(self) -> None:
        step = Step("a", Recorder().returning(BOOM), max_retries=0, on_error="pause", hitl_max_retries=1)
        run = Run(step).answer("retry").reload()
        assert run.ask.actions == (Action.skip, Action.cancel)
        with pytest.raises(InputErrors, match="'retry' cannot be answered here"):
            run.answer("retry")
        assert run.answer("skip").status == "completed"

    def test_a_deadline_counts_for_an_error_too(self) -> None:
        step = Step("a", Recorder().returning(BOOM), on_error="pause", hitl_timeout=60, on_timeout="skip")
        assert (Run(step).ask.timeout, Run(step).ask.on_timeout) == (60, "skip")

    def test_skipped_by_a_person_it_is_not_reviewed_any_more(self) -> None:
        step = Step("a", Recorder().returning(BOOM), on_error="pause", requires_output_review=True)
        run = Run(step).reload().answer("skip")
        assert run.status == "completed"
        assert run.machine.output is not None
        assert run.machine.output.success is False

    def test_skip_after_an_error_goes_on(self) -> None:
        work = Recorder()
        run = Run(Step("a", work.returning(BOOM), max_retries=0, on_error="pause"), work.returning("b"))
        assert run.reload().answer("skip").content == "b"
        assert work.inputs[-1].previous_step_outputs["a"].success is False

    def test_cancel_after_an_error_ends_the_run(self) -> None:
        run = Run(Step("a", Recorder().returning(BOOM), max_retries=0, on_error="pause")).answer("cancel")
        assert (run.status, run.content) == ("cancelled", "Workflow cancelled: Step 'a' failed")

    @pytest.mark.parametrize("on_error", ["fail", "skip", "pause"])
    def test_skip_on_failure_comes_before_on_error(self, on_error: str) -> None:
        work = Recorder()
        run = Run(Step("a", work.returning(BOOM), max_retries=0, skip_on_failure=True, on_error=on_error))
        assert (run.status, run.content) == ("completed", "Step a failed but skipped")

    def test_a_message_that_no_database_takes_is_cleaned(self) -> None:
        run = Run(Step("a", Recorder().returning(ValueError("a\0b\ud800")), max_retries=0))
        assert run.content == "Step skipped due to error: a\ufffdb?"


class TestState:
    def test_what_a_call_changed_is_seen_by_the_next_and_kept(self) -> None:
        def count(step_input: StepInput, session_state: dict[str, Any]) -> int:
            session_state["n"] = session_state.get("n", 0) + 1
            return int(session_state["n"])

        run = Run(Step("a", count), Step("b", count, requires_confirmation=True), state={"user": "u-1"})
        assert run.reload().answer("approve").content == 2
        assert run.store.state == {"user": "u-1", "n": 2}

    def test_a_call_that_fails_changes_nothing(self) -> None:
        def spoil(step_input: StepInput, session_state: dict[str, Any]) -> None:
            session_state["spoilt"] = True
            raise BOOM

        run = Run(Step("a", spoil, max_retries=1))
        assert run.store.state == {}

    def test_changes_count_from_what_the_call_was_given(self) -> None:
        # As inside a Parallel: both were given the same, and neither takes back what the other did.
        def put(name: str) -> Any:
            def function(step_input: StepInput, session_state: dict[str, Any]) -> None:
                session_state[name] = True

            return function

        calls = [Run(Step("p", put(name), requires_confirmation=True)) for name in "ab"]
        patches = []
        for run in calls:
            run.machine.answer(run.ask, Answer(action=Action.approve))
            (call,) = run.machine.ready()
            call.prepare()
            run.machine.inputs.state["meanwhile"] = True
            patches.append(perform(call).patch)
        assert patches == [{"a": True}, {"b": True}]

    def test_what_is_not_json_fails_the_step_and_not_the_run(self) -> None:
        def spoil(step_input: StepInput, session_state: dict[str, Any]) -> None:
            session_state["handle"] = object()

        run = Run(Step("a", spoil))
        assert run.status == "completed"
        assert run.machine.output is not None
        assert "Step 'a': session_state" in str(run.machine.output.error)
        assert run.store.state == {}

    def test_changing_it_later_changes_nothing(self) -> None:
        kept: list[dict[str, Any]] = []

        def keep(step_input: StepInput, session_state: dict[str, Any]) -> None:
            session_state["list"] = []
            kept.append(session_state)

        run = Run(Step("a", keep), Step("b", lambda _: 1, requires_confirmation=True))
        kept[0]["list"].append("late")
        run.answer("approve")
        assert run.machine.inputs.state == run.store.state == {"list": []}

    def test_the_run_context_holds_the_same_state(self) -> None:
        def function(step_input: StepInput, run_context: RunContext, session_state: dict[str, Any]) -> Any:
            assert run_context.session_state is session_state
            return [run_context.run_id, run_context.session_id]

        assert Run(Step("a", function), session_id="s-1").content == ["run", "s-1"]


class TestInput:
    def test_it_reads_the_run_input_and_what_came_before(self) -> None:
        work = Recorder()
        Run(Step("a", work.returning("A")), Step("b", work.returning("B")), input={"order": 7})
        assert work.inputs[0].previous_step_content is None
        assert work.inputs[1].input == {"order": 7}
        assert work.inputs[1].previous_step_content == "A"
        assert work.inputs[1].get_step_content("a") == "A"

    @pytest.mark.parametrize("reloaded", [False, True])
    def test_what_a_step_does_to_what_it_reads_is_seen_by_no_other(self, reloaded: bool) -> None:
        def spoil(step_input: StepInput) -> None:
            step_input.previous_step_content.append("spoilt")
            step_input.previous_step_outputs["a"].content.append("spoilt")

        work = Recorder()
        last = Step("c", work.returning(1), requires_confirmation=True)
        run = Run(Step("a", lambda _: ["A"]), Step("b", spoil, on_error="fail"), last)
        (run.reload() if reloaded else run).answer("approve")
        assert work.inputs[0].get_step_content("a") == ["A"]

    def test_what_a_step_does_to_the_run_input_is_seen_by_no_other(self) -> None:
        def spoil(step_input: StepInput) -> None:
            step_input.input["order"] = step_input.additional_data = None

        work = Recorder()
        Run(Step("a", spoil), Step("b", work.returning(1)), input={"order": 7}, additional_data={"a": 1})
        assert (work.inputs[0].input, work.inputs[0].additional_data) == ({"order": 7}, {"a": 1})

    @pytest.mark.parametrize("reloaded", [False, True])
    def test_a_type_that_only_looks_like_data_is_data_at_once(self, reloaded: bool) -> None:
        work = Recorder()
        counts = collections.Counter("aab")
        run = Run(Step("a", lambda _: counts), Step("b", work.returning(1), requires_confirmation=True))
        (run.reload() if reloaded else run).answer("approve")
        assert type(work.inputs[0].previous_step_content) is dict

    def test_of_two_steps_with_one_name_the_later_is_found(self) -> None:
        work = Recorder()
        Run(Step("a", lambda _: 1), Step("a", lambda _: 2), Step("c", work.returning(3)))
        assert work.inputs[0].get_step_content("a") == 2
        assert list(work.inputs[0].previous_step_outputs) == ["a"]

    def test_each_try_has_a_key_of_its_own(self) -> None:
        work = Recorder()
        Run(Step("a", work.returning(BOOM, BOOM, 1), max_retries=2))
        assert [given.idempotency_key for given in work.inputs] == ["run:a:1", "run:a:2", "run:a:3"]


class TestInsideAGroup:
    def test_the_first_step_is_given_what_came_before_the_group(self) -> None:
        work = Recorder()
        Run(Step("a", lambda _: "A"), Steps("g", steps=[work.returning("B"), work.returning("C")]))
        assert [given.previous_step_content for given in work.inputs] == ["A", "B"]

    def test_what_comes_after_is_given_its_last_content_and_can_look_inside(self) -> None:
        work = Recorder()
        inner = [Step("b", lambda _: "B"), Step("c", lambda _: "C")]
        run = Run(Steps("g", steps=inner), Step("d", work.returning("D"), requires_confirmation=True))
        run.reload().answer("approve")
        given = work.inputs[0]
        assert given.previous_step_content == "C"
        assert (given.get_step_content("g"), given.get_step_content("b")) == ("C", "B")
        group = given.previous_step_outputs["g"]
        assert group.content == "Steps g completed with 2 results"
        assert group.steps is not None
        assert [output.content for output in group.steps] == ["B", "C"]

    def test_its_own_on_error_applies_first(self) -> None:
        work = Recorder()
        bad = Step("bad", work.returning(BOOM), max_retries=0)
        run = Run(Steps("g", steps=[bad, work.returning("after")]))
        assert (run.content, run.machine.root.memo["failed"]) == ("after", True)

    @pytest.mark.parametrize("reloaded", [False, True])
    def test_a_failure_that_propagates_ends_the_group_alone(self, reloaded: bool) -> None:
        work = Recorder()
        bad = Step("bad", work.returning(BOOM), max_retries=0, on_error="fail")
        group = Steps("g", steps=[Step("ok", lambda _: "fine"), bad, work.returning("never")])
        run = Run(group, Step("d", work.returning("D"), requires_confirmation=True))
        (run.reload() if reloaded else run).answer("approve")
        assert work.inputs[-1].previous_step_content == "Steps execution failed: boom"
        assert work.inputs[-1].previous_step_outputs["g"].success is False
        assert len(work.calls) == 2

    def test_stop_ends_the_group_and_the_run(self) -> None:
        work = Recorder()
        group = Steps("g", steps=[lambda _: StepOutput(content="enough", stop=True), work.returning("never")])
        run = Run(Steps("outer", steps=[group, work.returning("never")]), work.returning("never"))
        assert (run.status, run.content, work.calls) == ("completed", "enough", [])

    def test_pauses_at_any_depth_resume_where_they_were(self) -> None:
        work = Recorder()
        deep = Step("deep", work.returning("deep"), requires_confirmation=True)
        inner = Steps("inner", steps=[work.returning("before"), deep, work.returning("after")])
        run = Run(Steps("outer", steps=[inner]))
        assert run.ask.path == "outer/inner/deep"
        assert run.reload().answer("approve").content == "after"
        assert len(work.calls) == 3

    def test_an_empty_group_passes_nothing_on(self) -> None:
        run = Run(Steps("g", steps=[]))
        assert run.content == "Steps g completed with 0 results"
