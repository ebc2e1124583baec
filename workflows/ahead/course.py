"""Course: what follows one answer, in order, as plain values; its stages keep the outline's nodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Node = Mapping[str, Any]


class What(StrEnum):
    """What a stage is."""

    step = "step"  # a step runs
    asks = "asks"  # a person is asked
    decides = "decides"  # a condition or router goes one of its ways
    rounds = "rounds"  # a loop's steps, once or several times
    beside = "beside"  # branches, side by side
    several = "several"  # all of these, in an order that is not known here
    waits = "waits"  # for the other branches


class End(StrEnum):
    """How a course ends."""

    open = ""  # it is part of another one
    asked = "asked"
    completed = "completed"
    cancelled = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One thing ahead. `question` is what is asked, in the words of HumanReview; `times` bounds the rounds.

    What is not `certain` may happen or not, as some function says.
    """

    what: What
    node: Node
    question: str = ""
    ways: tuple["Way", ...] = ()
    times: int = 1
    certain: bool = True

    @property
    def name(self) -> str:
        """Of the node."""
        return str(self.node.get("name", ""))

    @property
    def is_irreversible(self) -> bool:
        """Its author says that it cannot be undone."""
        return self.what is What.step and bool(self.node.get("irreversible"))

    @property
    def is_risky(self) -> bool:
        """Its author calls it a high risk."""
        said = self.node.get("risk") or (self.node.get("policy") or {}).get("risk")
        return self.what is What.step and said == "high"

    @property
    def may_ask(self) -> bool:
        """An agent, whose tools may need somebody."""
        return self.what is What.step and "executor" in self.node


@dataclass(frozen=True, kw_only=True)
class Way:
    """One of several: a branch, a route, a round."""

    name: str
    course: "Course"


@dataclass(frozen=True, kw_only=True)
class Course:
    """What follows, in order, and how it ends."""

    stages: tuple[Stage, ...] = ()
    end: End = End.open

    def then(self, more: "Course") -> "Course":
        """This one, and what follows where it has not ended."""
        return self if self.end else Course(stages=self.stages + more.stages, end=more.end)

    def everything(self) -> list[Stage]:
        """The stages, and all inside them."""
        found: list[Stage] = []
        for stage in self.stages:
            found += [stage, *(inner for way in stage.ways for inner in way.course.everything())]
        return found


CANCELLED = Course(end=End.cancelled)
COMPLETED = Course(end=End.completed)
