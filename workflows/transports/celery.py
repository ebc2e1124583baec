"""Celery wakes workers: a task on Redis or RabbitMQ (HITL_BROKER_URL), sent when the transaction is committed.

A broker that is away, or loses what it was told, delays runs by seconds: the sweep tells of them again.
"""

import logging
import threading
from functools import partial
from typing import Any
from uuid import UUID

from celery import Celery  # type: ignore[import-untyped]
from celery.signals import worker_shutting_down  # type: ignore[import-untyped]
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from workflows.nudging import Crew

log = logging.getLogger(__name__)

TASK, QUEUE = "hitl.turn", "hitl"

BROKER = "redis://localhost:6379/0"

app = Celery("hitl", broker=getattr(settings, "HITL_BROKER_URL", BROKER), set_as_current=False)
app.conf.update(
    task_default_queue=QUEUE,
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    # Whoever decides does not wait for a broker that does not answer.
    broker_transport_options={"socket_connect_timeout": 2},
)
_stop = threading.Event()


def nudge(run_id: UUID) -> None:
    """Send a task, once what makes the run due is committed."""
    transaction.on_commit(partial(_send, str(run_id)))


def work(crew: Crew) -> None:
    """Take Celery's tasks until a signal; in threads, as one process has one connection to the sweep's lead."""
    worker_shutting_down.connect(_leave)
    worker = app.Worker(
        pool="threads",
        concurrency=crew.concurrency,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()


@app.task(name=TASK)  # type: ignore[untyped-decorator]
def _turn(run_id: str) -> None:
    from workflows.worker import turn  # here, because whoever decides imports this module

    del run_id  # the table says which run is next
    turn(_stop)


def _send(run_id: str) -> None:
    try:
        _turn.apply_async((run_id,), retry=False)
    except OperationalError as away:
        log.warning("the broker cannot be told that run %s is due: %s", run_id, away)


def _leave(**_: Any) -> None:
    _stop.set()  # runs rest at their next step; Celery lets its tasks come back
