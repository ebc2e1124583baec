"""Plan: a workflow's tree as frozen values, validated when built.

A node's `segment` is its name among its siblings and becomes part of the path under which a run records what
happened there; a name that two siblings share is preceded by its position (`1:draft`).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from workflows.engine.conversation import Executor
from workflows.engine.functions import StepFunction
from workflows.types import HumanReview, OnError, StepInput, StepType

# A segment that no name has: in those, a colon follows a position.
AGAIN = "again:"
# Followed by the call in which a function ran an agent by hand, and by the agent's id.
HANDED = "handed:"
# In the place of a child: what a place was given instead of what it would get (see `forking`).
GIVEN = "given:"
# What is called begins with this where it is a member of the team: no escaped name does.
MEMBER = ":"
# What some kinds of nodes say of themselves in an outline.
OWN = ("max_iterations", "forward_output", "workflow")
ESCAPES = {"%": "%25", "/": "%2F", ":": "%3A"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """One place of the tree. `review` is what people are asked around it."""

    name: str
    kind: StepType
    segment: str = ""
    index: int = 0
    description: str = ""
    review: HumanReview = field(default_factory=HumanReview)
    children: tuple["Node", ...] = ()

    @property
    def asks(self) -> list[str]:
        """What people may be asked here, in the words of HumanReview."""
        named = ("confirmation", "user_input", "output_review", "iteration_review")
        return [request for request in named if getattr(self.review, f"requires_{request}")]

    def at(self, segment: str) -> "Node | None":
        """The child with that segment."""
        return next((child for child in self.children if child.segment == segment), None)


@dataclass(frozen=True, kw_only=True, eq=False)
class StepNode(Node):
    """Run a function. `max_retries` are the program's own tries after a failure, before `on_error` applies. `handed`
    finds the node of an agent by its id, for a step of that name."""

    kind: StepType = StepType.STEP
    function: StepFunction
    max_retries: int = 3
    skip_on_failure: bool = False
    on_error: OnError = OnError.skip
    repeatable: bool = False
    irreversible: bool = False
    risk: str = "normal"
    handed: Callable[[str, str], Node | None] = lambda agent, step: None  # noqa: ARG005

    def at(self, segment: str) -> Node | None:
        """An agent that the function ran by hand, and whose pause it handed on."""
        return (
            self.handed(unescaped(segment.rpartition(":")[2]), self.name)
            if segment.startswith(HANDED)
            else None
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class OutsideNode(Node):
    """Ask people what the run was started with: the input says the kind of the question and everything about it."""

    kind: StepType = StepType.STEP


@dataclass(frozen=True, kw_only=True, eq=False)
class ToolNode(Node):
    """One call of a tool by an agent."""

    kind: StepType = StepType.TOOL
    repeatable: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class AgentNode(Node):
    """Let an agent, or the leader of a team, talk with its model and use tools until it is done.

    The children are a team's members. What is said is numbered by turns; a call of a tool, or of a member, is a
    place of its own under `<turn>.<position>:<name>`. `message` makes what it is told of what its step is given.
    """

    kind: StepType = StepType.STEP
    executor: Executor
    message: Callable[[StepInput], str]
    max_retries: int = 3
    skip_on_failure: bool = False
    on_error: OnError = OnError.skip
    irreversible: bool = False
    risk: str = "normal"

    def at(self, segment: str) -> Node | None:
        """A call of a tool, or what a member does for one."""
        called = segment.partition(":")[2]
        if called.startswith(MEMBER):
            return super().at(called.removeprefix(MEMBER))
        name = unescaped(called)
        return ToolNode(name=name, segment=segment, repeatable=self.executor.repeats(name))


@dataclass(frozen=True, kw_only=True, eq=False)
class StepsNode(Node):
    """Run the children one after another."""

    kind: StepType = StepType.STEPS


@dataclass(frozen=True, kw_only=True, eq=False)
class NestedNode(Node):
    """Run a whole workflow as one step; the children are its steps, which see nothing of what ran outside."""

    kind: StepType = StepType.STEP
    workflow: str
    on_error: OnError = OnError.skip

    @cached_property
    def attempt(self) -> StepsNode:
        """The inner workflow done again, after a reviewer has sent back what it brought."""
        return StepsNode(name=self.name, children=self.children)

    def at(self, segment: str) -> Node | None:
        """An inner step, or one of the times that all of them are done again."""
        return self.attempt if segment.startswith(AGAIN) else super().at(segment)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConditionNode(Node):
    """Run one of two groups. The children are the groups: "if" and, where there is one, "else"."""

    kind: StepType = StepType.CONDITION
    evaluator: StepFunction | bool = True
    on_error: OnError = OnError.skip


@dataclass(frozen=True, kw_only=True, eq=False)
class LoopNode(Node):
    """Run the children again and again, at most `max_iterations` times."""

    kind: StepType = StepType.LOOP
    max_iterations: int
    end_condition: StepFunction | None = None
    forward_output: bool = False

    @cached_property
    def body(self) -> StepsNode:
        """One iteration: a group of its own under the iteration's number, counted from 1."""
        return StepsNode(name=self.name, children=self.children)

    def at(self, segment: str) -> Node | None:
        """An iteration."""
        return self.body if segment.isdigit() else None


@dataclass(frozen=True, kw_only=True, eq=False)
class RouterNode(Node):
    """Run those of the children that were chosen, in order."""

    kind: StepType = StepType.ROUTER
    selector: StepFunction | None = None
    allow_multiple: bool = False

    @cached_property
    def attempt(self) -> StepsNode:
        """One try at the route: a group of its own under the try's number, counted from 1."""
        return StepsNode(name=self.name, children=self.children)

    def at(self, segment: str) -> Node | None:
        """A try."""
        return self.attempt if segment.isdigit() else None


@dataclass(frozen=True, kw_only=True, eq=False)
class ParallelNode(Node):
    """Run the children side by side."""

    kind: StepType = StepType.PARALLEL


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """A whole workflow: its name, and the sequence at its root. `history`: how many earlier runs agents hear of.

    `input_schema` is the JSON schema of its input, where its author says one; `accept` makes of an input what steps
    get, or raises InputErrors.
    """

    name: str
    title: str
    description: str
    root: StepsNode
    history: int = 0
    input_schema: dict[str, Any] | None = None
    accept: Callable[[Any], Any] = lambda given: given

    @property
    def fingerprint(self) -> str:
        """What tells two definitions apart: shape and names, nothing that differs between two builds of one."""
        shape = json.dumps([self.name, _shape(self.root)], separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(shape.encode()).hexdigest()

    @cached_property
    def nodes(self) -> list[Node]:
        """All of its nodes, those above before those inside them."""
        found: list[Node] = [self.root]
        for node in found:
            found += node.children
        return found

    def find(self, path: str) -> Node | None:
        """The node at a path; None where there is none."""
        node: Node | None = self.root
        for segment in path.split("/") if path else ():
            node = node.at(segment) if node else None
        return node

    @property
    def outline(self) -> dict[str, Any]:
        """The tree as JSON-able data, for pages: name, kind, path, description, asks, irreversible, children; a
        loop's `max_iterations` and `forward_output`, the `workflow` that a step is, the `policy` that its review says.
        Where it is so: the `risk`, the `executor` ("agent" or "team"), that a function says whether its output is
        reviewed (`may_review`), or whether a loop ends before its bound (`may_end`). The paths have no numbers of
        iterations and tries."""
        return _outline(self.root, "")


def placed(children: Iterable[Node]) -> tuple[Node, ...]:
    """The children, each knowing its position and its segment among the others."""
    children = tuple(children)
    times = Counter(child.name for child in children)
    return tuple(
        replace(child, index=index, segment=_segment(child.name, index, shared=times[child.name] > 1))
        for index, child in enumerate(children)
    )


def join(path: str, segment: str) -> str:
    """The path of a child."""
    return f"{path}/{segment}" if path else segment


def _segment(name: str, index: int, *, shared: bool) -> str:
    return f"{index}:{escaped(name)}" if shared else escaped(name)


def escaped(name: str) -> str:
    """A name as a segment."""
    # The colon too: a step that is named "1:a" is not the second of two that are named "a".
    for sign, code in ESCAPES.items():
        name = name.replace(sign, code)
    return name


def unescaped(segment: str) -> str:
    """The name that `escaped` made a segment of."""
    for sign, code in reversed(ESCAPES.items()):
        segment = segment.replace(code, sign)
    return segment


def _shape(node: Node) -> list[Any]:
    return [node.kind, node.segment, [_shape(child) for child in node.children]]


def _outline(node: Node, path: str) -> dict[str, Any]:
    own = {name: getattr(node, name) for name in OWN if hasattr(node, name)}
    said = {"policy": node.review.said} if node.review.said else {}
    return (
        own
        | said
        | _marks(node)
        | {
            "name": node.name,
            "kind": node.kind,
            "path": path,
            "description": node.description,
            "asks": node.asks,
            "irreversible": getattr(node, "irreversible", False),
            "children": [_outline(child, join(path, child.segment)) for child in node.children],
        }
    )


def _marks(node: Node) -> dict[str, Any]:
    """What few nodes have; the others do not say so."""
    executor = getattr(node, "executor", None)
    marks = {
        "risk": getattr(node, "risk", "normal") if getattr(node, "risk", "normal") != "normal" else "",
        "executor": str(executor.type) if executor is not None and node.kind is StepType.STEP else "",
        "may_review": callable(node.review.requires_output_review),
        "may_end": getattr(node, "end_condition", None) is not None,
    }
    return {name: mark for name, mark in marks.items() if mark}
