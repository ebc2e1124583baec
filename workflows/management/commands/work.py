"""manage.py work: a worker process."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from workflows import nudging, registry
from workflows.databases import make_room
from workflows.management.options import between
from workflows.nudging import Crew, transport
from workflows.sweep import sweeping
from workflows.worker import own_name

log = logging.getLogger(__name__)

MOST = 1000  # threads of one process


class Command(BaseCommand):
    """Drive runs until SIGTERM or Ctrl-C; then finish the calls in flight and leave."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument(
            "--concurrency",
            type=between(1, MOST),
            default=4,
            help="How many runs at a time (default: 4).",
        )

    def handle(self, *, concurrency: int, **options: Any) -> None:
        """Work, and take part in the sweep."""
        del options
        make_room(connection.settings_dict, concurrency)
        registry.register()
        crew = Crew(name=own_name(), workflows=registry.known(), concurrency=concurrency)
        log.info("worker %s knows %s", crew.name, ", ".join(crew.workflows) or "no workflow")
        with sweeping(crew):
            transport(nudging.name()).work(crew)
        log.info("worker %s stopped", crew.name)
