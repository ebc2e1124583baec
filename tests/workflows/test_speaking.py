"""What a model says can be read while it says it, and nothing of it stays."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created
from django.utils import timezone

from tests.rows import a_run
from tests.waiting import eventually
from tests.workflows.driving import a_flow, started, work
from workflows import Step, Workflow, speaking
from workflows.agents import Agent
from workflows.engine.conversation import Reply, Request
from workflows.models import Piece, WorkflowRun
from workflows.speech import Ear, being_said, say
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db(transaction=True)

Listen = Callable[[], Any]


class Talker:
    """A model that says some words, then does something else, and is done."""

    id = provider = "talker"

    def __init__(self, *words: str, meanwhile: Listen = lambda: None) -> None:
        self.words, self.meanwhile = words, meanwhile
        self.seen: list[Any] = []

    async def reply(self, request: Request, tell: Callable[[str], object] | None = None) -> Reply:
        assert tell is not None, "nobody follows"
        for word in self.words:
            tell(word)
        self.seen.append(await asyncio.to_thread(self.meanwhile))
        return Reply(text="".join(self.words))


def talking(model: Talker) -> Workflow:
    """A workflow of one agent."""
    return a_flow(Step("talk", agent=Agent(model, name="Talker", id="talker")))


def heard() -> dict[str, str]:
    """What is being said in the only run, as soon as anything is."""
    try:
        return eventually(lambda: being_said(WorkflowRun.objects.get().id), "a word")
    finally:
        connection.close()


def test_it_can_be_read_while_it_is_said() -> None:
    model = Talker("Half of it. ", meanwhile=heard)
    workflow = talking(model)
    started(workflow)
    assert work(workflow).status == RunStatus.completed
    assert model.seen == [{"talk": "Half of it. "}]


def test_nothing_of_it_stays() -> None:
    workflow = talking(Talker("one ", "two"))
    started(workflow)
    work(workflow)
    assert not Piece.objects.exists()


def test_a_thread_that_looks_back_leaves_no_connection_open() -> None:
    opened: list[tuple[int, Any]] = []

    def remember(connection: Any, **_: Any) -> None:
        opened.append((threading.get_ident(), connection))

    workflow = talking(Talker("one "))
    started(workflow)
    connection_created.connect(remember)
    try:
        work(workflow)
    finally:
        connection_created.disconnect(remember)
    foreign = [connection for thread, connection in opened if thread != threading.get_ident()]
    assert foreign
    assert [connection for connection in foreign if connection.connection is not None] == []


def test_many_words_at_once_are_few_rows() -> None:
    workflow = talking(Talker(*["word "] * 500))
    run = started(workflow)
    before = Piece.objects.create(run=run, path="x", text="", said_at=timezone.now()).sequence
    work(workflow)
    after = Piece.objects.create(run=run, path="x", text="", said_at=timezone.now()).sequence
    assert after - before < 10


def test_what_a_dead_process_left_is_deleted() -> None:
    workflow = talking(Talker("one "))
    run, old = started(workflow), a_run()
    say(run.id, {"talk": "broken off"})
    say(old.id, {"talk": "long ago"})
    Piece.objects.filter(run=old).update(said_at=timezone.now() - timedelta(hours=2))
    work(workflow)
    assert not Piece.objects.exists()


def test_a_run_goes_on_where_its_words_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("the disk is full")

    monkeypatch.setattr(speaking, "say", refuse)
    workflow = talking(Talker("one ", "two"))
    started(workflow)
    assert work(workflow).status == RunStatus.completed
    assert "the disk is full" in caplog.text


def test_an_ear_hears_of_each_run_once() -> None:
    run, other = a_run(), a_run()
    say(run.id, {"talk": "before"})
    ear = Ear()
    assert ear.listen() == set()
    say(run.id, {"talk": "one", "other": "two"})
    say(other.id, {"talk": "three"})
    assert ear.listen() == {run.id, other.id}
    assert ear.listen() == set()


def test_words_are_put_together_by_who_says_them() -> None:
    run = a_run()
    for text in ("one ", "two "):
        say(run.id, {"a": text, "b": text.upper()})
    assert being_said(run.id) == {"a": "one two ", "b": "ONE TWO "}
