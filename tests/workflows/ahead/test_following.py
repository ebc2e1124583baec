"""What follows an error, a stop, and answers that random workflows in a calm world do not meet; against the engine."""

from typing import Any

import pytest

from workflows import Condition, HumanReview, Parallel, Router, Step, StepInput, StepOutput, Steps, Workflow
from workflows.ahead import Course, End, Here, SoFar, What, following
from workflows.engine.drivers import drive
from workflows.engine.memory import MemoryStore
from workflows.types import Action, Answer


class Run:
    """A workflow on the engine, at its first question; `ran` are the steps that were called since it was answered."""

    def __init__(self, *items: Any) -> None:
        self.ran: list[str] = []
        self.failing = {"bad"}
        self.plan = Workflow(name="w", steps=[item(self) if callable(item) else item for item in items]).plan
        self.store = MemoryStore()
        self.machine = self.store.start(self.plan)
        self.drive()

    def step(self, name: str, *, stop: bool = False, **settings: Any) -> Step:
        def function(step_input: StepInput) -> StepOutput:
            del step_input
            self.ran.append(name)
            if name in self.failing:
                raise ValueError(name)
            return StepOutput(content=name, stop=stop)

        return Step(name, function, max_retries=0, **settings)

    def drive(self) -> None:
        for _event in drive(self.machine, self.store.save):
            pass

    def answer(self, action: Action, *, stops: bool = False) -> Course:
        """Answer the open question; what was foretold. From then on nothing fails."""
        (ask,) = self.machine.asks
        records = self.machine.journal.records.values()
        routes = {record.path: record.memo["route"] for record in records if "route" in record.memo}
        here = Here.of(self.plan.outline, ask.path, SoFar(routes=routes))
        assert here is not None
        course = following(ask.to_dict(), here, Answer(action=action), stops=stops)
        self.ran.clear()
        self.failing.clear()
        self.machine.answer(ask, Answer(action=action))
        self.drive()
        return course


def steps_of(course: Course) -> list[str]:
    """The names of the steps in it, those inside others too."""
    return [stage.name for stage in course.everything() if stage.what is What.step]


PAUSES: dict[str, Any] = {
    "a step": lambda run: run.step("bad", human_review=HumanReview(on_error="pause")),
    "in a condition": lambda run: Condition(
        [run.step("one"), run.step("bad", human_review=HumanReview(on_error="fail")), run.step("two")],
        name="cond",
        on_error="pause",
    ),
    "in a workflow that is a step": lambda run: Step(
        "inner",
        workflow=Workflow(
            name="inner",
            steps=[
                run.step("one"),
                run.step("bad", human_review=HumanReview(on_error="fail")),
                run.step("two"),
            ],
        ),
        human_review=HumanReview(on_error="pause"),
    ),
}


@pytest.mark.parametrize("where", list(PAUSES))
@pytest.mark.parametrize("action", [Action.retry, Action.skip, Action.cancel])
def test_after_an_error(where: str, action: Action) -> None:
    run = Run(PAUSES[where], lambda run: run.step("after"))
    course = run.answer(action)
    assert steps_of(course) == run.ran
    assert course.end == run.machine.status.lower()


@pytest.mark.parametrize("action", [Action.approve, Action.reject])
def test_an_output_that_says_stop_ends_the_run_unless_it_is_dropped(action: Action) -> None:
    review = HumanReview(requires_output_review=True)
    run = Run(lambda run: run.step("say", stop=True, human_review=review), lambda run: run.step("after"))
    course = run.answer(action, stops=action is Action.approve)
    assert steps_of(course) == run.ran
    assert course.end is End.completed


def test_a_stop_ends_what_is_around_it() -> None:
    review = HumanReview(requires_output_review=True)
    run = Run(
        lambda run: Steps("g", steps=[run.step("say", stop=True, human_review=review), run.step("rest")]),
        lambda run: run.step("after"),
    )
    assert steps_of(run.answer(Action.approve, stops=True)) == run.ran == []


def test_routes_that_were_chosen_go_on_in_order() -> None:
    def router(run: Run) -> Router:
        first = run.step("first", human_review=HumanReview(requires_output_review=True))
        choices = [first, run.step("second"), run.step("third")]
        return Router(name="way", choices=choices, selector=lambda i: ["first", "third"])

    run = Run(router, lambda run: run.step("after"))
    course = run.answer(Action.approve)
    assert steps_of(course) == run.ran == ["third", "after"]


def test_a_branch_waits_for_the_others() -> None:
    sides = Parallel("sides", Step("a", lambda i: i, requires_confirmation=True), Step("b", lambda i: i))
    outline = Workflow(name="w", steps=[sides]).plan.outline
    for over, waits in (((), 1), (("sides/b",), 0)):
        here = Here.of(outline, "sides/a", SoFar(over=over))
        assert here is not None
        stages = here.runs().stages
        assert sum(stage.what is What.waits for stage in stages) == waits


def test_a_place_that_is_gone_has_no_future() -> None:
    outline = Workflow(name="w", steps=[Step("a", lambda i: i)]).plan.outline
    assert Here.of(outline, "b", SoFar()) is None
    assert Here.of({}, "b", SoFar()) is None


def test_the_use_of_a_tool_stands_where_its_step_stands() -> None:
    outline = Workflow(name="w", steps=[Step("a", lambda i: i)]).plan.outline
    here = Here.of(outline, "a/2.0:pay", SoFar())
    assert here is not None
    assert here.node["name"] == "a"
