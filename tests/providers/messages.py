"""Anthropic's messages."""

from typing import Any

from tests.providers.replies import Call, Say, pieces

Event = tuple[str, Any]


def error(code: int, kind: str, message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"type": "error", "error": {"type": kind, "message": message}}


def plain(say: Say) -> dict[str, Any]:
    """The whole reply."""
    blocks: list[dict[str, Any]] = []
    if say.thinking:
        blocks.append({"type": "thinking", "thinking": say.thinking, "signature": say.signature})
    if say.text:
        blocks.append({"type": "text", "text": say.text})
    blocks += [_tool_use(call) | {"input": call.value} for call in say.calls]
    return _message(say) | {"content": blocks, "stop_reason": _stop(say)}


def events(say: Say) -> list[Event]:
    """The reply in pieces, block by block."""
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if say.thinking:
        thoughts = [{"type": "thinking_delta", "thinking": say.thinking}]
        signed = [{"type": "signature_delta", "signature": say.signature}]
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, thoughts + signed))
    if say.text:
        words = [{"type": "text_delta", "text": word} for word in say.words]
        blocks.append(({"type": "text", "text": ""}, words))
    for call in say.calls:
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(call.args)]
        blocks.append((_tool_use(call) | {"input": {}}, deltas))
    found = [_event("message_start", message=_message(say))]
    for index, (block, deltas) in enumerate(blocks):
        found.append(_event("content_block_start", index=index, content_block=block))
        found += [_event("content_block_delta", index=index, delta=delta) for delta in deltas]
        found.append(_event("content_block_stop", index=index))
    stopped = {"stop_reason": _stop(say), "stop_sequence": None}
    found.append(_event("message_delta", delta=stopped, usage={"output_tokens": say.output_tokens}))
    return [*found, _event("message_stop")]


def _event(name: str, **data: Any) -> Event:
    return name, {"type": name} | data


def _tool_use(call: Call) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name}


def _stop(say: Say) -> str:
    return say.finish or ("tool_use" if say.calls else "end_turn")


def _message(say: Say) -> dict[str, Any]:
    usage = {"input_tokens": say.input_tokens, "output_tokens": say.output_tokens}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "stub", "content": []}
    return head | {"stop_reason": None, "stop_sequence": None, "usage": usage}
