"""A model that plays a script: for demos without a key, and for tests.

It understands nothing and says what it was told to say. Which reply is next follows from the conversation alone, so
that another object, in another process, goes on where this one was.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from workflows.agents.errors import ScriptEnded
from workflows.engine.conversation import Message, Reply, Request, ToolCall

Line: TypeAlias = str | Reply | ToolCall | Sequence[ToolCall]
Script: TypeAlias = Sequence[Line] | Callable[[Request], Line | Awaitable[Line]]


class ScriptedModel:
    """A model without a provider.

    `replies` are what it says after each message of the user, in order: a text, a tool call, several calls, or a
    whole Reply; asked for more, it raises ScriptEnded. Or it is a function, async or not, that makes any of these
    of the request. A call with an empty id gets one that no other call of the conversation has.
    """

    provider = "scripted"

    def __init__(self, replies: Script, id: str = "scripted") -> None:
        if isinstance(replies, str):
            raise TypeError("replies is a list of what is said in turn, or a function of the request")
        self.id = id
        self.replies = replies

    async def reply(self, request: Request, tell: Callable[[str], object] | None = None) -> Reply:
        """The next line of the script; its text is told word by word."""
        line = await self._line(request)
        reply = _named(_as_reply(line), turn=sum(message.role == "assistant" for message in request.messages))
        if tell is not None:
            for word in re.findall(r"\S+\s*|\s+", reply.text):
                tell(word)
        return reply

    async def _line(self, request: Request) -> Line:
        if callable(self.replies):
            made = self.replies(request)
            return await made if inspect.isawaitable(made) else made
        said = _replies_to_the_last(request.messages)
        if said >= len(self.replies):
            raise ScriptEnded(self.id, len(self.replies))
        return self.replies[said]


def _replies_to_the_last(messages: Sequence[Message]) -> int:
    """How many replies the last message of the user already has."""
    roles = [message.role for message in messages]
    since = len(roles) - roles[::-1].index("user") if "user" in roles else 0
    return roles[since:].count("assistant")


def _as_reply(line: Line) -> Reply:
    match line:
        case Reply():
            return line
        case str():
            return Reply(text=line)
        case ToolCall():
            return Reply(calls=(line,))
    return Reply(calls=tuple(line))


def _named(reply: Reply, turn: int) -> Reply:
    """The reply with an id for every call."""
    calls = (
        call if call.id else replace(call, id=f"scripted-{turn}-{index}")
        for index, call in enumerate(reply.calls)
    )
    return replace(reply, calls=tuple(calls))
