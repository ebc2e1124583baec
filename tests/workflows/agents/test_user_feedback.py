"""UserFeedbackTools: the model asks, a person chooses (spec 4.4)."""

from typing import Any

import pytest

from workflows.agents.toolkit import instructions_of
from workflows.agents.user_feedback import UserFeedbackTools
from workflows.types import Action, Answer, InputErrors, RequirementKind

QUESTION: dict[str, Any] = {
    "question": "Which colour shall it have?",
    "header": "Colour",
    "options": [{"label": "Red", "description": "Warm"}, {"label": "Blue"}],
}


def test_the_questions_are_what_the_model_asks() -> None:
    tool = UserFeedbackTools().functions["ask_user"]
    assert tool.gate is RequirementKind.feedback
    assert tool.questions({"questions": [QUESTION]}) == [
        {
            "question": "Which colour shall it have?",
            "header": "Colour",
            "options": [{"label": "Red", "description": "Warm"}, {"label": "Blue", "description": None}],
            "multi_select": False,
        }
    ]


def test_the_model_is_told_what_was_chosen() -> None:
    tool = UserFeedbackTools().functions["ask_user"]
    answer = Answer(action=Action.approve, values={"Which colour shall it have?": ["Red"]})
    assert tool.answered({"questions": [QUESTION]}, answer) == (
        'User feedback received: [{"question": "Which colour shall it have?", "selected": ["Red"]}]'
    )


def test_the_model_is_told_of_a_no() -> None:
    tool = UserFeedbackTools().functions["ask_user"]
    rejected = Answer(action=Action.reject)
    assert tool.answered({"questions": [QUESTION]}, rejected) == "Function call was rejected by the user"


@pytest.mark.parametrize(
    "questions",
    [
        [],
        [QUESTION, QUESTION],
        [{**QUESTION, "options": [{"label": "Red"}]}],
        [{"options": QUESTION["options"]}],
    ],
)
def test_it_refuses_questions_that_nobody_can_answer(questions: list[Any]) -> None:
    tool = UserFeedbackTools().functions["ask_user"]
    with pytest.raises(InputErrors) as refused:
        tool.check({"questions": questions}, complete=False)
    assert list(refused.value.by_field) == ["questions"]


def test_it_tells_the_model_when_to_use_it() -> None:
    assert "ask_user" in instructions_of([UserFeedbackTools()])[0]
    assert instructions_of([UserFeedbackTools(add_instructions=False)]) == []
