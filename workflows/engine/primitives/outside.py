"""Outside: the question that a run was started with, asked of people; their answer is what it brings."""

from functools import partial
from typing import Any

from workflows.engine.flow import Flow
from workflows.engine.invoke import given_to
from workflows.engine.needs import Ask, Need, decided
from workflows.engine.plan import OutsideNode
from workflows.engine.record import Outcome, Record
from workflows.engine.review import Cancelled
from workflows.engine.values import subject
from workflows.engine.walk import perform
from workflows.types import Action, OnReject, OnTimeout, RequirementKind, StepOutput

KEY = "asked:0"
CONTENT = "content"
# What the asker says that the question has under the same name.
SAME = ("message", "allow_multiple", "timeout", "policy")


@perform.register
def perform_outside(node: OutsideNode, record: Record, flow: Flow, redo: int) -> Outcome | None:
    """Ask, and bring the answer."""
    del redo  # nobody reviews an answer
    said = flow.inputs.input
    if _shows(said):
        record.produce(StepOutput(content=said.get("content")).named(node.name, node.kind), CONTENT)
    answer = decided(record, KEY, partial(_question, node, record, flow, said))
    if answer.action is Action.cancel:
        raise Cancelled(
            f"Workflow cancelled: '{said.get('title') or node.name}' was not answered with yes or no"
        )
    return record.produce(StepOutput(content=answer.to_dict()).named(node.name, node.kind), "answer")


def _shows(said: dict[str, Any]) -> bool:
    """There is something to look at, or to review."""
    return said["kind"] == RequirementKind.output_review or said.get(CONTENT) is not None


def _question(node: OutsideNode, record: Record, flow: Flow, said: dict[str, Any]) -> Need:
    kind = RequirementKind(said["kind"])
    is_review = kind is RequirementKind.output_review
    return record, Ask(
        path=record.path,
        key=KEY,
        kind=kind,
        step_name=said.get("title") or node.name,
        step_type=node.kind,
        step_index=node.index,
        input_message=said["message"] if kind is RequirementKind.user_input else None,
        fields=tuple(said.get("fields") or ()),
        choices=tuple(said.get("choices") or ()),
        on_timeout=OnTimeout(said["on_timeout"]) if said.get("on_timeout") else None,
        on_reject=OnReject(said.get("on_reject") or OnReject.skip),
        evidence=(record.path, CONTENT) if _shows(said) else None,
        tool=said.get("tool"),
        error=said.get("error"),
        subject=subject(record.journal.flowing(record, CONTENT)) if is_review else given_to(record, flow),
        **{name: said[name] for name in SAME if said.get(name)},
    )
