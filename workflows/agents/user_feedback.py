"""UserFeedbackTools: the model asks questions that a person answers by choosing from options."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from workflows.agents.function import Function
from workflows.agents.toolkit import Toolkit
from workflows.types import Answer, InputErrors, RequirementKind

INSTRUCTIONS = """\
When a decision is the user's to take, put it to them with the tool `ask_user`.
- Ask full, clear questions, each with a header of at most 12 characters and 2 to 4 options that differ.
- Give each option a short label, and a description of what choosing it leads to.
- Set multi_select where several options may be chosen together.
- Ask everything that belongs together at once, and go on from the answers you are given."""


class FeedbackOption(BaseModel):
    """One of the things that can be chosen."""

    label: str = Field(description="One to five words that stand for the option")
    description: str | None = Field(None, description="What choosing it leads to")


class FeedbackQuestion(BaseModel):
    """One question with what can be chosen."""

    question: str = Field(description="The whole question")
    header: str | None = Field(None, description="A heading of at most 12 characters")
    options: list[FeedbackOption] = Field(description="2 to 4 options", min_length=2, max_length=4)
    multi_select: bool = Field(False, description="Several options may be chosen")


class AskUser(Function):
    """A tool whose questions are what the model says in its arguments, and whose result is what was chosen."""

    @property
    def gate(self) -> RequirementKind | None:
        """A person chooses."""
        return RequirementKind.feedback

    def check(self, args: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
        """As for any tool; and answers are told apart by their question, so that none may be asked twice."""
        checked = super().check(args, complete=complete)
        texts = [question.question for question in checked["questions"]]
        if len(set(texts)) < len(texts) or not texts:
            raise InputErrors({"questions": "Field 'questions': at least one, and none of them twice"})
        return checked

    def questions(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The questions, each with its options."""
        return [question.model_dump() for question in self.check(args, complete=True)["questions"]]

    def answered(self, args: Mapping[str, Any], answer: Answer) -> str | None:
        """What was chosen, question by question."""
        if not answer.approved:
            return super().answered(args, answer)
        chosen = [
            {"question": text, "selected": answer.values.get(text) or []}
            for text in (question["question"] for question in self.questions(args))
        ]
        return f"User feedback received: {json.dumps(chosen, ensure_ascii=False)}"


class UserFeedbackTools(Toolkit):
    """Gives an agent the tool `ask_user`, and tells it when to use it."""

    def __init__(
        self, instructions: str | None = None, add_instructions: bool = True, **options: Any
    ) -> None:
        enabled = options.pop("enable_ask_user", True) or options.pop("all", False)
        options.pop("all", None)
        super().__init__(
            name="user_feedback_tools",
            # Its use only puts into words what was answered.
            tools=[AskUser.from_callable(ask_user, repeatable=True)] if enabled else [],
            instructions=INSTRUCTIONS if instructions is None else instructions,
            add_instructions=add_instructions,
            **options,
        )


def ask_user(questions: list[FeedbackQuestion]) -> str:
    """Put questions to the user, who chooses among the options of each; the result is what was chosen.

    Args:
        questions: The questions, each with 2 to 4 options.
    """
    raise LookupError(f"Only a person can answer {len(questions)} questions")
