"""Whoever watches notices commits, and nothing else."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from tests.rows import a_run, an_event
from workflows import bus, watching
from workflows.models import WorkflowRun

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 5.0
AT_ONCE = 0.2


@pytest.fixture
def run() -> WorkflowRun:
    return a_run()


@pytest.fixture
def watch(run: WorkflowRun) -> Iterator[bus.Watch]:
    opened = bus.watch()
    yield opened
    opened.close()


def test_it_notices_a_committed_event(watch: bus.Watch, run: WorkflowRun) -> None:
    an_event(run)

    assert watch.wait(SOON)


def test_it_notices_an_event_while_it_waits(watch: bus.Watch, run: WorkflowRun) -> None:
    noticed: list[float] = []

    def wait() -> None:
        assert watch.wait(SOON)
        noticed.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    committed = time.monotonic()
    an_event(run)
    waiting.join(SOON)

    assert noticed[0] - committed < AT_ONCE


def test_it_waits_no_longer_than_it_was_told(watch: bus.Watch) -> None:
    assert not watch.wait(0.05)


def test_an_event_is_noticed_once(watch: bus.Watch, run: WorkflowRun) -> None:
    an_event(run)
    watch.wait(SOON)

    assert not watch.wait(0.05)


def test_it_does_not_notice_what_is_not_committed(watch: bus.Watch, run: WorkflowRun) -> None:
    with transaction.atomic():
        an_event(run)
        assert not watch.wait(0.05)

    assert watch.wait(SOON)


def test_closing_ends_a_wait(watch: bus.Watch) -> None:
    waiting = threading.Thread(target=watch.wait, args=(60,))
    waiting.start()

    watch.close()
    waiting.join(SOON)

    assert not waiting.is_alive()


def test_a_closed_watch_does_not_wait(watch: bus.Watch) -> None:
    watch.close()

    assert not watch.wait(60)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server")
def test_it_comes_back_after_the_server_dropped_it(watch: bus.Watch, run: WorkflowRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN hitl_events'"
        )

    assert watch.wait(SOON), "coming back counts as a change"
    an_event(run)
    assert watch.wait(SOON)


def test_a_server_that_is_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**params: object) -> None:
        raise psycopg.OperationalError("the server is away")

    monkeypatch.setattr(psycopg, "connect", refuse)
    watch = watching.PostgresWatch({"dbname": "nowhere"}, (bus.CHANNEL,))

    assert not watch.wait(0.05)
    watch.close()
