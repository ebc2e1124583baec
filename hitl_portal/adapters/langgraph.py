"""LangGraph in the author's own process: a graph's interrupts are asked in the portal, the answers resume it.

    from hitl_portal.adapters.langgraph import ask, run, take_up

    with Portal(url, token) as portal:
        result = run(graph, {"order": 7}, config, portal)  # waits for people as often as the graph does

`run` keeps the process until the graph has ended. `ask` puts what waits into the inbox and leaves; `take_up`, whenever
you like and in whichever process, resumes with what is answered by then. Both find the same questions again, by thread
and interrupt. Of two processes that take up one thread at the same moment both resume it: LangGraph has no lock, so let
one do it.

The graph needs a checkpointer, and `config` a thread. What happens is written once, as generators that yield what is to
be done; `run` and `arun`, and so on, do it, blocking or awaiting.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from langgraph.types import Command

from hitl_portal.adapters.interrupts import questions_of, resume_of
from hitl_portal.client import Asked, AsyncPortal, Portal

Config = Mapping[str, Any]
Value = TypeVar("Value")


class Graph(Protocol):
    """A compiled graph, as far as it is used here."""

    def invoke(self, input: Any, config: Any) -> Any: ...
    async def ainvoke(self, input: Any, config: Any) -> Any: ...
    def get_state(self, config: Any) -> Any: ...
    async def aget_state(self, config: Any) -> Any: ...


class Interrupt(Protocol):
    """An interrupt, likewise."""

    @property
    def id(self) -> str: ...
    @property
    def value(self) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One interrupt that is asked about: `asked` are its questions in the portal, in order."""

    id: str
    value: Any
    asked: tuple[Asked, ...]

    @property
    def is_answered(self) -> bool:
        """All its questions are."""
        return all(one.answer is not None for one in self.asked)

    @property
    def resume(self) -> Any:
        """What the interrupt gives, once all is answered."""
        return resume_of(self.value, [one.answer for one in self.asked if one.answer is not None])


@dataclass(frozen=True, kw_only=True)
class Do:
    """Something to be done: a method of the graph or of the portal, by its blocking name."""

    of: str
    name: str
    args: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


Flow = Generator[Do, Any, Value]


def run(graph: Graph, input: Any, config: Config, portal: Portal, **question: Any) -> Any:
    """Run the graph, or go on with it (`input=None`), until it ends; whenever it is interrupted, people are asked and
    waited for. `question` counts for all that is asked: `policy`, `timeout`, `on_timeout`.

    Gives what the graph gives. Raises NotAnswered where a question is withdrawn, and PortalError.
    """
    return _blocking(_run(input, config, question), graph, portal)


async def arun(graph: Graph, input: Any, config: Config, portal: AsyncPortal, **question: Any) -> Any:
    """As `run`."""
    return await _awaiting(_run(input, config, question), graph, portal)


def ask(graph: Graph, config: Config, portal: Portal, **question: Any) -> list[Waiting]:
    """Ask about everything the thread waits for, what was asked before included, and do not wait. `question` as above:
    say the same each time."""
    return _blocking(_ask(config, question), graph, portal)


async def aask(graph: Graph, config: Config, portal: AsyncPortal, **question: Any) -> list[Waiting]:
    """As `ask`."""
    return await _awaiting(_ask(config, question), graph, portal)


def take_up(graph: Graph, config: Config, portal: Portal, **question: Any) -> Any:
    """Resume the thread with what is answered so far: each interrupt by its id, so that others wait on. Gives what the
    graph gives then; None where nothing is answered."""
    return _blocking(_take_up(config, question), graph, portal)


async def atake_up(graph: Graph, config: Config, portal: AsyncPortal, **question: Any) -> Any:
    """As `take_up`."""
    return await _awaiting(_take_up(config, question), graph, portal)


def _run(input: Any, config: Config, question: Mapping[str, Any]) -> Flow[Any]:
    result = yield Do(of="graph", name="invoke", args=(input, config))
    while waiting := (yield from _ask(config, question)):
        for one in waiting:
            for asked in one.asked:
                yield Do(of="portal", name="answer", args=(asked,))
        result = yield from _take_up(config, question)
    return result


def _take_up(config: Config, question: Mapping[str, Any]) -> Flow[Any]:
    answered = [one for one in (yield from _ask(config, question)) if one.is_answered]
    if not answered:
        return None
    command = Command(resume={one.id: one.resume for one in answered})
    return (yield Do(of="graph", name="invoke", args=(command, config)))


def _ask(config: Config, question: Mapping[str, Any]) -> Flow[list[Waiting]]:
    state = yield Do(of="graph", name="get_state", args=(config,))
    waiting = []
    for task in state.tasks:
        for interrupt in task.interrupts:
            key = _key(config, interrupt)
            waiting.append((yield from _asked(interrupt, task.name, key, question)))
    return waiting


def _asked(interrupt: Interrupt, node: str, key: str, question: Mapping[str, Any]) -> Flow[Waiting]:
    asked = []
    for number, said in enumerate(questions_of(interrupt.value, node)):
        named = {**said, **question, "key": f"{key}-{number}", "wait": False}
        asked.append((yield Do(of="portal", name="ask", args=(named.pop("message"),), named=named)))
    return Waiting(id=interrupt.id, value=interrupt.value, asked=tuple(asked))


def _key(config: Config, interrupt: Interrupt) -> str:
    """The same for the same question: each interrupt has an id of its own, also where one place asks twice."""
    said = f"{config['configurable']['thread_id']} {interrupt.id}"
    return f"langgraph-{sha256(said.encode()).hexdigest()}"


def _blocking(flow: Flow[Value], graph: Graph, portal: Portal) -> Value:
    having = {"graph": graph, "portal": portal}
    given: Any = None
    try:
        while True:
            do = flow.send(given)
            given = getattr(having[do.of], do.name)(*do.args, **do.named)
    except StopIteration as end:
        value: Value = end.value
        return value


async def _awaiting(flow: Flow[Value], graph: Graph, portal: AsyncPortal) -> Value:
    having = {"graph": graph, "portal": portal}
    given: Any = None
    try:
        while True:
            do = flow.send(given)
            name = do.name if do.of == "portal" else f"a{do.name}"
            given = await getattr(having[do.of], name)(*do.args, **do.named)
    except StopIteration as end:
        value: Value = end.value
        return value
