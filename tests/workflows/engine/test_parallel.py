"""Parallel branches: what they share, what they do not, and many of them waiting for people at once (spec 3.7, E8)."""

import threading
from itertools import permutations
from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import HumanReview, Loop, Parallel, Step, StepInput, StepOutput, Steps
from workflows.types import Action, Answer

BOOM = ValueError("boom")
SURE = HumanReview(requires_confirmation=True)


def gates(work: Recorder, names: str = "abc", **settings: Any) -> list[Step]:
    """Steps that each wait for a person."""
    return [Step(name, work.returning(name, name=name), human_review=SURE, **settings) for name in names]


def answer(run: Run, path: str, action: str = "approve", **said: Any) -> Run:
    """Answer one of several open questions."""
    (ask,) = [ask for ask in run.machine.asks if ask.path == path]
    run.machine.answer(ask, Answer(action=Action(action), **said))
    return run.drive()


class TestOutput:
    def test_its_content_tells_of_all_in_order_and_the_last_flows_on(self) -> None:
        work = Recorder()
        branches = [Step("a", lambda _: "A"), Step("b", lambda _: {"n": 1})]
        last = Step("last", work.returning(1), requires_confirmation=True)
        Run(Parallel(*branches, name="p"), last).reload().answer("approve")
        given = work.inputs[0]
        assert given.previous_step_content == {"n": 1}
        assert given.get_step_content("p") == {"a": "A", "b": '{"n": 1}'}
        assert given.previous_step_outputs["p"].content == (
            '## Parallel Execution Results\n\n### SUCCESS: a\nA\n\n### SUCCESS: b\n{"n": 1}'
        )

    def test_every_branch_is_given_the_same(self) -> None:
        work = Recorder()
        branches = [Step(name, work.returning(name)) for name in "ab"]
        Run(Step("first", lambda _: "F"), Parallel(*branches))
        assert [given.previous_step_content for given in work.inputs] == ["F", "F"]
        assert [list(given.previous_step_outputs) for given in work.inputs] == [["first"], ["first"]]

    def test_they_run_at_the_same_time(self) -> None:
        together = threading.Barrier(3, timeout=10)

        def meet(step_input: StepInput) -> int:
            return together.wait()

        assert Run(Parallel(meet, meet, meet, name="p")).status == "completed"

    def test_a_string_that_comes_first_is_its_name(self) -> None:
        assert Parallel("side", lambda _: 1).name == "side"

    def test_one_that_fails_becomes_a_failed_output_and_the_others_survive(self) -> None:
        work = Recorder()
        bad = Loop([Step("bad", work.returning(BOOM), max_retries=0, on_error="fail")], name="l")
        Run(Parallel(bad, Step("good", lambda _: "fine"), name="p"), Step("last", work.returning(1)))
        output = work.inputs[-1].previous_step_outputs["p"]
        assert [inner.content for inner in output.steps or ()] == ["Step l failed: boom", "fine"]
        assert (output.success, "### FAILURE: l" in output.content) == (False, True)

    def test_stop_ends_the_run_after_the_others(self) -> None:
        work = Recorder()
        stopping = Step("a", lambda _: StepOutput(content="enough", stop=True))
        run = Run(Parallel(stopping, Step("b", work.returning("B"))), work.returning("never"))
        assert (run.status, len(work.calls)) == ("completed", 1)

    def test_branches_with_one_name_are_kept_apart(self) -> None:
        run = Run(Parallel(Step("a", lambda _: 1), Step("a", lambda _: 2), name="p"))
        assert sorted(run.machine.journal.records) == ["", "p", "p/0:a", "p/1:a"]


class TestPauses:
    @pytest.mark.parametrize("order", list(permutations("abc")))
    def test_all_are_open_at_once_and_answered_in_any_order_in_any_process(
        self, order: tuple[str, ...]
    ) -> None:
        work = Recorder()
        run = Run(Parallel(*gates(work), name="p"), Step("last", work.returning(1, name="last")))
        assert [ask.path for ask in run.machine.asks] == ["p/a", "p/b", "p/c"]
        for name in order:
            answer(run.reload(), f"p/{name}")
        assert (run.status, work.calls) == ("completed", [*order, "last"])
        assert work.inputs[-1].previous_step_content == "c"

    def test_the_other_branches_go_on_meanwhile(self) -> None:
        work = Recorder()
        (gate,) = gates(work, "a")
        group = Steps("g", steps=[Step(name, work.returning(name, name=name)) for name in "xy"])
        run = Run(Parallel(gate, group, name="p"))
        assert (run.status, work.calls) == ("paused", ["x", "y"])
        assert answer(run.reload(), "p/a").status == "completed"

    def test_one_that_is_rejected_leaves_no_trace(self) -> None:
        work = Recorder()
        run = Run(Parallel(*gates(work, "ab"), name="p"), Step("last", work.returning(1)))
        answer(answer(run, "p/b", "reject"), "p/a")
        output = work.inputs[-1].previous_step_outputs["p"]
        assert [inner.step_name for inner in output.steps or ()] == ["a"]
        assert work.inputs[-1].previous_step_content == "a"

    def test_where_all_are_rejected_it_has_nothing_inside(self) -> None:
        run = Run(Parallel(*gates(Recorder(), "ab"), name="p"))
        answer(answer(run, "p/a", "reject").reload(), "p/b", "reject")
        assert run.content == "## Parallel Execution Results"

    def test_one_that_cancels_ends_the_run_with_all_questions(self) -> None:
        run = Run(Parallel(*gates(Recorder()), name="p"))
        answer(run, "p/b", "cancel")
        assert (run.status, run.machine.asks) == ("cancelled", [])

    def test_a_branch_may_pause_again_and_again(self) -> None:
        work = Recorder()
        branch = Loop([*gates(work, "a")], name="l", max_iterations=2)
        run = Run(Parallel(branch, *gates(work, "b"), name="p"))
        answer(run.reload(), "p/l/1/a")
        assert {ask.path for ask in run.machine.asks} == {"p/l/2/a", "p/b"}
        answer(answer(run.reload(), "p/b").reload(), "p/l/2/a")
        assert (run.status, work.calls) == ("completed", ["a", "b", "a"])

    def test_before_the_branches_start_people_may_be_asked(self) -> None:
        work = Recorder()
        run = Run(Parallel(Step("a", work.returning("A")), name="p", human_review=SURE))
        assert (run.ask.message, work.calls) == ("Execute parallel steps 'p'?", [])
        assert run.reload().answer("approve").content == "A"

    def test_parallel_in_parallel(self) -> None:
        work = Recorder()
        inner = Parallel(*gates(work, "ab"), name="inner")
        run = Run(Parallel(inner, *gates(work, "c"), name="outer"))
        for path in ("outer/inner/b", "outer/c", "outer/inner/a"):
            answer(run.reload(), path)
        assert (run.status, run.content, work.calls) == ("completed", "c", ["b", "c", "a"])


class TestState:
    def test_a_branch_sees_its_own_changes_alone_until_all_are_done(self) -> None:
        seen: dict[str, Any] = {}

        def note(name: str) -> Any:
            def function(step_input: StepInput, session_state: dict[str, Any]) -> None:
                seen[name] = dict(session_state)
                session_state[name] = session_state["who"] = name

            return Step(name, function)

        branch = Steps("g", steps=[note("a1"), note("a2")])
        run = Run(Parallel(branch, note("b"), name="p"), note("after"), state={"who": "start"})
        assert seen["a1"] == seen["b"] == {"who": "start"}
        assert seen["a2"] == {"who": "a1", "a1": "a1"}
        assert seen["after"] == {"who": "b", "a1": "a1", "a2": "a2", "b": "b"}
        assert run.store.state["who"] == "after"

    def test_changes_count_in_the_order_of_the_branches_whenever_they_were_made(self) -> None:
        def write(step_input: StepInput, session_state: dict[str, Any]) -> None:
            session_state["who"] = step_input.idempotency_key

        branches = [Step(name, write, requires_confirmation=True) for name in "ab"]
        run = Run(Parallel(*branches, name="p"))
        answer(answer(run.reload(), "p/b").reload(), "p/a")
        assert run.store.state == {"who": "run:p/b:1"}

    def test_a_branch_inside_a_branch_adds_to_the_outer_one(self) -> None:
        def put(name: str) -> Any:
            def function(step_input: StepInput, session_state: dict[str, Any]) -> list[str]:
                session_state[name] = True
                return sorted(session_state)

            return Step(name, function)

        inner = Steps("g", steps=[Parallel(put("a"), put("b"), name="inner"), put("c")])
        run = Run(Parallel(inner, put("d"), name="outer"))
        assert run.store.state == {"a": True, "b": True, "c": True, "d": True}
        assert run.machine.journal.output("outer/g/c").content == ["a", "b", "c"]  # type: ignore[union-attr]
