"""Filled: what people filled in, as steps get it: without what was hidden, defaults included, files as files.

A file stands in an answer, or in a run's input, as a reference: its name, and the slot of the value that holds it.
"""

from collections.abc import Mapping
from typing import Any

from workflows.engine import values
from workflows.engine.plan import Node
from workflows.engine.record import Record
from workflows.types import Answer, File, UserInputField
from workflows.types.fields import shown_fields

PUT_AWAY = "file:"  # how the slots of files begin; then the SHA-256


def told(node: Node, record: Record, answer: Answer) -> dict[str, object]:
    """The note that a step is given about its form; a field that was left as it is counts with its default."""
    asked = (node.review.user_input_schema or ()) if node.review.requires_user_input else ()
    by_name = {field.name: field for field in asked}
    hidden = by_name.keys() - {field.name for field in shown_fields(asked, answer.values)}
    filled = {field.name: field.value for field in asked if field.value is not None} | answer.values
    given = {
        name: _given(record, by_name.get(name), value) for name, value in filled.items() if name not in hidden
    }
    return {"user_input": given} if given else {}


def put_away(file: File) -> tuple[dict[str, Any], str, str]:
    """What stands for a file in data, the slot that holds it, and what to write there."""
    described = file.to_dict()
    del described["data"]
    slot = PUT_AWAY + described["sha256"]
    return described | {"slot": slot}, slot, values.encode({"content": file})


def opened(record: Record, given: Any) -> Any:
    """A run's input with its files instead of what stands for them."""
    if not isinstance(given, dict) or not any(_is_reference(value) for value in given.values()):
        return given
    return {name: _opened(record, value) for name, value in given.items()}


def slots_in(filled: Mapping[str, Any]) -> set[str]:
    """The slots of the files to which values that were filled in refer."""
    return {value["slot"] for value in filled.values() if _is_reference(value)}


def _given(record: Record, field: UserInputField | None, value: Any) -> Any:
    if field is None or field.field_type != "file" or not isinstance(value, dict):
        return value
    return File.from_dict(value) if "data" in value else _opened(record, value)


def _opened(record: Record, value: Any) -> Any:
    if not _is_reference(value) or not record.journal.has(record.path, value["slot"]):
        return value  # it was erased
    kept: dict[str, Any] = record.journal.data(record, value["slot"])
    return kept["content"]


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and str(value.get("slot", "")).startswith(PUT_AWAY)
