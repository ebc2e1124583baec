"""Snapshot: a record as plain data, the form in which every store keeps it, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflows.engine.plan import NestedNode, Node, Plan, RouterNode, StepsNode, join
from workflows.engine.record import FAILURE, STOPS, Failure, Outcome, Record, Success
from workflows.types import Answer, StepStatus

if TYPE_CHECKING:
    from workflows.engine.journal import Journal

LASTING = ("patch", STOPS)
FLAGS = ("interrupted", "final")


class DefinitionChanged(Exception):
    """The run has been at a place that the plan does not have (any more)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """A record as data: JSON-able `memo`, everything else as in `Record`."""

    path: str
    name: str
    kind: str
    status: str
    tries: int
    cursor: int
    memo: dict[str, Any] = field(default_factory=dict)
    in_flight: str | None = None
    slot: str | None = None


def save(record: Record) -> Saved:
    """The record as data. A finished step needs its memo no more, but for what its parallel branch has changed, and
    that it said stop; a container keeps what `Inner` reads, and what ended its group how it came to that."""
    keep_memo = not record.finished or bool(record.node.children) or record.slot == FAILURE
    return Saved(
        path=record.path,
        name=record.node.name,
        kind=record.node.kind,
        status=record.status,
        tries=record.tries,
        cursor=record.cursor,
        memo={key: _dump(value) for key, value in record.memo.items() if keep_memo or key in LASTING},
        in_flight=record.in_flight,
        slot=record.slot,
    )


def restore(saved: Saved, plan: Plan, journal: "Journal") -> Record:
    """The record that `save` described. Raises DefinitionChanged where the plan has no such place."""
    return Record(
        journal=journal,
        node=_place(saved, plan),
        path=saved.path,
        status=StepStatus(saved.status),
        tries=saved.tries,
        cursor=saved.cursor,
        memo={key: _load(value) for key, value in saved.memo.items()},
        in_flight=saved.in_flight,
        slot=saved.slot,
    )


def check_places(rows: Iterable[Saved], plan: Plan) -> None:
    """Raise DefinitionChanged unless everything that has happened is how the plan, read from its start, has it.

    A cursor counts children: without this, a step that was put before it, or renamed, would shift the run to
    another place. For a run that was started with another fingerprint; needs all of its records.
    """
    saved = {row.path: row for row in rows}
    for row in saved.values():
        node = _place(row, plan)
        parent = plan.find(row.path.rpartition("/")[0])
        if isinstance(parent, RouterNode):
            _check_route(row, node)
        elif isinstance(node, StepsNode | NestedNode):
            _check_order(row, node, saved)


def _check_route(row: Saved, node: Node) -> None:
    for segment in row.memo.get("route", ()):
        if node.at(segment) is None:
            raise DefinitionChanged(f"The definition has no choice '{segment}' at '{row.path}' any more")


def _check_order(row: Saved, node: Node, saved: Mapping[str, Saved]) -> None:
    done, rest = node.children[: row.cursor], node.children[row.cursor + 1 :]
    for child in done:
        before = saved.get(join(row.path, child.segment))
        if before is None or not StepStatus(before.status).finished:
            raise DefinitionChanged(f"The definition has '{child.name}' before where the run stands now")
    for child in rest:
        if join(row.path, child.segment) in saved:
            raise DefinitionChanged(f"The definition has '{child.name}' at a later place now")


def _place(saved: Saved, plan: Plan) -> Node:
    node = plan.find(saved.path)
    if node is None or node.kind != saved.kind:
        raise DefinitionChanged(f"The definition has no {saved.kind} '{saved.path}' any more")
    return node


def _dump(value: Any) -> Any:
    match value:
        case Success():
            data = {"success": _listed(value.outcome) if value.outcome else None}
            return data if value.value is None else data | {"value": value.value}
        case Failure():
            return {"failure": [value.error_type, value.message, value.interrupted, value.final]}
        case Answer():
            return {"answer": value.to_dict()}
        case dict():
            return {"plain": value}
        case _:
            return value


def _listed(outcome: Outcome) -> list[Any]:
    return [outcome.slot, outcome.success, outcome.stop, outcome.media, outcome.accepted]


def _load(value: Any) -> Any:
    match value:
        case {"success": outcome}:
            return Success(outcome=Outcome(*outcome) if outcome else None, value=value.get("value"))
        case {"failure": [error_type, message, *flags]}:
            return Failure(error_type=error_type, message=message, **dict(zip(FLAGS, flags, strict=False)))
        case {"answer": answer}:
            return Answer.from_dict(answer)
        case {"plain": plain}:
            return plain
        case _:
            return value
