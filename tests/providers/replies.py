"""What the provider on loopback does with a request."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Call:
    """The model wants a tool; `args` are JSON text, right or wrong."""

    id: str
    name: str
    args: str

    @property
    def value(self) -> Any:
        """The arguments where they are sent as JSON, not as text; text that is no JSON stays text."""
        try:
            return json.loads(self.args)
        except ValueError:
            return self.args


def call(name: str, args: str | None = None, **given: Any) -> Call:
    """A call with these arguments, or with this text in their place."""
    return Call(id=f"call_{next(_numbers)}", name=name, args=json.dumps(given) if args is None else args)


@dataclass(frozen=True)
class Say:
    """A reply. Where it is streamed, the text comes word by word, and arguments in pieces of eight letters;
    `cut_after` cuts the connection after so many events, `hang_after` waits there until the provider is released."""

    text: str = ""
    calls: list[Call] = field(default_factory=list)
    thinking: str = ""
    signature: str = "c2lnbmVk"
    input_tokens: int = 11
    output_tokens: int = 7
    finish: str | None = None
    cut_after: int | None = None
    hang_after: int | None = None

    @property
    def words(self) -> list[str]:
        """The text in pieces."""
        words = self.text.split(" ")
        return [word + " " for word in words[:-1]] + words[-1:] if self.text else []


@dataclass(frozen=True)
class Status:
    """An HTTP error, with the provider's kind of body."""

    code: int
    message: str = "no"
    kind: str = "some_error"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """Exactly this, with status 200."""

    content: bytes
    content_type: str = "application/json"


@dataclass(frozen=True)
class Hang:
    """Nothing, until the provider is released; then the connection is closed."""


Outcome: TypeAlias = Say | Status | Body | Hang


def pieces(text: str, length: int = 8) -> list[str]:
    """Arguments as they are streamed."""
    return [text[start : start + length] for start in range(0, len(text), length)]
