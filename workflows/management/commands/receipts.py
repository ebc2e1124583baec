"""`manage.py receipts`: writes the receipts of decisions, or the public keys by which others check them."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from workflows.audit.issuing import NoReceipt, receipt_of
from workflows.audit.keys import trusted_keys
from workflows.models import Decision


class Command(BaseCommand):
    """One file for each decision, named by its id; or the keys, one a line."""

    help = (
        "Write the receipts of decisions into a folder, or print the public keys by which they are checked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and where to."""
        parser.add_argument("--run", type=UUID, help="Only the decisions of this run.")
        parser.add_argument("--decision", type=UUID, help="Only this decision.")
        parser.add_argument("--into", type=Path, help="The folder; made where it is missing.")
        parser.add_argument("--keys", action="store_true", help="Print the public keys.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, or print."""
        if options["keys"]:
            self.stdout.write("\n".join(sorted(trusted_keys())))
            return
        folder: Path | None = options["into"]
        if folder is None:
            raise CommandError("Say where to: --into FOLDER")
        folder.mkdir(parents=True, exist_ok=True)
        written = sum(self._write(decision, folder) for decision in _chosen(options).iterator(chunk_size=500))
        self.stdout.write(f"{written} receipts are in {folder}.")

    def _write(self, decision: Decision, folder: Path) -> int:
        try:
            receipt = receipt_of(decision)
        except NoReceipt as refused:
            self.stderr.write(f"{decision.id}: {refused}")
            return 0
        (folder / f"{decision.id}.json").write_text(json.dumps(receipt, indent=2, ensure_ascii=False) + "\n")
        return 1


def _chosen(options: dict[str, Any]) -> QuerySet[Decision]:
    found = Decision.objects.select_related("requirement__run__workflow").order_by("decided_at", "id")
    if options["run"]:
        found = found.filter(requirement__run=options["run"])
    return found.filter(id=options["decision"]) if options["decision"] else found
