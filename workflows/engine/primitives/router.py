"""Router: those of the children that were chosen, in order. Each try at a route is a group of its own, so that a
reviewer who sends the result back can choose the same child again."""

from collections.abc import Iterable
from functools import partial
from itertools import count
from typing import Any

from workflows.engine.flow import Flow
from workflows.engine.inner import Inner
from workflows.engine.invoke import consult, given_to, step_input
from workflows.engine.needs import Need, decided
from workflows.engine.plan import RouterNode, join
from workflows.engine.primitives.steps import continued, summary
from workflows.engine.record import Failure, Outcome, Record
from workflows.engine.review import BEFORE, NOBODY_ASKED, again, question
from workflows.engine.walk import Failed, absorb, consent, offered, perform, sequence
from workflows.types import Answer, RequirementKind, StepStatus

# In the memo: how many tries were begun by a route that does not count any more.
LEFT = "left"


@consent.register
def consent_to_route(node: RouterNode, record: Record, flow: Flow) -> Answer:
    """A yes or no to the route that the selector proposes. With on_reject=retry a no leads to the choice of another.

    A router that only lets people choose asks that when it runs.
    """
    if not node.review.requires_confirmation:
        return NOBODY_ASKED
    proposal = _proposal(node, record, flow) if node.selector else []
    answer = decided(record, "before:0", partial(_confirmation, node, record, flow, proposal))
    if not answer.approved and again(node, answer, 0):
        record.remember("chosen by hand", True)
        return NOBODY_ASKED
    return answer


@offered.register
def offer_routes(node: RouterNode) -> dict[str, object]:
    """A review of a router's output shows which ways there are."""
    return {"choices": _choices(node)}


@perform.register
def perform_router(node: RouterNode, record: Record, flow: Flow, redo: int) -> Outcome | None:
    """Run the route; None when a person who is to choose says no instead."""
    slot = f"output:{redo}"
    if slot in record.memo:  # it ran, and is being reviewed
        known: Outcome = record.memo[slot].outcome
        return known
    route = _route(node, record, flow, redo)
    if route is None:
        return None
    group = _attempt(node, record, redo, route)
    names = [child.name for child in group.lineup]
    if not _by_hand(node, record, redo):
        continued(record)
    record.tell(f"started:{redo}", "RouterExecutionStarted", selected_steps=names)
    try:
        sequence(group, flow.carrying(**flow.notes))
    except Failed as failed:
        absorb(group, failed)
    group.move(StepStatus.completed)
    record.tell(f"completed:{redo}", "RouterExecutionCompleted", selected_steps=names)
    none = "" if route else " (no steps selected)"
    text = f"Router {node.name} completed with {group.memo.get('kept', 0)} results{none}"
    output = summary(record, group, text, Inner(record.journal, group.path))
    return record.produce(output.named(node.name, node.kind), slot)


def _attempt(node: RouterNode, record: Record, redo: int, route: list[str]) -> Record:
    """The group of this try. One that was begun before people chose anew, where their choice was void, is left."""
    while True:
        number = redo + 1 + record.memo.get(LEFT, 0)
        group = record.journal.reach(node.attempt, join(record.path, str(number)))
        if group.memo.setdefault("route", route) == route:
            return group
        record.remember(LEFT, number - redo)


def _by_hand(node: RouterNode, record: Record, redo: int) -> bool:
    """A person chooses the route, and not the selector."""
    return redo > 0 or node.review.requires_user_input or "chosen by hand" in record.memo


def _route(node: RouterNode, record: Record, flow: Flow, redo: int) -> list[str] | None:
    """The segments of the children to run."""
    if _by_hand(node, record, redo):
        return _chosen(node, record, flow, redo)
    return _proposal(node, record, flow) if node.selector else []


def _chosen(node: RouterNode, record: Record, flow: Flow, redo: int) -> list[str] | None:
    """What a person chooses, in the order of the choices; None when they say no and that means skip."""
    for times in count():
        key = f"route:{redo}.{times}"
        answer = decided(record, key, partial(_selection, node, record, flow, key, redo + times))
        if answer.approved:
            return [child.segment for child in node.children if child.name in answer.choices]
        if not again(node, answer, redo + times):
            return None
    raise AssertionError("count() does not end")


def _proposal(node: RouterNode, record: Record, flow: Flow) -> list[str]:
    """What the selector chooses. Raises Failed when it did."""
    assert node.selector is not None
    names, key = [child.name for child in node.children], f"select:{flow.grants(record.path)}"
    chosen = consult(
        node.selector,
        record,
        key,
        flow,
        first=partial(step_input, record, flow),
        keep=lambda result: _segments(node, result),
        step_choices=names,
    )
    if isinstance(chosen, Failure):
        raise Failed(record, chosen, key)
    return list(chosen)


def _segments(node: RouterNode, result: Any) -> list[str]:
    """The children that a selector's result names, each once; names that no choice has are ignored."""
    by_name = {child.name: child.segment for child in node.children}
    return list(dict.fromkeys(by_name[name] for name in _names(result) if name in by_name))


def _names(result: Any) -> Iterable[str]:
    if isinstance(result, list | tuple):
        for item in result:
            yield from _names(item)
    elif isinstance(result, str):
        yield result
    elif result is not None:
        yield str(getattr(result, "name", None) or getattr(result, "__name__", ""))


def _confirmation(node: RouterNode, record: Record, flow: Flow, proposal: list[str]) -> Need:
    names = tuple(child.name for child in node.children if child.segment in proposal)
    return question(
        node,
        record,
        key="before:0",
        kind=RequirementKind.confirmation,
        message=node.review.confirmation_message or BEFORE[node.kind].format(node.name),
        choices=_choices(node),
        proposal=names,
        evidence=flow.before.place,
        subject=given_to(record, flow),
    )


def _selection(node: RouterNode, record: Record, flow: Flow, key: str, times: int) -> Need:
    names = ", ".join(child.name for child in node.children)
    return question(
        node,
        record,
        key=key,
        kind=RequirementKind.route,
        message=node.review.user_input_message or f"Select a route from: {names}",
        choices=_choices(node),
        allow_multiple=node.allow_multiple,
        retry_count=times,
        subject=given_to(record, flow),
    )


def _choices(node: RouterNode) -> tuple[dict[str, str], ...]:
    return tuple({"name": child.name, "description": child.description} for child in node.children)
