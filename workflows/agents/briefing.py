"""Briefing: what a model is told before the first message: who it is, and how it should work."""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflows.agents.options import Options

Instructions = str | list[str] | Callable[..., str | list[str]] | None

# A name in braces, as in "Hello {customer}": replaced where the session's state or the dependencies have it.
NAMED = re.compile(r"\{(\w+)\}")


def briefing(options: Options, instructions: Instructions, more: Iterable[str], context: Any) -> str:
    """The system message for one run; empty when there is nothing to say. `context` is the RunContext; `more` is
    what tools and the team have to say."""
    blocks = [
        options.description or "",
        f"Your role: {options.role}" if options.role else "",
        _instructions(instructions, context),
        *more,
        f"What is expected of you:\n{options.expected_output}" if options.expected_output else "",
        "Use markdown." if options.markdown else "",
        options.additional_context or "",
    ]
    if options.add_session_state_to_context and context.session_state:
        blocks.append(f"The state of this session:\n{json.dumps(context.session_state, default=str)}")
    return "\n\n".join(block for block in blocks if block)


def _instructions(given: Instructions, context: Any) -> str:
    if callable(given):
        given = given(context) if inspect.signature(given).parameters else given()
    lines = given if isinstance(given, list) else [given] if given else []
    text = "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else "".join(lines)
    return _filled(text, (context.dependencies or {}) | context.session_state)


def _filled(text: str, known: Mapping[str, Any]) -> str:
    return NAMED.sub(lambda found: str(known.get(found[1], found[0])), text)
