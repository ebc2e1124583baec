"""Telling: whether decisions and comments say what the log says of them. They stand beside it, so that their words can
be erased; what is erased is not compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from workflows.audit import signature
from workflows.audit.chain import Row, moment
from workflows.audit.words import are_erased, words
from workflows.models import Comment, Decision
from workflows.teamwork import digest

DECIDING, SIGNED = ("RequirementDecided", "VoteCast"), "DecisionSigned"


@dataclass(kw_only=True)
class Told:
    """What the log of some runs has told so far. `decisions` were read before it: each of them must be told of."""

    using: str
    decisions: dict[str, Decision]
    heard: dict[str, Row] = field(default_factory=dict)
    comments: dict[str, Row] = field(default_factory=dict)
    signed: dict[str, Row] = field(default_factory=dict)
    # Requirements and revisions of events from before they named their decision.
    unnamed: set[tuple[UUID | None, int]] = field(default_factory=set)

    @classmethod
    def of(cls, run_ids: Sequence[UUID], using: str) -> "Told":
        """Before the events of these runs are read."""
        made = Decision.objects.using(using).filter(requirement__run__in=run_ids).order_by("decided_at", "id")
        return cls(using=using, decisions={str(decision.id): decision for decision in made})

    def hear(self, row: Row) -> None:
        """One event."""
        if row.type == "CommentAdded":
            self.comments[row.data["comment"]] = row
        elif row.type == SIGNED:
            self.signed[row.data["decision"]] = row
        elif row.type in DECIDING and "decision" in row.data:
            self.heard[row.data["decision"]] = row
        elif row.type in DECIDING:
            self.unnamed.add((row.requirement, row.data.get("revision", 0)))

    def first_lie(self) -> str:
        """What does not fit to the log; nothing where all does."""
        return self._of_decisions() or self._untold() or self._of_comments() or self._of_signatures()

    def _of_decisions(self) -> str:
        late = [name for name in self.heard if name not in self.decisions]
        known = self.decisions | {
            str(decision.id): decision for decision in Decision.objects.using(self.using).filter(id__in=late)
        }
        for name, row in self.heard.items():
            decision = known.get(name)
            wrong = ["it is missing"] if decision is None else _differences(decision, row)
            if wrong:
                return f"{row.where}: the decision that it tells of differs: {', '.join(wrong)}"
        return ""

    def _untold(self) -> str:
        for name, decision in self.decisions.items():
            if name not in self.heard and (decision.requirement_id, decision.revision) not in self.unnamed:
                return f"requirement {decision.requirement_id}: no event tells of its decision {name}"
        return ""

    def _of_comments(self) -> str:
        for comment in Comment.objects.using(self.using).filter(id__in=self.comments, erased_at=None):
            row = self.comments[str(comment.id)]
            if digest(comment) != row.data["digest"]:
                return f"{row.where}: the comment that it tells of was changed"
        return ""

    def _of_signatures(self) -> str:
        for name, row in self.signed.items():
            decided = self.heard.get(name)
            if decided is None:
                return f"{row.where}: the decision that it says was signed is missing"
            try:
                signature.check(row.data["signed"], signable(decided))
            except signature.NotProven as why:
                return f"{row.where}: the signature under its decision does not hold: {why}"
        return ""


def signable(decided: Row) -> dict[str, Any]:
    """What can be signed of a decision, as its event tells it."""
    said = {name: decided.data[name] for name in ("revision", "action", "digest", "words")}
    return said | {"requirement": str(decided.requirement), "who": decided.actor}


def _differences(decision: Decision, row: Row) -> list[str]:
    data = row.data
    pairs = {
        "requirement": (decision.requirement_id, row.requirement),
        "revision": (decision.revision, data["revision"]),
        "action": (decision.action, data["action"]),
        "who": (decision.actor, row.actor),
        "channel": (decision.channel, data["channel"]),
        "when": (moment(decision.decided_at), data["decided_at"]),
        "digest": (decision.digest, data["digest"]),
        "words": (data["words"] if are_erased(decision) else words(decision), data["words"]),
    }
    return [name for name, (kept, told) in pairs.items() if kept != told]
