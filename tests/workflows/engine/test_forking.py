"""Forks: what is kept, what runs again, and that it means what a fresh run would mean; for every primitive."""

from typing import Any

import pytest

from tests.workflows.engine.forks import SAME, Fork, Retry, gets
from tests.workflows.engine.runs import Recorder, Run
from workflows import Condition, HumanReview, Loop, Parallel, Router, Step, StepInput, Steps, Workflow
from workflows.engine.forking import NoSuchPlace

Trees = tuple[str, list[Any], str, list[str]]


class Adding:
    """Steps that add their name to what they get, and note that they were called."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def step(self, name: str, **settings: Any) -> Step:
        """Such a step."""

        def function(step_input: StepInput) -> str:
            self.calls.append(name)
            before = step_input.previous_step_content
            return f"{step_input.input if before is None else before} {name}"

        return Step(name, function, **settings)


def trees(made: Adding) -> list[Trees]:
    """For each primitive: its name, the workflow, the place to fork at, and what runs again then."""
    a, b, c, d = (made.step(name) for name in "abcd")
    inner = Workflow(name="inner", steps=[b, c])
    return [
        ("first", [a, b], "a", ["a", "b"]),
        ("sequence", [a, b, c], "b", ["b", "c"]),
        ("steps", [a, Steps(name="g", steps=[b, c]), d], "g/c", ["c", "d"]),
        ("whole group", [a, Steps(name="g", steps=[b, c]), d], "g", ["b", "c", "d"]),
        ("loop", [a, Loop([b, c], name="l", max_iterations=3), d], "l/2/c", ["c", "b", "c", "d"]),
        (
            "forwarding loop",
            [a, Loop([b], name="l", max_iterations=3, forward_iteration_output=True)],
            "l/2/b",
            ["b", "b"],
        ),
        ("parallel", [a, Parallel(b, Steps(name="g", steps=[c, d]), name="p")], "p/g/d", ["d"]),
        ("branch", [a, Parallel(b, c, name="p"), d], "p/b", ["b", "d"]),
        ("router", [a, Router([b, c, d], lambda _: ["b", "c"], name="r"), d], "r/1/c", ["c", "d"]),
        ("condition", [a, Condition([b, c], True, name="i"), d], "i/if/c", ["c", "d"]),
        ("else", [a, Condition([b], False, [c, d], name="i"), d], "i/else/d", ["d", "d"]),
        ("nested", [a, Step("n", workflow=inner), d], "n/c", ["c", "d"]),
        ("first of nested", [a, Step("n", workflow=inner), d], "n/b", ["b", "c", "d"]),
        (
            "deep",
            [Loop([Parallel(a, Steps(name="g", steps=[b, c]), name="p")], name="l", max_iterations=2), d],
            "l/2/p/g/c",
            ["c", "d"],
        ),
    ]


NAMES = [name for name, *_ in trees(Adding())]


@pytest.mark.parametrize("name", NAMES)
class TestEveryPrimitive:
    def test_what_was_before_is_kept_and_the_rest_runs_again(self, name: str) -> None:
        made = Adding()
        _, steps, path, again = next(tree for tree in trees(made) if tree[0] == name)
        old = Run(*steps, input="in")
        made.calls.clear()
        fork = Fork(old, path)
        assert (made.calls, fork.status, fork.content) == (again, "completed", old.content)

    def test_another_input_flows_on_from_there(self, name: str) -> None:
        made = Adding()
        _, steps, path, again = next(tree for tree in trees(made) if tree[0] == name)
        old = Run(*steps, input="in")
        made.calls.clear()
        fork = Fork(old, path, given="X")
        changed = fork.store._values.values()
        assert made.calls == again
        assert any(f'"X {again[0]}' in text for text in changed)
        assert fork.status == "completed"

    def test_the_form_is_filled_with_what_it_got(self, name: str) -> None:
        made = Adding()
        _, steps, path, _ = next(tree for tree in trees(made) if tree[0] == name)
        old = Run(*steps, input="in")
        given = gets(old, path)
        fork, same = Fork(old, path, given="in" if given is None else given), Fork(old, path)
        assert fork.content == same.content

    def test_a_fork_can_be_forked(self, name: str) -> None:
        made = Adding()
        _, steps, path, again = next(tree for tree in trees(made) if tree[0] == name)
        first = Fork(Run(*steps, input="in"), path, given="X")
        made.calls.clear()
        second = Fork(first, path, mark="second")
        assert made.calls == again
        assert second.status == "completed"


class TestTheSameAsAFreshRun:
    @pytest.mark.parametrize("kind", ["steps", "parallel", "nested", "condition", "router", "loop"])
    def test_another_input_means_what_it_means_in_a_run_of_its_own(self, kind: str) -> None:
        def workflow(first: str) -> list[Any]:
            made = Adding()
            a, b, c = Step("a", lambda _: first), made.step("b"), made.step("c")
            group = {
                "steps": Steps(name="g", steps=[b, c]),
                "parallel": Parallel(b, c, name="g"),
                "nested": Step("g", workflow=Workflow(name="inner", steps=[b, c])),
                "condition": Condition(
                    [b, c], lambda given: "o" in str(given.previous_step_content), name="g"
                ),
                "router": Router([b, c], lambda given: ["c", "b"], name="g"),
                "loop": Loop([b, c], name="g", max_iterations=2),
            }[kind]
            return [a, group, made.step("d")]

        fork = Fork(Run(*workflow("one"), input="in"), "g", given="two")
        fresh = Run(*workflow("two"), input="in")
        assert fork.content == fresh.content
        assert fork.machine.output is not None
        assert fresh.machine.output is not None
        assert fork.machine.output.to_dict() == fresh.machine.output.to_dict()


class TestDecisions:
    def gated(self, work: Recorder) -> list[Any]:
        inner = [Step("b", work.returning("b")), Step("c", work.returning("c"), requires_confirmation=True)]
        return [
            Step("a", work.returning("a"), requires_confirmation=True),
            Steps(name="g", steps=inner, requires_confirmation=True),
            Step("d", work.returning("d")),
        ]

    def approved(self, work: Recorder) -> Run:
        run = Run(*self.gated(work), input="in")
        for _ in range(3):
            run.answer("approve")
        assert run.status == "completed"
        return run

    def test_what_was_decided_before_the_place_is_kept(self) -> None:
        fork = Fork(self.approved(Recorder()), "d", given="X")
        assert fork.status == "completed"

    def test_the_place_itself_is_asked_about_anew(self) -> None:
        fork = Fork(self.approved(Recorder()), "g/c", mark="")
        assert (fork.status, fork.ask.path, fork.ask.key) == ("paused", "g/c", "before:0")

    @pytest.mark.parametrize("given", ["X", SAME])
    def test_an_approval_of_what_stands_around_it_does_not_cover_the_fork(self, given: Any) -> None:
        fork = Fork(self.approved(Recorder()), "g/c", given=given)
        assert (fork.status, fork.ask.path) == ("paused", "g")
        assert "DecisionVoided g" in fork.told
        fork.reload().answer("approve")
        assert fork.ask.path == "g/c"
        fork.reload().answer("approve")
        assert fork.status == "completed"

    def test_what_is_asked_later_is_asked_anew(self) -> None:
        work = Recorder()
        fork = Fork(self.approved(work), "a")
        fork.answer("approve")
        assert fork.ask.path == "g"

    def test_a_route_that_people_chose_is_chosen_anew(self) -> None:
        made = Adding()
        a, b, c = (made.step(name) for name in "abc")
        old = Run(Router([a, Steps(name="g", steps=[b, c])], name="r", requires_user_input=True), input="in")
        old.answer("approve", choices=("g",))
        fork = Fork(old, "r/1/g/c", given="X")
        assert fork.ask.path == "r"
        made.calls.clear()
        fork.reload().answer("approve", choices=("a",))
        assert (made.calls, fork.status, fork.content) == (["a"], "completed", "in a")

    def test_the_same_route_goes_on_at_the_place(self) -> None:
        made = Adding()
        b, c = made.step("b"), made.step("c")
        old = Run(Router([b, Steps(name="g", steps=[b, c])], name="r", requires_user_input=True), input="in")
        old.answer("approve", choices=("g",))
        made.calls.clear()
        fork = Fork(old, "r/1/g/c", given="X").reload().answer("approve", choices=("g",))
        assert (made.calls, fork.content) == (["c"], "X c")

    def test_feedback_of_the_iteration_before_is_still_there(self) -> None:
        work = Recorder()
        review = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=None)
        body = Step("work", work.returning("done"))
        old = Run(Loop([body], name="l", max_iterations=3, human_review=review), input="in")
        old.answer("reject", feedback="longer").answer("approve")
        fork = Fork(old, "l/2/work")
        assert work.notes[-1] == {"rejection_feedback": "longer"}
        assert fork.ask.path == "l/2"

    def test_a_result_that_was_sent_back_can_be_forked_in_its_second_round(self) -> None:
        made = Adding()
        review = HumanReview(requires_output_review=True, on_reject="retry")
        inner = Workflow(name="inner", steps=[made.step("b"), made.step("c")])
        old = Run(Step("n", workflow=inner, human_review=review), made.step("d"), input="in")
        old.answer("reject", feedback="again").answer("approve")
        made.calls.clear()
        fork = Fork(old, "n/again:1/c", given="X")
        assert (made.calls, fork.ask.key) == (["c"], "review:1")
        fork.reload().answer("approve")
        assert fork.content == "X c d"


class TestRetry:
    @pytest.mark.parametrize(
        "name", [name for name in NAMES if name not in ("steps", "parallel", "deep", "router")]
    )
    def test_what_failed_is_tried_again_and_nothing_else(self, name: str) -> None:
        made, broken = Adding(), {"is": True}

        def failing(step_input: StepInput) -> str:
            made.calls.append("x")
            if broken["is"]:
                raise ValueError("no")
            return f"{step_input.previous_step_content} x"

        x = Step("x", failing, on_error="fail", max_retries=0)
        _, steps, _, _ = next(tree for tree in trees(made) if tree[0] == name)
        old = Run(*steps, x, made.step("last"), input="in")
        assert old.status == "error"
        broken["is"] = False
        made.calls.clear()
        again = Retry(old)
        assert (made.calls, again.status) == (["x", "last"], "completed")

    @pytest.mark.parametrize("around", ["loop", "condition", "nested", "plain", "in parallel"])
    def test_a_failure_deep_inside_is_found(self, around: str) -> None:
        made, broken = Adding(), {"is": True}

        def failing(step_input: StepInput) -> str:
            made.calls.append("x")
            if broken["is"] and made.calls.count("x") == (2 if around == "loop" else 1):
                raise ValueError("no")
            return "x"

        a, x = made.step("a"), Step("x", failing, on_error="fail", max_retries=0)
        review = HumanReview(on_error="fail")
        group = {
            "loop": Loop([a, x], name="g", max_iterations=2),
            "condition": Condition([a, x], True, name="g", human_review=review),
            "nested": Step("g", workflow=Workflow(name="inner", steps=[a, x]), human_review=review),
            "plain": x,
            "in parallel": Condition(
                [Parallel(a, made.step("b"), name="p"), x], True, name="g", human_review=review
            ),
        }[around]
        old = Run(made.step("first"), group, made.step("last"), input="in")
        assert old.status == "error"
        broken["is"] = False
        made.calls.clear()
        again = Retry(old)
        assert (made.calls, again.status) == (["x", "last"], "completed")

    def test_a_selector_that_failed_is_asked_again(self) -> None:
        made, broken = Adding(), {"is": True}

        def select(step_input: StepInput) -> str:
            if broken["is"]:
                raise ValueError("no")
            return "b"

        old = Run(made.step("a"), Router([made.step("b")], select, name="r"), input="in")
        assert old.status == "error"
        broken["is"] = False
        again = Retry(old)
        assert (made.calls, again.content) == (["a", "b"], "in a b")

    def test_a_run_that_somebody_ended_goes_on_where_it_was(self) -> None:
        made = Adding()
        old = Run(made.step("a"), made.step("b", requires_confirmation=True), input="in")
        old.machine.cancel("Cancelled by admin")
        old.drive()
        again = Retry(old)
        assert (again.status, again.ask.path) == ("paused", "b")
        assert again.answer("approve").content == "in a b"
        assert made.calls == ["a", "b"]

    def test_approvals_around_the_failure_hold(self) -> None:
        made, broken = Adding(), {"is": True}

        def failing(step_input: StepInput) -> str:
            if broken["is"]:
                raise ValueError("no")
            return "x"

        x = Step("x", failing, on_error="fail", max_retries=0)
        old = Run(
            Loop([made.step("a"), x], name="l", max_iterations=1, requires_confirmation=True), input="in"
        )
        old.answer("approve")
        broken["is"] = False
        again = Retry(old)
        assert (again.status, again.content, made.calls) == ("completed", "x", ["a"])

    def test_the_approval_of_what_failed_holds_for_the_same(self) -> None:
        made, broken = Adding(), {"is": True}

        def failing(step_input: StepInput) -> str:
            if broken["is"]:
                raise ValueError("no")
            return "x"

        x = Step("x", failing, on_error="fail", max_retries=0, requires_confirmation=True)
        old = Run(made.step("a"), x, input="in").answer("approve")
        assert old.status == "error"
        broken["is"] = False
        assert Retry(old).content == "x"
        assert Fork(old, "x").ask.key == "before:0"


class TestPlaces:
    @pytest.mark.parametrize("path", ["", "nowhere", "g/1", "l/1", "i/if", "l/9/b", "z"])
    def test_only_steps_that_were_reached_can_be_forked_at(self, path: str) -> None:
        made = Adding()
        b = made.step("b")
        loop, condition = Loop([b], name="l", max_iterations=2), Condition([b], True, name="i")
        stops = made.step("z")
        old = Run(loop, condition, Step("y", b.executor, requires_confirmation=True), stops, input="in")
        with pytest.raises(NoSuchPlace):
            Fork(old, path)

    def test_it_says_what_is_kept_and_what_runs_again(self) -> None:
        made = Adding()
        a, b, c = (made.step(name) for name in "abc")
        fork = Fork(Run(a, Steps(name="g", steps=[b, c]), input="in"), "g/c")
        assert set(fork.cut.done) == {"a", "g/b"}
        assert fork.cut.again == ["g/c"]
