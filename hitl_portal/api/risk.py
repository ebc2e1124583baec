"""What has a high risk is not let go on by the API, whoever calls: nothing here shows that a person has seen all of it,
nor that they have shown a second factor. A no is free, as everywhere."""

from collections.abc import Iterable

from hitl_portal.addresses import public
from hitl_portal.inbox.zone import HIGH
from hitl_portal.problems import Problem
from workflows.models import Requirement
from workflows.supplied import Supplied
from workflows.types import Action, Answer

NO = (Action.reject, Action.cancel)


def refuse_unseen(requirement: Requirement, answer: Answer) -> None:
    """Raise the Problem for a yes to what has a high risk; it names the card. What is over is told as that."""
    if requirement.is_open and requirement.risk == HIGH and answer.action not in NO:
        card = public("inbox:detail", requirement.pk)
        raise Problem("high-risk", "A person decides this on its card", card=card)


def refuse_unseen_among(answers: Iterable[Supplied]) -> None:
    """The same for each of several."""
    for supplied in answers:
        refuse_unseen(supplied.requirement, supplied.answer)
