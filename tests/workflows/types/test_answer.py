"""Answers as data."""

import json

import pytest

from workflows.types import Action, Answer, RunStatus, StepStatus


@pytest.mark.parametrize(
    "answer",
    [
        Answer(action=Action.approve),
        Answer(action=Action.approve, values={"env": "staging"}, choices=("a", "b")),
        Answer(action=Action.reject, feedback="shorter"),
        Answer(action=Action.edit, content=None),
        Answer(action=Action.edit, content=0),
    ],
)
def test_an_answer_comes_back_from_json(answer: Answer) -> None:
    assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer


def test_approving_and_editing_let_the_step_go_on() -> None:
    assert {action for action in Action if Answer(action=action).approved} == {Action.approve, Action.edit}


def test_a_run_is_finished_or_can_go_on() -> None:
    going = {"PENDING", "RUNNING", "PAUSED", "DEFINITION_CHANGED"}
    assert {status for status in RunStatus if not status.finished} == going


def test_a_step_is_finished_or_can_go_on() -> None:
    assert {status for status in StepStatus if not status.finished} == {"pending", "running", "waiting"}
