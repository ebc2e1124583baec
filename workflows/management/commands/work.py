"""manage.py work: a worker process."""

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from workflows import registry
from workflows.worker import Worker


class Command(BaseCommand):
    """Drive runs until SIGTERM or Ctrl-C; then finish the calls in flight and leave."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument(
            "--concurrency", type=int, default=4, help="How many runs at a time (default: 4)."
        )

    def handle(self, *, concurrency: int, **options: Any) -> None:
        """Work."""
        del options
        registry.register()
        worker = Worker(registry.known(), concurrency)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
