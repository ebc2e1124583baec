"""manage.py status: how the queue and its workers are doing; exit code 1 when nothing works."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from workflows.management.options import LONGEST_SECONDS, between
from workflows.standing import Crew, Lease, Queue, Standing, leases, standing

PATIENCE = 60.0
MOST = 20  # leases that are named


class Command(BaseCommand):
    """Queues, workers, leases, open requirements; what is wrong comes last."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("--json", action="store_true", help="For programs.")
        parser.add_argument(
            "--patience",
            type=between(0.0, LONGEST_SECONDS),
            default=PATIENCE,
            metavar="SECONDS",
            help=f"How long a run may be due before that is a problem (default: {PATIENCE:.0f}).",
        )

    def handle(self, *, patience: float, **options: Any) -> None:
        """Print, and end with 1 where there is a problem."""
        found, held = standing(), leases(MOST)
        problems = found.problems(patience)
        if options["json"]:
            more = {"leases": [asdict(lease) for lease in held], "problems": problems}
            said = json.dumps(found.to_dict() | more, indent=2)
        else:
            said = "\n".join([*_lines(found, held), "", *(problems or ["Everything works."])])
        self.stdout.write(said)
        if problems:
            sys.exit(1)


def _lines(found: Standing, held: list[Lease]) -> Iterator[str]:
    yield f"{'workflow':<32} {'waiting':>8} {'driven':>8} {'left':>8}  oldest"
    for queue in found.queues:
        counts = f"{queue.waiting:>8} {queue.driven:>8} {queue.left:>8}"
        yield f"{queue.workflow:<32} {counts}  {queue.waited:.0f} s{_note(queue, found)}"
    yield ""
    yield f"{'worker':<32} {'transport':<14} {'at once':>8}  seen"
    for worker in found.workers:
        place = f"{worker.name:<32} {worker.transport:<14} {worker.concurrency:>8}"
        yield f"{place}  {worker.seen:.0f} s ago{_state(worker)}"
    yield ""
    if held:
        yield from _leases(held, sum(queue.driven + queue.left for queue in found.queues))
        yield ""
    yield "open requirements by age: " + ", ".join(f"{age} {n}" for age, n in found.open_requirements.items())


def _note(queue: Queue, found: Standing) -> str:
    if not found.is_worked:
        return "  (no worker is alive)"
    return "" if queue.known else "  (no worker has its code)"


def _state(worker: Crew) -> str:
    if not worker.alive:
        return "  (gone)"
    return "" if worker.concurrency else "  (takes no runs: its clock is not the database's)"


def _leases(held: list[Lease], count: int) -> Iterator[str]:
    yield f"{'leased run':<36} {'workflow':<24} {'by':<32} lease"
    for lease in held:
        end = f"{lease.left:.0f} s left" if lease.left > 0 else f"over for {-lease.left:.0f} s"
        yield f"{lease.run:<36} {lease.workflow:<24} {lease.owner:<32} {end}"
    if count > len(held):
        yield f"and {count - len(held)} more"
