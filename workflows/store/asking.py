"""Asking: a question as rows: what is asked, the policy that applies to it, the times that follow, who is named."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflows import grants
from workflows.audit.bound import bound
from workflows.due import due_at, schedule
from workflows.engine import values
from workflows.engine.needs import Ask
from workflows.ids import new_id
from workflows.models import Decision, Requirement
from workflows.naming import resolved
from workflows.store.cursor import Row
from workflows.store.rows import Rows
from workflows.store.writing import REQUIREMENTS
from workflows.types import ReviewPolicy
from workflows.types.review_policy import PRIORITIES

# The requirements of a run, oldest first, and what was said to them: all of it, or of what can still change.
ASKED = '"run_id" = %s'
LIVE = f"""{ASKED} AND "status" IN ('open', 'decided')"""
ROWS = {which: Rows(Requirement, which, order='"opened_at", "id"') for which in (ASKED, LIVE)}
DECISIONS = {
    which: Rows(
        Decision,
        f'"requirement_id" IN (SELECT "id" FROM "workflows_requirement" WHERE {which})',
        order='"decided_at", "id"',
    )
    for which in (ASKED, LIVE)
}


# The id and the digest of each requirement that a save has opened, by path and key.
Questions = dict[tuple[str, str], tuple[UUID, str]]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a save has asked; whether that names who sees the run; when somebody has to look at it first."""

    questions: Questions = field(default_factory=dict)
    restricts: bool = False
    look: datetime | None = None

    def __or__(self, other: "Opened") -> "Opened":
        looks = [look for look in (self.look, other.look) if look is not None]
        return Opened(
            questions=self.questions | other.questions,
            restricts=self.restricts or other.restricts,
            look=min(looks, default=None),
        )


def applying(ask: Ask, workflow: dict[str, Any]) -> ReviewPolicy:
    """The policy of a question: what its step says, and where that is silent what the workflow's policy says."""
    return ReviewPolicy.from_dict(ask.policy).over(ReviewPolicy.from_dict(workflow))


def named(asks: list[tuple[Ask, ReviewPolicy]], inputs: Callable[[], str]) -> list[tuple[Ask, ReviewPolicy]]:
    """Questions with the people whom their policies find in the run's input, which is encoded."""
    if not any(circle.by_input for _, policy in asks for circle in policy.circles):
        return asks
    given = values.plain(inputs())["input"]
    return [(ask, resolved(policy, given)) for ask, policy in asks]


def asked(ask: Ask, policy: ReviewPolicy, now: datetime) -> tuple[object, ...]:
    """The requirement's fields from `kind` on, but for its evidence: see `writing.REQUIREMENTS`."""
    steps, said = schedule(policy, now), policy.to_dict()
    return (
        ask.kind,
        Requirement.Status.OPEN,
        1,
        ask.step_name,
        ask.message,
        ask.to_dict(),
        now,
        now + timedelta(seconds=ask.timeout) if ask.timeout else None,
        said,
        policy.deciders is not None,
        PRIORITIES.index(policy.priority or "normal") + 1,
        policy.risk or "normal",
        due_at(policy, now),
        steps[0].at if steps else None,
        0,
        bound(ask, said),
    )


def first_look(rows: Iterable[Row]) -> datetime | None:
    """When the first deadline or reminder comes of requirements in the order of `writing.REQUIREMENTS`."""
    moments = [row[REQUIREMENTS.names.index(name)] for row in rows for name in ("timeout_at", "next_step_at")]
    return min((at for at in moments if at is not None), default=None)


def granted(run_id: UUID, requirement_id: UUID | None, policy: ReviewPolicy) -> Iterator[tuple[object, ...]]:
    """The grants of those whom a policy names: see `writing.GRANTS`."""
    for circle, decides in ((policy.deciders, True), (policy.viewers, False)):
        for name in grants.named(circle, decides=decides) if circle else ():
            yield new_id(), run_id, requirement_id, name.get("group", ""), name.get("username", ""), decides


def requirements_of(run_id: UUID, using: str) -> list[Requirement]:
    """All that a run has asked, with what was said to it; a query, and one more where something was said."""
    return _with_decisions(ASKED, run_id, using)


def live_requirements(run_id: UUID, using: str) -> list[Requirement]:
    """The same, of what is open, or decided and not gone on with."""
    return _with_decisions(LIVE, run_id, using)


def _with_decisions(which: str, run_id: UUID, using: str) -> list[Requirement]:
    found = ROWS[which].all(using, run_id)
    if any(not requirement.is_open for requirement in found):
        said: dict[UUID, list[Decision]] = {requirement.id: [] for requirement in found}
        for decision in DECISIONS[which].all(using, run_id):
            if decision.requirement_id in said:  # else it was asked and answered between the two queries
                said[decision.requirement_id].append(decision)
        for requirement in found:
            requirement.fetched_decisions = said[requirement.id]
    return found
