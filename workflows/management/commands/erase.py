"""`manage.py erase --older-than 365`: takes away the contents of runs that ended long ago."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from workflows.acting import Actor
from workflows.management.options import LONGEST_DAYS, between
from workflows.retention import ended_before, erase_run

OPERATOR = Actor(name="operator", channel="command")


class Command(BaseCommand):
    """One run, one transaction: it can be stopped and started again at any time."""

    help = "Erase what old runs were given and brought, and what was said about them; the log stays whole."

    def add_arguments(self, parser: CommandParser) -> None:
        """How old; and whether to do it at all."""
        parser.add_argument(
            "--older-than", type=between(0, LONGEST_DAYS), required=True, help="Days since the run ended."
        )
        parser.add_argument("--dry-run", action="store_true", help="Say how many it would be.")

    def handle(self, *args: Any, older_than: int, dry_run: bool, **options: Any) -> None:
        """Erase them."""
        found = list(ended_before(timezone.now() - timedelta(days=older_than)))
        if not dry_run:
            for run_id in found:
                erase_run(run_id, actor=OPERATOR)
        self.stdout.write(f"{len(found)} runs {'would be' if dry_run else 'are'} erased.")
