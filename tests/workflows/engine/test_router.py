"""A router: who chooses, what runs, and how often people may choose again (spec 3.6, 3.9)."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import HumanReview, Router, Step, StepOutput
from workflows.types import InputErrors, RequirementKind

BOOM = ValueError("boom")


def routed(work: Recorder, selector: Any = None, names: str = "abc", **settings: Any) -> Run:
    """A router over steps that are named by one letter each, and a step after it."""
    choices = [Step(name, work.returning(name, name=name), description=f"way {name}") for name in names]
    after = Step("after", work.returning("after", name="after"))
    return Run(Router(choices, selector, name="r", **settings), after)


class TestSelector:
    @pytest.mark.parametrize(
        ("result", "calls"),
        [
            ("b", ["b"]),
            (["c", ["a"]], ["c", "a"]),
            (["a", "a"], ["a"]),
            ("unknown", []),
            (None, []),
            (["unknown", "b"], ["b"]),
        ],
    )
    def test_it_gives_names(self, result: Any, calls: list[str]) -> None:
        work = Recorder()
        routed(work, lambda _: result)
        assert work.calls == [*calls, "after"]

    def test_it_gives_steps_or_functions_by_their_names(self) -> None:
        work = Recorder()
        one, two = Step("one", work.returning(1, name="one")), work.returning(2, name="two")
        Run(Router([one, two], lambda _: [two, one], name="r"))
        assert work.calls == ["two", "one"]

    def test_it_may_ask_for_the_choices_and_the_state(self) -> None:
        def selector(step_input: Any, step_choices: list[str], session_state: dict[str, Any]) -> str:
            return step_choices[int(session_state["n"])]

        work = Recorder()
        choices = [Step(name, work.returning(name, name=name)) for name in "ab"]
        Run(Router(choices, selector, name="r"), state={"n": 1})
        assert work.calls == ["b"]

    def test_the_chosen_are_chained(self) -> None:
        work = Recorder()
        routed(work, lambda _: ["a", "b"])
        assert [given.previous_step_content for given in work.inputs] == [None, "a", "b"]
        output = work.inputs[-1].previous_step_outputs["r"]
        assert output.content == "Router r completed with 2 results"

    def test_where_nothing_is_chosen_it_says_so(self) -> None:
        work = Recorder()
        routed(work, lambda _: [])
        output = work.inputs[-1].previous_step_outputs["r"]
        assert output.content == "Router r completed with 0 results (no steps selected)"

    def test_one_that_raises_ends_the_run(self) -> None:
        run = routed(Recorder(), Recorder().returning(BOOM))
        assert (run.status, run.content) == ("error", "Step 'r' failed: boom")

    def test_a_failure_inside_ends_the_route_and_the_run_goes_on(self) -> None:
        work = Recorder()
        bad = Step("bad", work.returning(BOOM, name="bad"), max_retries=0, on_error="fail")
        good = Step("good", work.returning(1, name="good"))
        Run(Router([bad, good], lambda _: ["bad", "good"], name="r"), Step("after", work.returning(2)))
        output = work.inputs[-1].previous_step_outputs["r"]
        assert (output.success, work.inputs[-1].previous_step_content) == (False, "Step bad failed: boom")
        assert "good" not in work.calls

    def test_a_list_among_the_choices_is_a_group(self) -> None:
        work = Recorder()
        group = [work.returning(1, name="x"), work.returning(2, name="y")]
        run = Run(Router([lambda _: 0, group], name="r", requires_user_input=True))
        assert [choice["name"] for choice in run.ask.choices][1] == "steps_group_1"
        run.answer("approve", choices=("steps_group_1",))
        assert work.calls == ["x", "y"]

    def test_without_choices_it_is_refused_when_built(self) -> None:
        with pytest.raises(ValueError, match="needs choices"):
            Router([], name="r")


class TestSelection:
    def test_people_see_every_choice_in_order(self) -> None:
        run = routed(Recorder(), requires_user_input=True)
        assert run.ask.kind is RequirementKind.route
        assert run.ask.message == "Select a route from: a, b, c"
        assert run.ask.choices[0] == {"name": "a", "description": "way a"}

    def test_what_they_choose_runs(self) -> None:
        work = Recorder()
        routed(work, requires_user_input=True).reload().answer("approve", choices=("b",))
        assert work.calls == ["b", "after"]
        assert work.inputs[-1].previous_step_content == "b"

    def test_several_run_in_the_order_of_the_choices(self) -> None:
        work = Recorder()
        run = routed(work, requires_user_input=True, allow_multiple_selections=True)
        run.answer("approve", choices=("c", "a"))
        assert work.calls == ["a", "c", "after"]

    @pytest.mark.parametrize(
        ("choices", "reason"),
        [(("x",), "Unknown: x. Choose from: a, b, c"), ((), "Choose from"), (("a", "b"), "Only one")],
    )
    def test_what_does_not_fit_is_refused_and_the_run_still_waits(
        self, choices: tuple[str, ...], reason: str
    ) -> None:
        run = routed(Recorder(), requires_user_input=True)
        with pytest.raises(InputErrors, match=reason):
            run.answer("approve", choices=choices)
        assert run.status == "paused"

    def test_rejected_the_router_is_skipped(self) -> None:
        work = Recorder()
        routed(work, requires_user_input=True).answer("reject")
        assert (work.calls, dict(work.inputs[-1].previous_step_outputs)) == (["after"], {})

    def test_rejected_with_retry_it_is_asked_again_as_often_as_the_limit_says(self) -> None:
        run = routed(Recorder(), requires_user_input=True, on_reject="retry", hitl_max_retries=1)
        assert run.answer("reject").ask.retry_count == 1
        assert run.reload().answer("reject").content == "Max retries (1) reached for step 'r'"


class TestConfirmation:
    def test_people_see_what_the_selector_proposes(self) -> None:
        run = routed(Recorder(), lambda _: ["b", "c"], requires_confirmation=True)
        assert run.ask.message == "Execute router 'r' with selected steps?"
        assert (run.ask.kind, run.ask.proposal) == (RequirementKind.confirmation, ("b", "c"))

    def test_approved_what_was_shown_runs_and_the_selector_is_not_asked_again(self) -> None:
        work, selector = Recorder(), Recorder()
        run = routed(work, selector.returning("b", "c"), requires_confirmation=True)
        run.reload().answer("approve")
        assert (work.calls, len(selector.calls)) == (["b", "after"], 1)

    def test_rejected_it_is_skipped(self) -> None:
        work = Recorder()
        routed(work, lambda _: "a", requires_confirmation=True).answer("reject")
        assert work.calls == ["after"]

    def test_rejected_with_cancel_the_run_ends(self) -> None:
        run = routed(Recorder(), lambda _: "a", requires_confirmation=True, on_reject="cancel")
        assert run.answer("reject").status == "cancelled"

    def test_rejected_with_retry_people_choose_themselves(self) -> None:
        work = Recorder()
        run = routed(work, lambda _: "a", requires_confirmation=True, on_reject="retry").answer("reject")
        assert run.ask.kind is RequirementKind.route
        run.reload().answer("approve", choices=("c",))
        assert work.calls == ["c", "after"]

    def test_with_a_selection_too_both_are_asked_in_that_order(self) -> None:
        work = Recorder()
        run = routed(work, requires_confirmation=True, requires_user_input=True)
        assert run.ask.kind is RequirementKind.confirmation
        assert run.reload().answer("approve").ask.kind is RequirementKind.route
        run.reload().answer("approve", choices=("b",))
        assert work.calls == ["b", "after"]


class TestReview:
    def test_people_see_the_output_and_the_other_ways(self) -> None:
        run = routed(Recorder(), lambda _: "a", requires_output_review=True)
        assert run.ask.message == "Review output of router 'r'?"
        assert run.ask.evidence == ("r/1/a", "call:0.0.0")  # what flows on, not the router's summary
        assert [choice["name"] for choice in run.ask.choices] == ["a", "b", "c"]

    def test_approved_it_flows_on(self) -> None:
        work = Recorder()
        routed(work, lambda _: "a", requires_output_review=True).reload().answer("approve")
        assert (work.calls, work.inputs[-1].previous_step_content) == (["a", "after"], "a")

    def test_an_edit_flows_on_all_the_way_down_and_once(self) -> None:
        work = Recorder()
        routed(work, lambda _: "a", requires_output_review=True).reload().answer("edit", content="new")
        given = work.inputs[-1]
        assert (given.previous_step_content, given.get_step_content("r")) == ("new", "new")
        assert [output.content for output in given.previous_step_outputs["r"].steps or ()] == ["new"]

    def test_sent_back_people_choose_even_where_a_selector_did(self) -> None:
        work = Recorder()
        run = routed(work, lambda _: "a", requires_output_review=True, on_reject="retry")
        run.reload().answer("reject", feedback="other")
        assert (run.ask.kind, run.ask.retry_count) == (RequirementKind.route, 1)
        run.reload().answer("approve", choices=("b",)).reload()
        assert (run.ask.kind, run.ask.retry_count) == (RequirementKind.output_review, 1)
        assert work.notes[-1] == {"rejection_feedback": "other", "previous_output": "a"}
        run.answer("approve")
        assert work.inputs[-1].previous_step_content == "b"

    def test_the_same_way_can_be_taken_again(self) -> None:
        work = Recorder()
        run = routed(work, lambda _: "a", requires_output_review=True, on_reject="retry").answer("reject")
        run.answer("approve", choices=("a",)).reload().answer("approve")
        assert work.calls == ["a", "a", "after"]

    @pytest.mark.parametrize("limit", [0, 1])
    def test_it_is_sent_back_as_often_as_the_limit_says(self, limit: int) -> None:
        settings: dict[str, Any] = {"requires_output_review": True, "on_reject": "retry"}
        run = routed(Recorder(), lambda _: "a", hitl_max_retries=limit, **settings)
        for _ in range(limit):
            run.answer("reject").answer("approve", choices=("b",))
        assert run.answer("reject").content == f"Max retries ({limit}) reached for step 'r'"

    def test_rejected_with_skip_it_is_taken_out(self) -> None:
        work = Recorder()
        routed(work, lambda _: "a", requires_output_review=True).answer("reject")
        assert dict(work.inputs[-1].previous_step_outputs) == {}

    def test_stop_is_honoured_after_the_review(self) -> None:
        stopping = Step("a", lambda _: StepOutput(content="enough", stop=True))
        review = HumanReview(requires_output_review=True)
        run = Run(Router([stopping], lambda _: "a", name="r", human_review=review), lambda _: "never")
        assert run.reload().answer("approve").content == "enough"


def test_pauses_inside_resume_where_they_were() -> None:
    work = Recorder()
    choices = [Step(name, work.returning(name, name=name), requires_confirmation=True) for name in "ab"]
    run = Run(Router(choices, lambda _: ["b", "a"], name="r"))
    assert run.ask.path == "r/1/b"
    run.reload().answer("approve").reload().answer("approve")
    assert (run.status, work.calls) == ("completed", ["b", "a"])


def test_choices_with_one_name_are_kept_apart() -> None:
    work = Recorder()
    choices = [Step("a", work.returning(number, name=str(number))) for number in (1, 2)]
    run = Run(Router(choices, name="r", requires_user_input=True)).answer("approve", choices=("a",))
    assert (work.calls, run.content) == (["1", "2"], 2)
