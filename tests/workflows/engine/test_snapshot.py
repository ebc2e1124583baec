"""Records as data and back, and runs whose definition has changed meanwhile."""

import json
from dataclasses import asdict

import pytest

from tests.workflows.engine.runs import Recorder, Run
from workflows import Step, Steps, Workflow
from workflows.engine import snapshot
from workflows.engine.journal import Journal
from workflows.engine.record import Failure, Outcome, Record, Success
from workflows.types import Action, Answer, StepStatus


def again(record: Record) -> Record:
    """The record after a round through JSON."""
    text = json.dumps(asdict(snapshot.save(record)))
    plan = record.journal.plan
    return snapshot.restore(snapshot.Saved(**json.loads(text)), plan, Journal(plan))


def a_record(**fields: object) -> Record:
    journal = Journal(Workflow(name="flow", steps=[Step("a", lambda _: 1)]).plan)
    record = journal.reach(journal.plan.root.children[0], "a")
    for name, value in fields.items():
        setattr(record, name, value)
    return record


def test_a_record_comes_back_as_it_was() -> None:
    record = a_record(status=StepStatus.running, tries=2, in_flight="call:0.0.2", cursor=1, slot="call:0.0.1")
    back = again(record)
    for name in ("path", "status", "tries", "in_flight", "cursor", "slot", "node"):
        assert getattr(back, name) == getattr(record, name)


@pytest.mark.parametrize(
    "answer",
    [
        Success(outcome=Outcome("call:0.0.0")),
        Failure(error_type="ValueError", message="no", interrupted=True),
        Answer(action=Action.approve, values={"a": [1]}),
        Answer(action=Action.reject, feedback="shorter"),
        Answer(action=Action.edit, content=0),
        Answer(action=Action.edit, content={"success": "not a result"}),
        Answer(action=Action.approve, choices=("mail", "phone")),
        True,
        False,
        0,
    ],
)
def test_every_kind_of_memo_comes_back(answer: object) -> None:
    record = a_record()
    record.remember("key", answer)
    assert again(record).memo == {"key": answer}
    assert type(again(record).memo["key"]) is type(answer)


def test_a_finished_step_needs_its_memo_no_more() -> None:
    record = a_record(status=StepStatus.completed)
    record.remember("call:0.0.0", Success(outcome=Outcome("call:0.0.0")))
    assert snapshot.save(record).memo == {}


def paused() -> Run:
    step = Step("pay", Recorder().returning("paid"), requires_confirmation=True)
    return Run(Steps("refund", steps=[lambda _: "first", step]))


def test_a_place_that_is_gone_stops_the_run() -> None:
    run = paused()
    run.workflow = Workflow(name="flow", steps=[Steps("refund", steps=[Step("pay out", lambda _: 1)])])
    with pytest.raises(snapshot.DefinitionChanged, match="no Step 'refund/pay' any more"):
        run.reload()


def test_a_place_of_another_kind_stops_the_run() -> None:
    run = paused()
    run.workflow = Workflow(name="flow", steps=[Step("refund", lambda _: 1)])
    with pytest.raises(snapshot.DefinitionChanged, match="no Steps 'refund'"):
        run.reload()


def test_a_definition_that_fits_goes_on() -> None:
    run = paused()
    step = Step("pay", Recorder().returning("paid in full"))
    run.workflow = Workflow(name="flow", steps=[Steps("refund", steps=[lambda _: "first", step])])
    assert run.reload().answer("approve").content == "paid in full"
