"""Finding: one thing that can never be decided; and Subject: what is looked at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from workflows.types import Circle, ReviewPolicy

Problem = Literal[
    "empty group",
    "not there",  # a person who is named is switched off, or unknown
    "nobody",
    "quorum too large",
    "four eyes",
    "split votes",
    "all away",
    "after hours",
    "escalation to nobody",
    "broken policy",
]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: `problem` is for programs, `detail` says it to people.

    About a step of a workflow (`path`; empty: all of it), or about what is open there: `count` requirements that are
    alike, of which `requirement_id` is one.
    """

    problem: Problem
    detail: str
    workflow: str
    path: str = ""
    requirement_id: UUID | None = None
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is looked at: a policy, and of what is open who asked for the run, and until when the first one waits.

    `deadline`: by when it is due; `timeout_at`: when the waiting ends.
    """

    policy: ReviewPolicy
    more: Circle = field(default_factory=Circle)
    admins_only: bool = False
    requested_by: int | None = None
    deadline: datetime | None = None
    timeout_at: datetime | None = None
    is_open: bool = False
