"""Google's generateContent."""

from typing import Any

from tests.providers.replies import Say


def error(code: int, kind: str, message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"code": code, "message": message, "status": kind}}


def plain(say: Say) -> dict[str, Any]:
    """The whole reply."""
    return _piece(
        say, [*_thoughts(say), *([{"text": say.text}] if say.text else []), *_calls(say)], last=True
    )


def events(say: Say) -> list[tuple[str, Any]]:
    """The reply in pieces; a call is always in one."""
    parts = [*_thoughts(say), *({"text": word} for word in say.words), *_calls(say)]
    found = [_piece(say, [part], last=False) for part in parts]
    return [("", piece) for piece in [*found, _piece(say, [], last=True)]]


def _thoughts(say: Say) -> list[dict[str, Any]]:
    return [{"text": say.thinking, "thought": True}] if say.thinking else []


def _calls(say: Say) -> list[dict[str, Any]]:
    """The calls; where it thought, the first is signed, as Google does it."""
    found: list[dict[str, Any]] = [
        {"functionCall": {"id": call.id, "name": call.name, "args": call.value}} for call in say.calls
    ]
    if found and say.thinking:
        found[0]["thoughtSignature"] = say.signature
    return found


def _piece(say: Say, parts: list[dict[str, Any]], *, last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "content": {"role": "model", "parts": parts}}
    if last:
        candidate["finishReason"] = say.finish or "STOP"
    total = {"totalTokenCount": say.input_tokens + say.output_tokens}
    usage = {"promptTokenCount": say.input_tokens, "candidatesTokenCount": say.output_tokens} | total
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "stub", "responseId": "r1"}
