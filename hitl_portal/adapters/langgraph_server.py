"""A LangGraph server, by its HTTP interface: interrupted threads, and how they are resumed.

Each interrupt is a pause of its own: it is resumed by its id, and others of its thread wait on. A thread that runs
takes no second run (`multitask_strategy` reject): whoever comes too early comes again. An id that waits no more is not
refused: whatever waits then gets the answer as it is. So the thread is looked at just before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hitl_portal.adapters.far import Busy, Far, Trouble
from hitl_portal.adapters.found import Admits, Answers, Found, Posed, Where
from hitl_portal.adapters.interrupts import questions_of, resume_of

PAGE, MOST_PAGES = 50, 40
INTERRUPTED, BUSY = "interrupted", "busy"
GONE = (404, 422)  # of an id that is none, too


class LangGraphServer:
    """A `Framework`."""

    def search(self, far: Far, admits: Admits, since: datetime | None) -> Iterable[Where]:
        """Go through the threads that are interrupted."""
        del since  # only those that wait are listed
        for page in range(MOST_PAGES):
            asked = {"status": INTERRUPTED, "limit": PAGE, "offset": page * PAGE}
            threads = _rows(far.post("threads", "search", json=asked))
            for thread in threads:
                where = _where(thread)
                if where and admits(where.place):
                    yield where
            if len(threads) < PAGE:
                return

    def look(self, far: Far, where: Where) -> Sequence[Found]:
        """Read the thread's state."""
        try:
            thread, state = far.get("threads", where.run), far.get("threads", where.run, "state")
        except Trouble as trouble:
            if trouble.status in GONE:
                return []
            raise
        status = thread.get("status") if isinstance(thread, Mapping) else None
        if status == BUSY:  # perhaps with the answer to another interrupt
            raise Busy("The thread is busy")
        return found_in(where, state) if status == INTERRUPTED else []

    def answer(self, far: Far, found: Found, answers: Answers) -> None:
        """Start a run that resumes it."""
        said = [Given.of(answers[one.spot]) for one in found.posed]
        resume = {found.raw["id"]: resume_of(found.raw.get("value"), said)}
        body = {"assistant_id": found.where.session, "command": {"resume": resume}}
        far.post("threads", found.where.run, "runs", json={**body, "multitask_strategy": "reject"})


@dataclass(frozen=True, kw_only=True)
class Given:
    """An answer as `interrupts` reads it."""

    action: str
    feedback: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    choices: Sequence[str] = ()
    content: Any = None

    @classmethod
    def of(cls, answer: Mapping[str, Any] | None) -> "Given":
        """Of an answer as data; where there is none, nobody goes on."""
        told: Mapping[str, Any] = answer if answer is not None else {"action": "cancel"}
        return cls(**{name: told[name] for name in cls.__dataclass_fields__ if name in told})


def found_in(where: Where, state: Any) -> list[Found]:
    """The interrupts of a thread's state."""
    found = []
    for task in _rows(state.get("tasks") if isinstance(state, Mapping) else None):
        for interrupt in _rows(task.get("interrupts")):
            name = str(interrupt.get("id") or "")
            if name:
                asked = questions_of(interrupt.get("value"), str(task.get("name") or ""))
                posed = [Posed(spot=f"{name[:150]}-{number}", said=said) for number, said in enumerate(asked)]
                found.append(Found(where=where, mark=name, posed=posed, raw=interrupt))
    return found


def _where(thread: Mapping[str, Any]) -> Where | None:
    told = thread.get("metadata")
    metadata = told if isinstance(told, Mapping) else {}
    graph, assistant = metadata.get("graph_id"), metadata.get("assistant_id")
    if not graph or not thread.get("thread_id"):
        return None
    return Where(place=f"graph/{graph}", run=str(thread["thread_id"]), session=str(assistant or graph))


def _rows(told: Any) -> list[dict[str, Any]]:
    return [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
