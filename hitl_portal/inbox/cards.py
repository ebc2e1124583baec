"""What a card shows: one requirement with everything that a person needs to decide it."""

from dataclasses import dataclass
from typing import Any

from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.inbox.verbs import REVIEWS, Attempts, attempts_of
from hitl_portal.places import Place, draw
from workflows import policy
from workflows.models import Decision, Requirement, Value
from workflows.types import Answer


@dataclass(frozen=True, kw_only=True)
class Card:
    """One requirement as one person sees it. `form` is None where there is nothing (more) for them to decide.

    `late` is an answer that came after another one: what was typed stays in sight. `stale` tells that the
    form is fresh because what is asked has changed meanwhile.
    """

    requirement: Requirement
    places: list[Place]
    inputs: Any
    evidence: dict[str, Any] | None
    form: DecisionForm | None
    decision: Decision | None
    following: Requirement | None
    attempts: Attempts | None
    late: DecisionForm | None = None
    stale: bool = False

    @property
    def answer(self) -> Answer | None:
        """What was decided, where something was."""
        return Answer.from_dict(self.decision.answer) if self.decision else None

    @property
    def is_review(self) -> bool:
        """Something that was made is looked at, rather than something that shall be done."""
        return self.requirement.kind in REVIEWS

    @property
    def can_ask_again(self) -> bool:
        """Somebody's words can send it back."""
        return self.attempts is not None and not self.attempts.is_last

    @property
    def position(self) -> tuple[int, int] | None:
        """Which step of how many, counted at the top of the tree."""
        top = self.requirement.path.split("/")[0]
        for number, place in enumerate(self.places, 1):
            if place.path == top:
                return number, len(self.places)
        return None


def card_of(
    requirement: Requirement,
    desk: Desk,
    *,
    form: DecisionForm | None = None,
    late: DecisionForm | None = None,
    stale: bool = False,
) -> Card:
    """The card for this person; up to four queries besides the requirement's own."""
    run = requirement.run
    can_decide = requirement.is_open and policy.may_decide(desk.person, requirement)
    inputs = Value.objects.filter(run=run, path="", slot="inputs").first()
    given = inputs.plain() if inputs else None
    evidence = requirement.evidence if requirement.evidence != inputs else None
    shown = evidence.plain() if evidence else None
    return Card(
        requirement=requirement,
        places=draw(
            run.workflow.outline,
            records=run.records.defer("memo"),
            current=requirement.path if requirement.is_open else None,
        ),
        inputs=given.get("input") if isinstance(given, dict) else given,
        evidence=shown if isinstance(shown, dict) or shown is None else {"content": shown},
        form=(form or DecisionForm(requirement)) if can_decide else None,
        decision=None if requirement.is_open else requirement.decisions.last(),
        following=None if can_decide else desk.after(requirement),
        attempts=attempts_of(requirement),
        late=late,
        stale=stale,
    )
