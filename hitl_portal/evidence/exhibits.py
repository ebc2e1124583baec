"""Exhibits: what a run was given or produced, ready to be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from hitl_portal.evidence.attachments import Attachment, with_attachments
from hitl_portal.evidence.voices import Voice, voice_of, voice_of_input
from workflows.models import Value, WorkflowRun
from workflows.types import MEDIA

INPUTS = "inputs"


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A value with whose words it is. `media` are the images, films, sound and files that came with its content, by
    kind; `error` is what went wrong, where a failed output says so. Where the value nests beyond reason, `content` is
    its JSON as text."""

    id: UUID
    content: Any
    voice: Voice
    media: Mapping[str, list[Any]] = field(default_factory=dict)
    error: str = ""
    step_name: str = ""

    @classmethod
    def of(cls, value: Value) -> Self:
        """Costs nothing where the value's data is there."""
        told = _read(value)
        if not isinstance(told, dict):
            return cls(id=value.id, content=told, voice=voice_of(None, value.slot))
        return cls(
            id=value.id,
            content=told.get("content", None if _is_output(told) else told),
            voice=voice_of(told, value.slot),
            media=_media(told) if _is_output(told) else {},
            error=str(told.get("error") or ""),
            step_name=str(told.get("step_name") or ""),
        )

    @classmethod
    def of_inputs(cls, value: Value, run: WorkflowRun) -> Self:
        """What the run was started with."""
        told = _read(value)
        given, media = (told.get("input"), told.get("media")) if isinstance(told, dict) else (told, None)
        return cls(
            id=value.id,
            content=given,
            voice=voice_of_input(run),
            media=_media(media) if isinstance(media, dict) else {},
        )

    @classmethod
    def of_any(cls, value: Value, run: WorkflowRun) -> Self:
        """Whichever of both it is."""
        is_input = (value.path, value.slot) == ("", INPUTS)
        return cls.of_inputs(value, run) if is_input else cls.of(value)

    @property
    def parts(self) -> list[Any]:
        """All that can be looked at: the content, unless there are media alone, and the media kind by kind."""
        media = [items if _are_files(items) else {kind: items} for kind, items in self.media.items()]
        return media if self.content is None and media else [self.content, *media]


def _read(value: Value) -> Any:
    try:
        return with_attachments(value.shown())
    except RecursionError:
        return value.data


def _is_output(told: Mapping[str, Any]) -> bool:
    """A step's output, or a turn: what says of itself which parts it has."""
    return "content" in told or "step_name" in told


def _are_files(items: list[Any]) -> bool:
    return all(isinstance(item, Attachment) for item in items)


def _media(told: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {kind: found for kind in MEDIA if isinstance(found := told.get(kind), list) and found}
