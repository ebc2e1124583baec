"""Causing: what a node of an outline causes, wherever it stands: when the run comes to it, and once it may run."""

from collections.abc import Iterable, Sequence
from functools import reduce

from workflows.ahead.course import Course, End, Node, Stage, Way, What
from workflows.types import StepType


def begun(node: Node) -> Course:
    """Everything that a node causes when a run comes to it."""
    asks = node.get("asks", ())
    question = "confirmation" if "confirmation" in asks else "user_input" if "user_input" in asks else ""
    if question == "user_input" and node["kind"] == StepType.ROUTER:
        question = "route"
    return asked(node, question) if question else performed(node)


def performed(node: Node, chosen: Sequence[str] | None = None, *, in_order: bool = True) -> Course:
    """What a node causes once people have let it run."""
    return _inside(node, chosen, in_order=in_order).then(reviewed(node))


def asked(node: Node, question: str) -> Course:
    """People are asked about a node: the course ends there."""
    return Course(stages=(Stage(what=What.asks, node=node, question=question),), end=End.asked)


def in_sequence(nodes: Iterable[Node]) -> Course:
    """One node after another."""
    return reduce(lambda course, node: course.then(begun(node)), nodes, Course())


def _inside(node: Node, chosen: Sequence[str] | None, *, in_order: bool) -> Course:
    match node["kind"]:
        case StepType.CONDITION | StepType.ROUTER if chosen is not None:
            return _chosen(node, chosen, in_order=in_order)
        case StepType.ROUTER if "user_input" in node.get("asks", ()):
            return asked(node, "route")
        case StepType.CONDITION | StepType.ROUTER:
            return any_way(node)
        case StepType.LOOP:
            return rounds(node, 1)
        case StepType.PARALLEL:
            return _side_by_side(node)
        case StepType.STEP if not node.get("workflow"):
            return Course(stages=(Stage(what=What.step, node=node),))
    return in_sequence(node.get("children", ()))


def _chosen(node: Node, chosen: Sequence[str], *, in_order: bool) -> Course:
    """The branch of a condition, or routes, that were chosen by name: by people in the order of the choices, or by a
    selector, which means the last of several with one name."""
    found = [child for child in node["children"] if child["name"] in chosen]
    found = found if in_order else list({child["name"]: child for child in found}.values())
    if node["kind"] == StepType.CONDITION:
        return in_sequence(found[0]["children"]) if found else Course()
    if in_order or len(found) < 2:
        return in_sequence(found)
    ways = tuple(Way(name=child["name"], course=begun(child)) for child in found)
    return _all_of(What.several, node, ways)


def any_way(node: Node) -> Course:
    """A function says which way; what comes after the node comes after each of them that asks nobody."""
    ways = [Way(name=child["name"], course=_way(node, child)) for child in node["children"]]
    if node["kind"] == StepType.CONDITION and len(ways) == 1:
        ways.append(Way(name="else", course=Course()))
    return Course(stages=(Stage(what=What.decides, node=node, ways=tuple(ways)),))


def _way(node: Node, child: Node) -> Course:
    return in_sequence(child["children"]) if node["kind"] == StepType.CONDITION else begun(child)


def _side_by_side(node: Node) -> Course:
    ways = tuple(Way(name=child["name"], course=begun(child)) for child in node["children"])
    return _all_of(What.beside, node, ways)


def _all_of(what: What, node: Node, ways: tuple[Way, ...]) -> Course:
    """All of the ways: where one of them asks, nothing that comes after is certain."""
    is_asked = any(way.course.end is End.asked for way in ways)
    return Course(stages=(Stage(what=what, node=node, ways=ways),), end=End.asked if is_asked else End.open)


def rounds(node: Node, number: int, *, certain: bool = True) -> Course:
    """A loop from its iteration of that number on."""
    body, most = in_sequence(node["children"]), int(node.get("max_iterations") or number)
    is_reviewed = number < most and "iteration_review" in node.get("asks", ())
    stage = Stage(
        what=What.rounds,
        node=node,
        ways=(Way(name=node["name"], course=body),),
        times=1 if is_reviewed else max(1, most - number + 1),
        certain=certain,
    )
    if body.end is End.asked:
        return Course(stages=(stage,), end=End.asked if certain else End.open)
    return Course(stages=(stage,)).then(round_reviewed(node) if is_reviewed else Course())


def round_reviewed(node: Node) -> Course:
    return _maybe_asked(node, "iteration_review") if node.get("may_end") else asked(node, "iteration_review")


def reviewed(node: Node) -> Course:
    if "output_review" not in node.get("asks", ()):
        return Course()
    return _maybe_asked(node, "output_review") if node.get("may_review") else asked(node, "output_review")


def _maybe_asked(node: Node, question: str) -> Course:
    return Course(stages=(Stage(what=What.asks, node=node, question=question, certain=False),))
