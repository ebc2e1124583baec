"""What a requirement is about: its place in the workflow's outline, and how often it was asked before."""

from dataclasses import dataclass
from typing import Any, Self

from hitl_portal.inbox.tool_use import ToolUse
from hitl_portal.places import Node, node_at, step_path
from workflows.models import Requirement
from workflows.types import OnReject, RequirementKind, StepType

REVIEWS = (RequirementKind.output_review, RequirementKind.iteration_review)


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """How often something was made, and how often it may be. `of` is None without a limit."""

    number: int
    of: int | None

    @property
    def is_last(self) -> bool:
        """Nobody may ask for it once more."""
        return self.of is not None and self.number >= self.of


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One requirement with its place: the step, also where an agent inside it asks. `node` is empty where the
    definition does not have that place any more; `tool` is the use of a tool that is asked about."""

    requirement: Requirement
    details: dict[str, Any]
    node: Node
    tool: ToolUse | None

    @classmethod
    def of(cls, requirement: Requirement) -> Self:
        """Costs nothing where the requirement's run and workflow are there."""
        node = node_at(requirement.run.workflow.outline, step_path(requirement.path))
        tool = ToolUse.of(requirement) if requirement.details.get("tool") else None
        return cls(requirement=requirement, details=requirement.details, node=node or {}, tool=tool)

    @property
    def kind(self) -> str:
        """What is asked: a member of RequirementKind, or something newer."""
        return self.requirement.kind

    @property
    def step(self) -> str:
        """Its name."""
        return self.requirement.step_name

    @property
    def step_type(self) -> str:
        """What it is: Step, Router, Loop and so on."""
        return str(self.details.get("step_type") or StepType.STEP)

    @property
    def is_review(self) -> bool:
        """Something that was made is looked at, rather than something that shall be done."""
        return self.kind in REVIEWS

    @property
    def on_reject(self) -> str:
        """What a no causes."""
        return str(self.details.get("on_reject") or OnReject.skip)

    @property
    def inside(self) -> list[str]:
        """The names of the steps in it, in order."""
        return _names(self.node)

    @property
    def chosen_by_hand(self) -> bool:
        """A router about which somebody is asked for a choice after the confirmation."""
        return "user_input" in self.node.get("asks", ())

    def branch(self, name: str) -> list[str] | None:
        """The steps of a condition's branch "if" or "else"; None where it has no such branch."""
        groups = [group for group in self.node.get("children", ()) if group["name"] == name]
        return _names(groups[0]) if groups else None

    @property
    def attempts(self) -> Attempts | None:
        """The count, where a no leads to another try at all; of a loop the iterations."""
        if self.on_reject != OnReject.retry or self.kind == RequirementKind.error or self.tool:
            return None
        limit = self.details.get("max_retries")
        tries = None if limit is None else limit + 1
        if self.kind == RequirementKind.iteration_review:
            bounds = [bound for bound in (tries, self.node.get("max_iterations")) if bound is not None]
            tries = min(bounds, default=None)
        return Attempts(number=self.details.get("retry_count", 0) + 1, of=tries)

    @property
    def ends_unreviewed(self) -> bool:
        """The next iteration is the loop's last one, about which nobody is asked."""
        return bool(self.details.get("retry_count", 0) + 2 == self.node.get("max_iterations"))


def _names(node: Node) -> list[str]:
    return [child["name"] for child in node.get("children", ())]
