"""Here: a place in a run, and what follows it: the rest of what it stands in, then what follows that."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from workflows.ahead.causing import any_way, begun, in_sequence, performed, reviewed, round_reviewed, rounds
from workflows.ahead.course import COMPLETED, Course, Node, Stage, What
from workflows.types import StepType


@dataclass(frozen=True, kw_only=True)
class SoFar:
    """What a run has done that decides what is ahead: the `routes` taken, as segments by the path of the try; and the
    paths that are `over`."""

    routes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    over: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One node on the way down to a place. `inside` is the path below which its children are kept; `number` the
    round, of a loop or router."""

    node: Node
    inside: str
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Here:
    """A place in a run, from which it goes on."""

    frames: tuple[Frame, ...]
    so_far: SoFar

    @classmethod
    def of(cls, outline: Node, path: str, so_far: SoFar) -> Self | None:
        """Of the path of a record or requirement; None where the outline has no such place."""
        frames = _frames(outline, path)
        return cls(frames=tuple(frames), so_far=so_far) if frames else None

    def at(self, path: str) -> Self | None:
        """Another place of the same run."""
        return self.of(self.frames[0].node, path, self.so_far)

    @property
    def node(self) -> Node:
        """What stands there."""
        return self.frames[-1].node

    def begins(self) -> Course:
        """The run comes to it."""
        return begun(self.node).then(self.goes_on())

    def runs(self, chosen: Sequence[str] | None = None, *, in_order: bool = True) -> Course:
        """People have let it run; `chosen` are the names of the branch or the routes that it takes."""
        return performed(self.node, chosen, in_order=in_order).then(self.goes_on())

    def runs_any(self) -> Course:
        """It goes one of its ways."""
        return any_way(self.node).then(reviewed(self.node)).then(self.goes_on())

    def again(self) -> Course:
        """Of a loop: the next iteration."""
        return rounds(self.node, self.frames[-1].number + 1).then(self.goes_on())

    def goes_on(self, *, stops: bool = False) -> Course:
        """It is done, or left out. `stops`: its output says that nothing shall come after it."""
        course = Course()
        for parent, child in zip(reversed(self.frames[:-1]), reversed(self.frames[1:]), strict=True):
            rest = (
                Course() if stops and parent.node["kind"] != StepType.PARALLEL else self._rest(parent, child)
            )
            course = course.then(rest).then(_closed(parent, stops=stops))
            stops = stops and not parent.node.get("workflow")
        return course.then(COMPLETED)

    def _rest(self, parent: Frame, child: Frame) -> Course:
        """What is left of a node after one of its children."""
        siblings = parent.node["children"]
        match parent.node["kind"]:
            case StepType.CONDITION:
                return Course()
            case StepType.PARALLEL:
                return self._others(parent, child)
            case StepType.ROUTER:
                return in_sequence(self._rest_of_route(parent, segment(child.node)))
        return in_sequence(siblings[siblings.index(child.node) + 1 :])

    def _rest_of_route(self, router: Frame, done: str) -> Iterator[Node]:
        route = list(self.so_far.routes.get(router.inside, ()))
        by_segment = {segment(node): node for node in router.node["children"]}
        later = route[route.index(done) + 1 :] if done in route else []
        return (by_segment[name] for name in later if name in by_segment)

    def _others(self, parent: Frame, child: Frame) -> Course:
        others = (node for node in parent.node["children"] if node is not child.node)
        if all(f"{parent.inside}/{segment(node)}" in self.so_far.over for node in others):
            return Course()
        return Course(stages=(Stage(what=What.waits, node=parent.node),))


def _after_round(frame: Frame) -> Course:
    """Another iteration, a question about it, or neither."""
    if frame.number >= int(frame.node.get("max_iterations") or 0):
        return Course()
    if "iteration_review" in frame.node.get("asks", ()):
        return round_reviewed(frame.node)
    return rounds(frame.node, frame.number + 1, certain=not frame.node.get("may_end"))


def _closed(frame: Frame, *, stops: bool) -> Course:
    """What a node still causes after the last of its children."""
    if frame.node["kind"] == StepType.LOOP:
        return Course() if stops else _after_round(frame)
    is_reviewed = frame.node["kind"] == StepType.ROUTER or frame.node.get("workflow")
    return reviewed(frame.node) if is_reviewed else Course()


def _frames(outline: Node, path: str) -> list[Frame]:
    """The nodes from the root down to a place; of what a step does inside itself, down to the step. Empty where there
    is no such place."""
    frames, at = [Frame(node=outline, inside="")], ""
    for part in path.split("/"):
        at = f"{at}/{part}" if at else part
        last = frames[-1]
        is_round = last.node.get("kind") in (StepType.LOOP, StepType.ROUTER) and not last.number
        if is_round or part.startswith("again:"):
            number = int(part) if part.isdigit() else 0
            frames[-1] = Frame(node=last.node, inside=at, number=number)
            continue
        child = next((node for node in last.node.get("children", ()) if segment(node) == part), None)
        if child is None:
            is_step = last.node.get("kind") == StepType.STEP and not last.node.get("workflow")
            return frames if is_step else []
        frames.append(Frame(node=child, inside=at))
    return frames


def segment(node: Node) -> str:
    """What tells it from its siblings: the end of its path."""
    return str(node["path"].rpartition("/")[2])
