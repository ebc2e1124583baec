"""Due: when somebody is reminded of a requirement, and when it is escalated: a schedule, computed from its policy.

Rules as data and pure functions: what is done at these times, and that it is done once, is `services.due`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from workflows.types import Circle, ReviewPolicy

if TYPE_CHECKING:
    from workflows.models import Requirement

Kind = Literal["reminder", "due", "escalation"]


@dataclass(frozen=True, kw_only=True)
class DueStep:
    """What happens at a moment while nobody decides; `number` counts those of its kind, from 1.

    `circle`: who may decide from then on as well, for an escalation.
    """

    at: datetime
    kind: Kind
    number: int
    circle: Circle = field(default_factory=Circle)


def schedule(policy: ReviewPolicy, opened_at: datetime) -> list[DueStep]:
    """Everything that will happen to a requirement that nobody decides, in order."""
    return sorted(_steps(policy, opened_at), key=lambda step: step.at)


def due_at(policy: ReviewPolicy, opened_at: datetime) -> datetime | None:
    """By when it should be decided."""
    return None if policy.due is None else later(policy, opened_at, policy.due)


def later(policy: ReviewPolicy, opened_at: datetime, seconds: float) -> datetime:
    """So many seconds after it was asked: of working time, where the policy has hours."""
    if policy.business_hours is not None:
        return policy.business_hours.after(opened_at, seconds)
    return opened_at + timedelta(seconds=seconds)


def next_step(requirement: "Requirement", now: datetime) -> DueStep | None:
    """What is due for a requirement now and was not done yet."""
    rest = remaining(requirement)
    return rest[0] if requirement.is_open and rest and rest[0].at <= now else None


def remaining(requirement: "Requirement") -> list[DueStep]:
    """What will still happen while nobody decides."""
    return schedule(requirement.review_policy, requirement.opened_at)[requirement.steps_taken :]


def escalated(requirement: "Requirement") -> Circle:
    """Who may decide because it was escalated to them."""
    if not requirement.steps_taken:
        return Circle()
    return escalated_to(requirement.review_policy, requirement.opened_at, requirement.steps_taken)


def escalated_to(policy: ReviewPolicy, opened_at: datetime, steps_taken: int) -> Circle:
    """Likewise, after so many steps of a policy's schedule."""
    circle = Circle()
    for step in schedule(policy, opened_at)[:steps_taken]:
        circle |= step.circle
    return circle


def _steps(policy: ReviewPolicy, opened_at: datetime) -> Iterator[DueStep]:
    for number, seconds in enumerate(sorted(policy.remind_after or ()), 1):
        yield DueStep(at=later(policy, opened_at, seconds), kind="reminder", number=number)
    if policy.due is not None:
        yield DueStep(at=later(policy, opened_at, policy.due), kind="due", number=1)
    for number, escalation in enumerate(sorted(policy.escalate or (), key=lambda step: step.after), 1):
        at = later(policy, opened_at, escalation.after)
        yield DueStep(at=at, kind="escalation", number=number, circle=escalation.circle)
