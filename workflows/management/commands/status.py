"""manage.py status: how the queue and its workers are doing; exit code 1 when nothing works."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from workflows.standing import Standing, standing

PATIENCE = 60.0


class Command(BaseCommand):
    """Queues, leases, workers, open requirements; what is wrong comes last."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("--json", action="store_true", help="For programs.")
        parser.add_argument(
            "--patience",
            type=float,
            default=PATIENCE,
            metavar="SECONDS",
            help=f"How long a run may be due before that is a problem (default: {PATIENCE:.0f}).",
        )

    def handle(self, *, patience: float, **options: Any) -> None:
        """Print, and end with 1 where there is a problem."""
        found = standing()
        problems = found.problems(patience)
        if options["json"]:
            said = json.dumps(found.to_dict() | {"problems": problems}, indent=2)
        else:
            said = "\n".join([*_lines(found), "", *(problems or ["Everything works."])])
        self.stdout.write(said)
        if problems:
            sys.exit(1)


def _lines(found: Standing) -> Iterator[str]:
    yield f"{'workflow':<32} {'waiting':>8} {'driven':>8} {'left':>8}  oldest"
    for queue in found.queues:
        note = "" if queue.known else "  (no worker has its code)"
        counts = f"{queue.waiting:>8} {queue.driven:>8} {queue.left:>8}"
        yield f"{queue.workflow:<32} {counts}  {queue.waited:.0f} s{note}"
    yield ""
    yield f"{'worker':<32} {'transport':<14} {'at once':>8}  seen"
    for worker in found.workers:
        note = "" if worker.alive else "  (gone)"
        yield f"{worker.name:<32} {worker.transport:<14} {worker.concurrency:>8}  {worker.seen:.0f} s ago{note}"
    yield ""
    yield "open requirements by age: " + ", ".join(f"{age} {n}" for age, n in found.open_requirements.items())
