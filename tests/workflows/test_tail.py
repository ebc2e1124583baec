"""Reading behind a cursor gives every event once, in whatever order they become visible."""

import pytest

from tests.rows import a_run, an_event
from workflows import tail
from workflows.models import WorkflowRun
from workflows.tail import Tail

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> WorkflowRun:
    return a_run()


def sequences(reader: Tail) -> list[int]:
    return [event.sequence for event in reader.read()]


def test_it_reads_what_comes_after_its_start(run: WorkflowRun) -> None:
    an_event(run)
    reader = Tail()
    after = an_event(run)

    assert sequences(reader) == [after.sequence]


def test_it_reads_from_where_it_is_told(run: WorkflowRun) -> None:
    first, second = an_event(run), an_event(run)

    assert sequences(Tail(after=first.sequence)) == [second.sequence]


def test_it_reads_an_event_once(run: WorkflowRun) -> None:
    reader = Tail()
    an_event(run)
    reader.read()

    assert sequences(reader) == []


def test_it_reads_an_event_that_commits_after_a_later_one(run: WorkflowRun) -> None:
    start = an_event(run).sequence
    reader = Tail()
    an_event(run, sequence=start + 2)
    first = sequences(reader)
    an_event(run, sequence=start + 1)

    assert (first, sequences(reader), sequences(reader)) == ([start + 2], [start + 1], [])


def test_it_reads_an_event_that_was_under_way_when_it_started(run: WorkflowRun) -> None:
    start = an_event(run).sequence
    an_event(run, sequence=start + 2)
    reader = Tail()
    an_event(run, sequence=start + 1)

    assert sequences(reader) == [start + 1]


def test_it_gives_up_on_numbers_that_were_rolled_back(
    run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = an_event(run).sequence
    an_event(run, sequence=start + 2)
    reader = Tail()
    monkeypatch.setattr(tail, "PATIENCE", 0)
    reader.read()
    an_event(run, sequence=start + 1)

    assert sequences(reader) == []


def test_a_long_backlog_comes_in_parts(run: WorkflowRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "BATCH", 2)
    reader = Tail()
    made = [an_event(run).sequence for _ in range(3)]

    assert [sequences(reader), sequences(reader), sequences(reader)] == [made[:2], made[2:], []]


def test_the_latest_number_of_an_empty_log_is_zero() -> None:
    assert tail.latest() == 0
