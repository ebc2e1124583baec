"""`manage.py erase --older-than 365`, `--run ID`: takes away the contents of runs that ended long ago, or of one."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflows.acting import Actor
from workflows.management.options import LONGEST_DAYS, between
from workflows.models import WorkflowRun
from workflows.retention import ended_before, erase_run, is_erased

OPERATOR = Actor(name="operator", channel="command")


class Command(BaseCommand):
    """One run, one transaction: it can be stopped and started again at any time."""

    help = "Erase what ended runs were given and brought, and what was said about them; the log stays whole."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which; and whether to do it at all."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--older-than", type=between(0, LONGEST_DAYS), help="Days since the run ended.")
        which.add_argument("--run", type=UUID, help="This one; it must have ended.")
        parser.add_argument("--dry-run", action="store_true", help="Say how many it would be.")

    def handle(self, *args: Any, run: UUID | None, older_than: int, dry_run: bool, **options: Any) -> None:
        """Erase them."""
        found = list(_old(older_than) if run is None else _one(run))
        if not dry_run:
            for run_id in found:
                erase_run(run_id, actor=OPERATOR)
        self.stdout.write(f"{len(found)} runs {'would be' if dry_run else 'are'} erased.")


def _old(days: int) -> Iterable[UUID]:
    return ended_before(timezone.now() - timedelta(days=days))


def _one(run_id: UUID) -> Iterable[UUID]:
    """That run, where it still has contents."""
    run = WorkflowRun.objects.filter(id=run_id).first()
    if run is None:
        raise CommandError(f"There is no run {run_id}")
    if not run.is_finished:
        raise CommandError(f"The run has not ended: {run.status}")
    return [] if is_erased(run) else [run_id]
