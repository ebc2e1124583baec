"""OpenAI's chat completions."""

from typing import Any

from tests.providers.replies import Call, Say, pieces

HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "stub"}


def error(code: int, kind: str, message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"message": message, "type": kind, "param": None, "code": kind}}


def plain(say: Say) -> dict[str, Any]:
    """The whole reply."""
    message: dict[str, Any] = {"role": "assistant", "content": say.text or None}
    if say.calls:
        message["tool_calls"] = [_call(call) for call in say.calls]
    choice = {"index": 0, "message": message, "finish_reason": _finish(say), "logprobs": None}
    return HEAD | {"object": "chat.completion", "choices": [choice], "usage": _usage(say)}


def events(say: Say) -> list[tuple[str, Any]]:
    """The reply in pieces; calls one after the other, each with its index."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in say.words]
    for index, call in enumerate(say.calls):
        deltas.append({"tool_calls": [{"index": index, **_call(call, args="")}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in pieces(call.args)
        ]
    chunks = [_chunk({"index": 0, "delta": delta, "finish_reason": None}) for delta in deltas]
    chunks.append(_chunk({"index": 0, "delta": {}, "finish_reason": _finish(say)}))
    chunks.append(_chunk() | {"usage": _usage(say)})
    return [("", chunk) for chunk in chunks] + [("", "[DONE]")]


def _chunk(*choices: dict[str, Any]) -> dict[str, Any]:
    return HEAD | {"object": "chat.completion.chunk", "choices": list(choices)}


def _call(call: Call, args: str | None = None) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.args if args is None else args}
    return {"id": call.id, "type": "function", "function": function}


def _finish(say: Say) -> str:
    return say.finish or ("tool_calls" if say.calls else "stop")


def _usage(say: Say) -> dict[str, int]:
    total = say.input_tokens + say.output_tokens
    return {"prompt_tokens": say.input_tokens, "completion_tokens": say.output_tokens, "total_tokens": total}
