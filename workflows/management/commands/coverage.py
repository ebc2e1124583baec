"""`manage.py coverage`: names what can never be decided, before a run waits for it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workflows import registry
from workflows.coverage import findings
from workflows.coverage.daily import line


class Command(BaseCommand):
    """Prints one line for each finding; with --fail it ends with 1 where there is one."""

    help = "Name what can never be decided: empty groups, quorums too large, four eyes impossible, everyone away."

    def add_arguments(self, parser: CommandParser) -> None:
        """One switch."""
        parser.add_argument("--fail", action="store_true", help="End with 1 where something is found.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at what this process knows, and at what is open."""
        registry.register()
        found = findings()
        for finding in found:
            self.stdout.write(line(finding))
        if not found:
            self.stdout.write("Everything can be decided.")
        if found and options["fail"]:
            raise SystemExit(1)
