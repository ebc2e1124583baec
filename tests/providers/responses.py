"""OpenAI's Responses API."""

from typing import Any

from tests.providers.chat import error
from tests.providers.replies import Say, pieces

__all__ = ["error", "events", "plain"]

Event = tuple[str, Any]


def plain(say: Say) -> dict[str, Any]:
    """The whole reply."""
    return _response(say, "completed", _items(say))


def events(say: Say) -> list[Event]:
    """The reply in pieces, item by item."""
    found: list[Event] = [_event("response.created", response=_response(say, "in_progress", []))]
    for index, item in enumerate(_items(say)):
        found.append(_event("response.output_item.added", output_index=index, item=_begun(item)))
        found += _pieces(index, item, say)
        found.append(_event("response.output_item.done", output_index=index, item=item))
    found.append(_event("response.completed", response=plain(say)))
    return [(name, data | {"sequence_number": number}) for number, (name, data) in enumerate(found)]


def _pieces(index: int, item: dict[str, Any], say: Say) -> list[Event]:
    at = {"item_id": item["id"], "output_index": index}
    if item["type"] == "function_call":
        arguments = item["arguments"]
        deltas = [
            _event("response.function_call_arguments.delta", **at, delta=piece) for piece in pieces(arguments)
        ]
        return [*deltas, _event("response.function_call_arguments.done", **at, arguments=arguments)]
    if item["type"] == "reasoning":
        at["summary_index"] = 0
        empty = {"type": "summary_text", "text": ""}
        return [
            _event("response.reasoning_summary_part.added", **at, part=empty),
            _event("response.reasoning_summary_text.delta", **at, delta=say.thinking),
            _event("response.reasoning_summary_text.done", **at, text=say.thinking),
            _event("response.reasoning_summary_part.done", **at, part=item["summary"][0]),
        ]
    at["content_index"] = 0
    nothing = {"type": "output_text", "text": "", "annotations": []}
    return [
        _event("response.content_part.added", **at, part=nothing),
        *(_event("response.output_text.delta", **at, delta=word, logprobs=[]) for word in say.words),
        _event("response.output_text.done", **at, text=say.text, logprobs=[]),
        _event("response.content_part.done", **at, part=item["content"][0]),
    ]


def _event(name: str, **data: Any) -> Event:
    return name, {"type": name} | data


def _begun(item: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, dict[str, Any]] = {
        "function_call": {"arguments": ""},
        "message": {"content": []},
        "reasoning": {"summary": []},
    }
    return item | empty.get(item["type"], {})


def _items(say: Say) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if say.thinking:
        summary = [{"type": "summary_text", "text": say.thinking}]
        items.append(
            {"id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": say.signature}
        )
    if say.text:
        content = [{"type": "output_text", "text": say.text, "annotations": [], "logprobs": []}]
        message = {"id": "msg_1", "type": "message", "role": "assistant"}
        items.append(message | {"content": content, "status": "completed"})
    for number, call in enumerate(say.calls):
        function = {"id": f"fc_{number}", "type": "function_call", "call_id": call.id}
        items.append(function | {"name": call.name, "arguments": call.args, "status": "completed"})
    return items


def _response(say: Say, status: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage: dict[str, Any] = {"input_tokens": say.input_tokens, "output_tokens": say.output_tokens}
    total = {"total_tokens": say.input_tokens + say.output_tokens}
    head = {"id": "resp_1", "object": "response", "created_at": 1_700_000_000, "model": "stub", "error": None}
    asked = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True, "instructions": None}
    rest: dict[str, Any] = {"status": status, "output": items, "incomplete_details": None, "metadata": {}}
    return head | asked | rest | {"usage": usage | details | total if status == "completed" else None}
