"""A framework that is played, and servers that speak it."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from hitl_portal.adapters import bringing
from hitl_portal.adapters.far import Far
from hitl_portal.adapters.found import Admits, Answers, Found, Posed, Where
from hitl_portal.adapters.models import Server, Speaks
from workflows import registry, store
from workflows.models import Requirement, WorkflowRun
from workflows.runner import advance
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

PAY = {"kind": "confirmation", "message": "Pay 5?", "title": "pay"}
Wait = Callable[..., Found]
Say = Callable[..., None]


@dataclass(kw_only=True)
class Played:
    """A `Framework` whose runs are what a test says; `troubles` are raised by whatever is called next."""

    runs: dict[str, list[Found]] = field(default_factory=dict)
    answers: list[Answers] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    troubles: list[Exception | None] = field(default_factory=list)
    lasts: bool = False  # what is answered waits on
    since: datetime | None = None

    def search(self, far: Far, admits: Admits, since: datetime | None) -> Iterable[Where]:
        self.since = since
        return [found.where for waits in self.runs.values() for found in waits if admits(found.where.place)]

    def look(self, far: Far, where: Where) -> Sequence[Found]:
        self.looks.append(where.run)
        self._trouble()
        return self.runs.get(where.run, [])

    def answer(self, far: Far, found: Found, answers: Answers) -> None:
        self.answers.append(answers)
        if not self.lasts:
            self.runs.pop(found.where.run)
        self._trouble()

    def _trouble(self) -> None:
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    """Give the framework that servers of this test speak."""
    made = Played()
    monkeypatch.setitem(bringing.FRAMEWORKS, Speaks.AGNO, made)
    return made


@pytest.fixture
def server(db: None, played: Played) -> Server:
    """Give a server that speaks it."""
    return Server.objects.create(name="clerks", speaks=Speaks.AGNO, url="https://agno.example")


@pytest.fixture
def waits(played: Played) -> Wait:
    """Give what makes a run wait over there: for one question, or for several."""

    def waiting(run: str, *said: dict[str, Any], mark: str = "1", place: str = "agent/clerk") -> Found:
        posed = [Posed(spot=f"call-{number}", said=one) for number, one in enumerate(said or (PAY,))]
        found = Found(where=Where(place=place, run=run, session="s"), mark=mark, posed=posed, raw={})
        played.runs[run] = [found]
        return found

    return waiting


@pytest.fixture
def say(reviewer: User) -> Say:
    """Give what decides the oldest open question, and lets its run end."""

    def saying(action: str, **said: Any) -> None:
        row = Requirement.objects.open().order_by("opened_at").first()
        assert row is not None
        answer = Answer(action=Action(action), **said)
        resolve(row.pk, revision=row.revision, answer=answer, actor=Actor.of(reviewer, "api"))
        drive(row.run)

    return saying


def drive(run: WorkflowRun) -> None:
    """As a worker does."""
    claim = store.claim_run(run.id, "test")
    assert claim is not None
    advance(claim, registry.known(), threading.Event())
