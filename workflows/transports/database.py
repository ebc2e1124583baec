"""The database itself wakes workers: the event that is written with every change does. Nothing else is needed."""

import signal
from uuid import UUID

from workflows.nudging import Crew


def nudge(run_id: UUID) -> None:
    """Nothing: workers watch for commits (see `bus`)."""
    del run_id


def work(crew: Crew) -> None:
    """Drive runs until a signal."""
    from workflows.worker import Worker  # here, because whoever decides imports this module

    worker = Worker(crew)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
