"""What people are asked before and after a step, and what their answer causes (spec 3.9)."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import HumanReview, OnReject, Step, StepOutput, Steps, UserInputField
from workflows.types import Action, Answer, InputErrors, RequirementKind


def around(work: Recorder, *results: Any, **review: Any) -> Run:
    """Fetch, then the step that people are asked about, then save."""
    return Run(
        Step("fetch", work.returning("fetched", name="fetch")),
        Step(
            "process", work.returning(*(results or ("processed",)), name="process"), max_retries=0, **review
        ),
        Step("save", work.returning("saved", name="save")),
    )


class TestConfirmation:
    def test_the_step_waits_and_nothing_before_it_runs_again(self) -> None:
        work = Recorder()
        run = around(work, requires_confirmation=True, confirmation_message="Go on?")
        assert (run.status, work.calls) == ("paused", ["fetch"])
        assert (run.ask.step_name, run.ask.step_index, run.ask.message) == ("process", 1, "Go on?")

    def test_approved_it_runs_once(self) -> None:
        work = Recorder()
        run = around(work, requires_confirmation=True).reload().answer("approve")
        assert (run.status, run.content) == ("completed", "saved")
        assert work.calls == ["fetch", "process", "save"]

    def test_rejected_it_is_skipped_without_a_trace(self) -> None:
        work = Recorder()
        run = around(work, requires_confirmation=True, on_reject="skip").answer("reject")
        assert work.calls == ["fetch", "save"]
        assert work.inputs[-1].previous_step_content == "fetched"
        assert list(work.inputs[-1].previous_step_outputs) == ["fetch"]
        assert run.status == "completed"

    def test_rejected_with_cancel_the_run_ends(self) -> None:
        work = Recorder()
        run = around(work, requires_confirmation=True, on_reject="cancel").answer("reject")
        assert (run.status, work.calls) == ("cancelled", ["fetch"])
        assert run.content == "Workflow cancelled: Step 'process' was rejected"

    def test_a_person_may_cancel_whatever_on_reject_says(self) -> None:
        run = around(Recorder(), requires_confirmation=True, on_reject="retry").answer("cancel")
        assert run.status == "cancelled"

    def test_else_is_skip_where_there_is_no_else(self) -> None:
        work = Recorder()
        around(work, requires_confirmation=True, on_reject="else").answer("reject")
        assert work.calls == ["fetch", "save"]

    def test_a_no_with_retry_asks_again_and_never_runs_the_step(self) -> None:
        work = Recorder()
        run = around(work, requires_confirmation=True, on_reject="retry", hitl_max_retries=2)
        run.answer("reject").answer("reject")
        assert (run.status, run.ask.retry_count, work.calls) == ("paused", 2, ["fetch"])
        run.answer("reject")
        assert (run.status, work.calls) == ("cancelled", ["fetch"])
        assert run.content == "Max retries (2) reached for step 'process'"

    def test_after_being_asked_again_a_yes_runs_it_once(self) -> None:
        work = Recorder()
        run = around(work, requires_confirmation=True, on_reject="retry").answer("reject").answer("approve")
        assert (run.status, work.calls) == ("completed", ["fetch", "process", "save"])

    def test_a_group_waits_and_runs_as_a_whole(self) -> None:
        work = Recorder()
        inner = [work.returning(1, name="one"), work.returning(2, name="two")]
        run = Run(Steps("group", steps=inner, requires_confirmation=True))
        assert (run.ask.step_type, run.ask.message) == ("Steps", "Execute steps pipeline 'group'?")
        run.answer("approve")
        assert (work.calls, run.content) == (["one", "two"], 2)

    def test_a_group_is_skipped_as_a_whole(self) -> None:
        work = Recorder()
        run = Run(Steps("group", steps=[work.returning(1)], requires_confirmation=True)).answer("reject")
        assert (run.status, run.content, work.calls) == ("completed", None, [])

    def test_the_definition_asks_again_in_the_next_run(self) -> None:
        step = Step("pay", Recorder().returning(1), requires_confirmation=True)
        Run(step).answer("approve")
        assert Run(step).status == "paused"


ENVIRONMENT = UserInputField("env", allowed_values=["staging", "production"])
SCHEMA = [ENVIRONMENT, UserInputField("replicas", field_type="int", required=False)]


class TestUserInput:
    def test_the_step_reads_what_was_filled_in_and_no_other_step_does(self) -> None:
        work = Recorder()
        run = around(work, requires_user_input=True, user_input_schema=SCHEMA)
        assert [field["name"] for field in run.ask.fields] == ["env", "replicas"]
        run.reload().answer("approve", values={"env": "staging", "replicas": 2})
        assert work.notes == [{}, {"user_input": {"env": "staging", "replicas": 2}}, {}]

    def test_defaults_are_read_where_nothing_was_filled_in(self) -> None:
        work = Recorder()
        schema = [UserInputField("env", value="staging"), UserInputField("replicas", "int", value=1)]
        run = around(work, requires_user_input=True, user_input_schema=schema)
        run.answer("approve", values={"replicas": 3})
        assert work.notes[1] == {"user_input": {"env": "staging", "replicas": 3}}

    def test_a_wrong_form_is_refused_and_the_run_still_waits(self) -> None:
        run = around(Recorder(), requires_user_input=True, user_input_schema=SCHEMA)
        with pytest.raises(InputErrors, match="not in allowed values"):
            run.answer("approve", values={"env": "moon"})
        assert run.status == "paused"
        assert run.answer("approve", values={"env": "staging"}).status == "completed"

    def test_answers_never_reach_the_definition(self) -> None:
        field = UserInputField("env")
        run = around(Recorder(), requires_user_input=True, user_input_schema=[field])
        run.answer("approve", values={"env": "staging"})
        assert field.value is None

    def test_confirmation_and_form_are_one_question(self) -> None:
        work = Recorder()
        run = around(
            work,
            requires_confirmation=True,
            requires_user_input=True,
            confirmation_message="Deploy?",
            user_input_message="Where to?",
        )
        assert (run.ask.kind, run.ask.confirm) == (RequirementKind.user_input, True)
        assert (run.ask.message, run.ask.input_message) == ("Deploy?", "Where to?")
        run.answer("approve", values={"env": "staging"})
        assert work.calls == ["fetch", "process", "save"]

    def test_a_form_can_be_rejected(self) -> None:
        work = Recorder()
        around(work, requires_user_input=True, user_input_schema=SCHEMA).answer("reject")
        assert work.calls == ["fetch", "save"]

    def test_what_the_run_was_started_with_stays_beside_it(self) -> None:
        work = Recorder()
        step = Step("process", work.returning(1), requires_user_input=True)
        Run(step, additional_data={"customer": "c-1"}).answer("approve", values={"a": 1})
        assert work.notes == [{"customer": "c-1", "user_input": {"a": 1}}]


class TestOutputReview:
    def test_the_step_has_run_once_when_people_are_asked(self) -> None:
        work = Recorder()
        run = around(work, requires_output_review=True, output_review_message="Good?")
        assert (work.calls, run.ask.kind) == (["fetch", "process"], RequirementKind.output_review)
        assert (run.ask.message, run.ask.evidence) == ("Good?", ("process", "call:0.0.0"))

    def test_approved_it_flows_on_and_does_not_run_again(self) -> None:
        work = Recorder()
        run = around(work, requires_output_review=True).reload().answer("approve")
        assert work.calls == ["fetch", "process", "save"]
        assert work.inputs[-1].previous_step_content == "processed"
        assert run.status == "completed"

    def test_an_edit_flows_on_instead(self) -> None:
        work = Recorder()
        run = around(work, requires_output_review=True).reload().answer("edit", content="better")
        assert work.inputs[-1].previous_step_content == "better"
        assert work.inputs[-1].get_step_content("process") == "better"
        assert run.status == "completed"

    def test_an_edit_counts_once_and_never_for_a_later_step(self) -> None:
        work = Recorder()
        run = Run(
            Step("a", work.returning("a"), requires_output_review=True),
            Step("b", work.returning("b"), requires_output_review=True),
            Step("c", work.returning("c")),
        )
        run.answer("edit", content="A").reload().answer("approve")
        outputs = work.inputs[-1].previous_step_outputs
        assert [outputs[name].content for name in outputs] == ["A", "b"]

    def test_an_edit_replaces_inner_outputs_too(self) -> None:
        work = Recorder()
        composed = StepOutput(content="outer", steps=[StepOutput(content="inner")])
        around(work, composed, requires_output_review=True).answer("edit", content="new")
        assert work.inputs[-1].previous_step_content == "new"

    def test_an_edit_may_be_falsy(self) -> None:
        work = Recorder()
        around(work, requires_output_review=True).answer("edit", content=0)
        assert work.inputs[-1].previous_step_content == 0

    def test_rejected_it_is_taken_out(self) -> None:
        work = Recorder()
        around(work, requires_output_review=True, on_reject="skip").answer("reject")
        assert work.calls == ["fetch", "process", "save"]
        assert work.inputs[-1].previous_step_content == "fetched"

    def test_rejected_with_cancel_the_run_ends(self) -> None:
        work = Recorder()
        run = around(work, requires_output_review=True, on_reject="cancel").answer("reject")
        assert (run.status, work.calls) == ("cancelled", ["fetch", "process"])

    def test_sent_back_it_runs_again_with_feedback_and_the_output_before(self) -> None:
        work = Recorder()
        run = around(work, "draft", "second", requires_output_review=True, on_reject="retry")
        run.answer("reject", feedback="shorter").reload()
        assert run.ask.retry_count == 1
        run.answer("approve")
        again = {"rejection_feedback": "shorter", "previous_output": "draft"}
        assert work.notes == [{}, {}, again, {}]
        assert work.inputs[-1].previous_step_content == "second"

    def test_what_was_filled_in_is_still_there_when_it_is_sent_back(self) -> None:
        work = Recorder()
        run = around(work, requires_user_input=True, requires_output_review=True, on_reject="retry")
        run.answer("approve", values={"a": 1}).answer("reject", feedback="no").reload().answer("approve")
        assert work.notes[2]["user_input"] == {"a": 1}

    @pytest.mark.parametrize("limit", [0, 1, 2])
    def test_it_is_sent_back_as_often_as_the_limit_says(self, limit: int) -> None:
        work = Recorder()
        run = around(work, requires_output_review=True, on_reject="retry", hitl_max_retries=limit)
        for _ in range(limit):
            assert run.reload().answer("reject").status == "paused"
        run.answer("reject")
        assert work.calls.count("process") == limit + 1
        assert run.content == f"Max retries ({limit}) reached for step 'process'"

    def test_without_a_limit_it_is_sent_back_for_ever(self) -> None:
        work = Recorder()
        run = around(work, requires_output_review=True, on_reject="retry", hitl_max_retries=None)
        for _ in range(20):
            run.answer("reject")
        assert (run.status, run.ask.retry_count) == ("paused", 20)

    def test_the_count_starts_anew_at_the_next_step(self) -> None:
        review = HumanReview(requires_output_review=True, on_reject=OnReject.retry, max_retries=1)
        work = Recorder()
        run = Run(*(Step(name, work.returning(name), human_review=review) for name in "ab"))
        run.answer("reject").answer("approve")
        assert run.ask.retry_count == 0
        assert run.answer("reject").status == "paused"

    @pytest.mark.parametrize("falsy", [0, "", False, None, [], {}])
    def test_falsy_outputs_are_reviewed_and_flow_on(self, falsy: Any) -> None:
        work = Recorder()
        run = around(work, falsy, requires_output_review=True).reload().answer("approve")
        assert work.inputs[-1].previous_step_content == falsy
        assert type(work.inputs[-1].previous_step_content) is type(falsy)
        assert run.status == "completed"

    def test_stop_is_honoured_after_the_review(self) -> None:
        work = Recorder()
        run = around(work, StepOutput(content="enough", stop=True), requires_output_review=True)
        run.reload().answer("approve")
        assert (run.status, run.content, work.calls) == ("completed", "enough", ["fetch", "process"])

    def test_stop_is_honoured_after_an_edit(self) -> None:
        work = Recorder()
        run = around(work, StepOutput(content="enough", stop=True), requires_output_review=True)
        assert run.answer("edit", content="plenty").content == "plenty"
        assert "save" not in work.calls

    def test_stop_is_forgotten_with_an_output_that_was_rejected(self) -> None:
        work = Recorder()
        around(work, StepOutput(stop=True), requires_output_review=True).answer("reject")
        assert work.calls[-1] == "save"

    def test_a_failed_output_can_be_looked_at_too(self) -> None:
        work = Recorder()
        run = around(work, ValueError("no"), requires_output_review=True, on_error="skip")
        assert run.ask.evidence is not None
        assert "no" in run.store.value(*run.ask.evidence)
        assert run.reload().answer("approve").status == "completed"


class TestPredicate:
    @pytest.mark.parametrize("wanted", [True, 1, "yes"])
    def test_what_is_true_asks(self, wanted: Any) -> None:
        assert around(Recorder(), requires_output_review=lambda _: wanted).status == "paused"

    @pytest.mark.parametrize("wanted", [False, 0, None, ""])
    def test_what_is_false_does_not(self, wanted: Any) -> None:
        assert around(Recorder(), requires_output_review=lambda _: wanted).status == "completed"

    def test_one_that_raises_asks(self) -> None:
        def broken(output: StepOutput) -> bool:
            raise KeyError(output.content)

        run = around(Recorder(), requires_output_review=broken)
        assert run.ask.kind is RequirementKind.output_review

    def test_it_reads_the_output(self) -> None:
        def large(output: StepOutput) -> bool:
            return bool(output.content["amount"] > 100)

        assert around(Recorder(), {"amount": 500}, requires_output_review=large).status == "paused"
        assert around(Recorder(), {"amount": 5}, requires_output_review=large).status == "completed"

    def test_it_may_be_async(self) -> None:
        async def always(output: StepOutput) -> bool:
            return True

        assert around(Recorder(), requires_output_review=always).status == "paused"

    def test_it_is_evaluated_once_for_each_output(self) -> None:
        seen: list[Any] = []

        def judge(output: StepOutput) -> bool:
            seen.append(output.content)
            return True

        run = around(Recorder(), "first", "second", requires_output_review=judge, on_reject="retry")
        run.reload().answer("reject").reload().answer("approve")
        assert seen == ["first", "second"]


def test_an_answer_to_a_question_that_is_not_open_is_refused() -> None:
    run = around(Recorder(), requires_confirmation=True)
    ask = run.ask
    run.answer("approve")
    with pytest.raises(KeyError):
        run.machine.answer(ask, Answer(action=Action.approve))
