"""Procrastinate (PostgreSQL) wakes workers: a job is written in the transaction that makes a run due, or not at all.

Its tables come with its own migrations, where the settings make `procrastinate.contrib.django` an installed app.
"""

import asyncio
import signal
import threading
from contextlib import suppress
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params

from workflows.nudging import Crew

TASK, QUEUE = "hitl.turn", "hitl"

# Writes through Django's connection: inside of its transaction.
_jobs = App(connector=DjangoConnector())
_stop = threading.Event()


def nudge(run_id: UUID) -> None:
    """Write a job."""
    _jobs.configure_task(TASK, allow_unknown=True, queue=QUEUE).defer(run_id=str(run_id))


def work(crew: Crew) -> None:
    """Take Procrastinate's jobs until a signal."""
    with suppress(asyncio.CancelledError):
        asyncio.run(_serve(crew))


async def _serve(crew: Crew) -> None:
    loop, app = asyncio.get_running_loop(), App(connector=PsycopgConnector(kwargs=connector_params()))
    app.task(name=TASK, queue=QUEUE)(_turn)
    async with app.open_async():
        serving = asyncio.ensure_future(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=crew.concurrency,
                delete_jobs="always",
                install_signal_handlers=False,
            )
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _leave, serving)
        await serving


def _leave(serving: "asyncio.Future[None]") -> None:
    _stop.set()  # runs rest at their next step
    serving.cancel()  # lets the jobs under way come back


def _turn(run_id: str) -> None:
    from workflows.worker import turn  # here, because whoever decides imports this module

    del run_id  # the table says which run is next
    turn(_stop)
