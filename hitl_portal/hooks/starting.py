"""Starting: from what a post says to the workflow it is for, its input, and its run. Problems say what is refused."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from hitl_portal.hooks.mapping import NOTHING, Unmapped, found, mapped
from hitl_portal.hooks.models import Signs, WebhookSource
from hitl_portal.hooks.reading import Post
from hitl_portal.problems import Problem
from workflows import services
from workflows.errors import InvalidInput, UnkeepableInput, UnknownWorkflow, WorkflowDisabled
from workflows.models import WorkflowRun

STANDARD_PAYLOAD = {"type", "timestamp", "data"}


@dataclass(frozen=True, kw_only=True)
class Meant:
    """What a post asks for: the name of a workflow, and its input."""

    workflow: str
    input: Any


def meant(source: WebhookSource, payload: Any, others: Collection[str] | None = None) -> Meant:
    """What a source's payload asks for, or the Problem `unknown-workflow` or `unmapped`.

    `others`: what it may start besides its workflow, for a source that is not saved.
    """
    try:
        return Meant(workflow=_workflow(source, payload, others), input=_input(source, payload))
    except Unmapped as wrong:
        raise Problem("unmapped", str(wrong)) from None


def known_run(source: WebhookSource, id: str) -> WorkflowRun | None:
    """The run that a message has started before, whatever has changed since."""
    return WorkflowRun.objects.filter(source=sender(source), external_id=id).first()


def start(source: WebhookSource, post: Post, actor: services.Actor | None = None) -> WorkflowRun:
    """The run that a post asks for, started by its source, or by somebody who replays it."""
    asked = meant(source, post.payload)
    try:
        return services.start_run(
            asked.workflow,
            asked.input,
            actor=actor or services.Actor(name=sender(source), channel="webhook"),
            source=sender(source),
            external_id=post.id,
        )
    except InvalidInput as wrong:
        raise Problem("validation", str(wrong), errors=_pointed(wrong, asked.input)) from None
    except UnkeepableInput as refused:
        raise Problem("malformed", str(refused)) from None
    except UnknownWorkflow as unknown:
        raise Problem("unknown-workflow", str(unknown)) from None
    except WorkflowDisabled as disabled:
        raise Problem("workflow-disabled", str(disabled)) from None


def sender(source: WebhookSource) -> str:
    """What a source is called in its runs' history."""
    return f"webhook:{source.name}"


def _workflow(source: WebhookSource, payload: Any, others: Collection[str] | None) -> str:
    named = _named(source, payload)
    if named is NOTHING or named == source.workflow.name:
        return source.workflow.name
    allowed = source.others.values_list("name", flat=True) if others is None else others
    if not isinstance(named, str) or named not in allowed:
        raise Problem("unknown-workflow", f"This source cannot start a workflow named '{str(named)[:100]}'")
    return named


def _named(source: WebhookSource, payload: Any) -> Any:
    """The workflow that a payload names: where the source says, else as `workflow` of what our own senders post."""
    if source.naming:
        return found(source.naming, payload)
    named = payload.get("workflow") if isinstance(payload, dict) and source.signs == Signs.STANDARD else None
    return named if isinstance(named, str) else NOTHING


def _input(source: WebhookSource, payload: Any) -> Any:
    """What the mapping makes of it; without one, `data` of a payload as Standard Webhooks recommends it, else all."""
    if source.mapping is not None:
        return mapped(source.mapping, payload)
    is_standard = source.signs == Signs.STANDARD and isinstance(payload, dict)
    return payload["data"] if is_standard and payload.keys() >= STANDARD_PAYLOAD else payload


def _pointed(wrong: InvalidInput, given: Any) -> list[dict[str, str]]:
    """What is wrong with which field; pointers (RFC 6901) lead into the input that the mapping has made."""
    return [
        {"detail": said, "field": name, "pointer": _pointer(name) if isinstance(given, dict) else ""}
        for name, said in wrong.by_field.items()
    ]


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
