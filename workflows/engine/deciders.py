"""Deciders: what a question says of who decides it. The author's functions that choose people are called once, when
their node is reached; what is said where all others are silent, the engine does not know."""

from functools import partial
from typing import Any

from workflows.engine.flow import Flow
from workflows.engine.functions import StepFunction
from workflows.engine.invoke import consult, step_input
from workflows.engine.plan import Node
from workflows.engine.record import Failure, Record
from workflows.types import Circle, StepOutput

# Who is named where a function that should name somebody raised, or named nobody: a broken gate stays shut.
NOBODY_ELSE = {"groups": ["admins"], "users": []}


def choose(node: Node, record: Record, flow: Flow) -> None:
    """Ask the author's functions who decides and sees; what they say is in the record's memo."""
    for name, chooser in node.review.choosers.items():
        consult(
            StepFunction.of(chooser),
            record,
            _key(name),
            flow,
            first=partial(step_input, record, flow),
            keep=_named,
        )


def policy_of(node: Node, record: Record) -> dict[str, Any]:
    """What a node says of who decides; `record` is its own, or that of something inside it that is asked about."""
    said = node.review.policy.to_dict()
    for name in node.review.choosers:
        chosen = _chosen(node, record, _key(name))
        said[name] = NOBODY_ELSE if chosen is None or isinstance(chosen, Failure) else chosen
    risk = getattr(node, "risk", "normal")
    if risk != "normal":
        said.setdefault("risk", risk)
    if getattr(node, "irreversible", False):
        said["irreversible"] = True
    return said


def _named(result: Any) -> dict[str, Any]:
    content = result.content if isinstance(result, StepOutput) else result
    return Circle.of(content).to_dict()


def _chosen(node: Node, record: Record, key: str) -> Any:
    """What the node's function has said; None where it was never asked."""
    records, path = record.journal.records, record.path
    while path and (path not in records or records[path].node is not node):
        path = path.rpartition("/")[0]
    return records[path].memo.get(key) if path in records else None


def _key(name: str) -> str:
    return f"{name}?"
