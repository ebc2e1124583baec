"""What a question says of who decides it: as the step says it, or as its author's function chooses."""

from typing import Any

import pytest

from tests.workflows.engine.runs import Recorder
from workflows import HumanReview, Loop, OnError, Router, Step, StepInput, Workflow
from workflows.engine.drivers import drive
from workflows.engine.flow import Inputs
from workflows.engine.journal import Journal
from workflows.engine.machine import Machine
from workflows.engine.needs import Ask

ADMINS = {"groups": ["admins"], "users": []}


def asked(step: Any, input: Any = None) -> Ask:
    """What a run of this one step asks first."""
    plan = Workflow(id="flow", steps=[step]).plan
    machine = Machine(Journal(plan), Inputs(input=input))
    list(drive(machine, lambda machine: machine.take().events))
    (ask,) = machine.asks
    return ask


def act(step_input: StepInput) -> str:
    return "done"


def by_amount(step_input: StepInput) -> Any:
    return "directors" if step_input.input["amount"] > 1000 else ["finance", "support"]


def confirmed(**policy: Any) -> Step:
    return Step("act", act, human_review=HumanReview(requires_confirmation=True, **policy))


def test_a_step_that_says_nothing_leaves_it_to_others() -> None:
    assert asked(confirmed()).policy == {}


def test_what_the_step_says_stands_in_the_question() -> None:
    policy = asked(confirmed(deciders="finance", quorum=2, four_eyes=True, due=3600)).policy

    finance = {"groups": ["finance"], "users": []}
    assert policy == {"deciders": finance, "quorum": 2, "four_eyes": True, "due": 3600}


def test_risk_and_what_cannot_be_undone_are_part_of_it() -> None:
    step = Step("act", act, requires_confirmation=True, risk="high", irreversible=True)

    assert asked(step).policy == {"risk": "high", "irreversible": True}


def test_the_review_says_of_the_risk_what_counts() -> None:
    review = HumanReview(requires_confirmation=True, risk="low")

    assert asked(Step("act", act, risk="high", human_review=review)).policy == {"risk": "low"}


@pytest.mark.parametrize(("amount", "groups"), [(2000, ["directors"]), (5, ["finance", "support"])])
def test_a_function_chooses_by_the_input(amount: int, groups: list[str]) -> None:
    policy = asked(confirmed(deciders=by_amount), {"amount": amount}).policy

    assert policy == {"deciders": {"groups": groups, "users": []}}


@pytest.mark.parametrize(
    "chooser",
    [lambda _: 1 / 0, lambda _: [], lambda _: None, lambda _: 7, lambda _: {"group": "finance"}],
    ids=["raises", "nobody", "nothing", "a number", "misspelt"],
)
def test_where_nobody_sensible_is_chosen_admins_decide(chooser: Any) -> None:
    assert asked(confirmed(deciders=chooser)).policy == {"deciders": ADMINS}


def test_it_chooses_once_and_every_later_question_says_the_same() -> None:
    recorder = Recorder()
    chooser = recorder.returning("finance", name="chooser")
    review = HumanReview(requires_iteration_review=True, deciders=chooser)
    loop = Loop(name="refine", steps=[Step("draft", act)], max_iterations=3, human_review=review)

    assert asked(loop).policy["deciders"]["groups"] == ["finance"]
    assert recorder.calls == ["chooser"]


def test_a_route_is_chosen_by_whom_the_router_names() -> None:
    review = HumanReview(requires_user_input=True, deciders=lambda _: {"users": ["reviewer"]})
    router = Router(name="way", choices=[Step("one", act), Step("two", act)], human_review=review)

    assert asked(router).policy["deciders"] == {"groups": [], "users": ["reviewer"]}


def test_a_failure_is_for_the_same_people() -> None:
    def broken(step_input: StepInput) -> str:
        raise ValueError("no such order")

    review = HumanReview(on_error=OnError.pause, deciders=lambda _: "finance")
    ask = asked(Step("act", broken, max_retries=0, human_review=review))

    assert (ask.kind, ask.policy["deciders"]["groups"]) == ("error", ["finance"])
