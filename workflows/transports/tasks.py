"""Django's tasks wake workers: a row of its database backend, written in the transaction that makes a run due.

Its workers look for rows a few times a second, and one takes one task at a time: here a few threads are workers.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django_tasks import task
from django_tasks.base import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from workflows.nudging import Crew

POLL = 0.2
KEPT = timedelta(hours=1)  # what is done is looked at by nobody

_stop = threading.Event()


@task
def take_turn(run_id: str) -> None:
    """Drive the run that is next; the table says which one that is."""
    from workflows.worker import turn  # here, because whoever decides imports this module

    del run_id
    turn(_stop)


def nudge(run_id: UUID) -> None:
    """Write a task."""
    take_turn.enqueue(str(run_id))


def work(crew: Crew) -> None:
    """Take Django's tasks until a signal."""
    with _working(crew):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _stop.set())
        while not _stop.wait(KEPT.total_seconds()):
            DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT).delete()


@contextmanager
def _working(crew: Crew) -> Iterator[None]:
    workers = [_worker(f"{crew.name}:{number}") for number in range(crew.concurrency)]
    threads = [threading.Thread(target=worker.run, name=worker.worker_id) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.running = False
        for thread in threads:
            thread.join()


def _worker(name: str) -> Worker:
    return Worker(
        queue_names=[DEFAULT_TASK_QUEUE_NAME],
        interval=POLL,
        batch=False,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=name[-64:],
        excluded_queue_names=[],
    )
