"""Edits: what a reviewer changes of an output, or of a tool's arguments, against what was there."""

from dataclasses import dataclass
from typing import Self

from hitl_portal.differences import Difference, difference
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.inbox.revisions import content_of
from workflows.models import Requirement
from workflows.types import Action, Answer


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One edit; `changes` is None where it could not be read: `problems` say why."""

    changes: Difference | None
    problems: tuple[str, ...] = ()

    @classmethod
    def typed(cls, form: DecisionForm) -> Self:
        """What a form has, whether or not it is sent in the end."""
        part = form.part
        if not part.is_valid():
            found = [
                f"{part.fields[name].label}: {problem}" if name in part.fields else str(problem)
                for name, problems in part.errors.items()
                for problem in problems
            ]
            return cls(changes=None, problems=tuple(found))
        return cls(changes=difference(content_of(form.requirement), part.filled().get("content")))

    @classmethod
    def decided(cls, requirement: Requirement, answer: Answer | None) -> Self | None:
        """What an answer has changed; None where it has changed nothing."""
        if answer is None or answer.action is not Action.edit:
            return None
        return cls(changes=difference(content_of(requirement), answer.content))
