"""An answer counts for what it was given for: where that has changed when it is acted on, people are asked anew."""

import json
from typing import Any

import pytest

from workflows import HumanReview, Loop, OnError, OnReject, Step, Steps, Workflow
from workflows.engine.drivers import drive
from workflows.engine.flow import Inputs
from workflows.engine.machine import Machine
from workflows.engine.memory import MemoryStore
from workflows.types import Action, Answer, RunStatus

REVIEW = HumanReview(requires_output_review=True, on_reject=OnReject.retry)
APPROVE = Answer(action=Action.approve)


def paused(*steps: Any, input: Any = None) -> tuple[MemoryStore, Workflow]:
    workflow = Workflow(name="flow", steps=list(steps))
    store = MemoryStore()
    driven(store.start(workflow.plan, Inputs(run_id="run", input=input)), store)
    return store, workflow


def driven(machine: Machine, store: MemoryStore) -> Machine:
    for _ in drive(machine, store.save):
        pass
    return machine


def answered(store: MemoryStore, workflow: Workflow, answer: Answer = APPROVE) -> Machine:
    """What another process makes of the answer to the only question."""
    machine = store.load(workflow.plan)
    (ask,) = machine.asks
    machine.answer(ask, answer)
    return driven(machine, store)


def tampered(store: MemoryStore, path: str, content: Any) -> None:
    """Put something else in the place of what a step has given."""
    for where, slot in store._values:
        if where == path:
            data = json.loads(store._values[where, slot])
            store._values[where, slot] = json.dumps(data | {"content": content})


def told(store: MemoryStore) -> list[str]:
    return [event.type for event in store.events]


def amount(_: Any) -> int:
    return 100


def pay(given: Any) -> str:
    return f"paid {given.previous_step_content}"


PAY = Step("pay", pay, requires_confirmation=True)


def test_what_was_approved_is_what_runs() -> None:
    store, workflow = paused(Step("amount", amount), PAY)

    machine = answered(store, workflow)

    assert machine.output is not None
    assert machine.output.content == "paid 100"
    assert "DecisionVoided" not in told(store)


def test_an_input_that_changed_voids_the_approval_and_asks_again() -> None:
    store, workflow = paused(Step("amount", amount), PAY)
    tampered(store, "amount", 1_000_000)

    machine = answered(store, workflow)

    assert machine.status is RunStatus.paused
    assert told(store)[-3:] == ["DecisionVoided", "StepPaused", "WorkflowPaused"]
    assert [ask.key for ask in machine.asks] == ["before:0"]


def test_what_is_asked_anew_is_what_is_there_now() -> None:
    store, workflow = paused(Step("amount", amount), PAY)
    before = store.load(workflow.plan).asks[0].digest
    tampered(store, "amount", 1_000_000)
    now = answered(store, workflow).asks[0].digest

    machine = answered(store, workflow)

    assert before != now
    assert machine.output is not None
    assert machine.output.content == "paid 1000000"


def test_a_reviewed_output_that_changed_does_not_flow_on() -> None:
    store, workflow = paused(Step("draft", amount, human_review=REVIEW), Step("send", pay))
    tampered(store, "draft", "worse")

    machine = answered(store, workflow)

    assert (machine.status, machine.asks[0].path) == (RunStatus.paused, "draft")


def test_an_edit_was_made_of_what_its_author_saw() -> None:
    store, workflow = paused(Step("draft", amount, human_review=REVIEW))
    tampered(store, "draft", "worse")

    assert answered(store, workflow, Answer(action=Action.edit, content="better")).asks


def test_a_no_passes_nothing_on_and_stands() -> None:
    store, workflow = paused(Step("amount", amount), PAY)
    tampered(store, "amount", 1_000_000)

    machine = answered(store, workflow, Answer(action=Action.cancel))

    assert machine.status is RunStatus.cancelled


def test_an_approval_is_looked_at_again_in_each_process_until_it_is_used_up() -> None:
    group = Steps("group", steps=[Step("first", amount), PAY], requires_confirmation=True)
    store, workflow = paused(Step("amount", amount), group)
    answered(store, workflow)
    tampered(store, "amount", 7)

    machine = answered(store, workflow)

    assert [ask.path for ask in machine.asks] == ["group"]


def test_a_reviewed_iteration_that_changed_does_not_end_the_loop() -> None:
    review = HumanReview(requires_iteration_review=True, on_reject=OnReject.retry)
    store, workflow = paused(
        Loop([Step("draft", amount)], name="loop", max_iterations=3, human_review=review)
    )
    tampered(store, "loop/1/draft", "worse")

    assert answered(store, workflow).asks[0].path == "loop/1"


def test_a_failure_is_tried_again_as_it_was_shown() -> None:
    def broken(_: Any) -> None:
        raise ValueError("no connection")

    store, workflow = paused(Step("send", broken, on_error=OnError.pause))
    machine = store.load(workflow.plan)
    (ask,) = machine.asks
    machine.answer(ask, Answer(action=Action.retry), bound="of another failure")

    assert driven(machine, store).asks[0].key == ask.key


@pytest.mark.parametrize("other", [{"amount": 101}, {"amount": "100"}, {"amount": 100, "to": "me"}])
def test_the_digest_is_of_the_input(other: dict[str, Any]) -> None:
    gate = Step("pay", pay, requires_confirmation=True)
    digests = set()
    for given in ({"amount": 100}, other):
        store, workflow = paused(gate, input=given)
        digests.add(store.load(workflow.plan).asks[0].digest)

    assert len(digests) == 2


def test_the_digest_knows_no_order_of_keys() -> None:
    digests = set()
    for given in ({"a": 1, "b": 2}, {"b": 2, "a": 1}):
        store, workflow = paused(PAY, input=given)
        digests.add(store.load(workflow.plan).asks[0].digest)

    assert len(digests) == 1


def test_what_is_no_data_stays_the_same_within_its_process() -> None:
    workflow = Workflow(name="flow", steps=[PAY])
    store = MemoryStore()
    machine = store.start(workflow.plan)
    machine.inputs.input = object()
    driven(machine, store)
    machine.answer(machine.asks[0], APPROVE)

    assert driven(machine, store).status is RunStatus.completed
