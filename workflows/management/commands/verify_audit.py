"""`manage.py verify_audit`: looks at every link of every chain, and names the first that is broken."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflows.audit.sealing import unsealed
from workflows.audit.verifying import Broken, Whole, verify, verify_runs
from workflows.models import Verification, WorkflowRun


class Command(BaseCommand):
    """Ends with 1 where a link is broken; what a verification of everything has found is kept for the portal."""

    help = "Verify the chains of events, the decisions that they tell of, and the checkpoints that seal them."

    def add_arguments(self, parser: CommandParser) -> None:
        """One run, or everything."""
        parser.add_argument("--run", type=UUID, help="Only the chain of this run.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify."""
        started, found, problem = timezone.now(), Whole(), ""
        run_id: UUID | None = options["run"]
        if run_id is not None and not WorkflowRun.objects.filter(id=run_id).exists():
            raise CommandError(f"There is no run {run_id}")
        try:
            verify(found) if run_id is None else verify_runs([run_id], found)
        except Broken as broken:
            problem = str(broken)
        if run_id is None:
            counts = {"runs": found.runs, "events": found.events, "checkpoints": found.checkpoints}
            Verification.objects.create(
                started_at=started, finished_at=timezone.now(), problem=problem, **counts
            )
        if problem:
            self.stderr.write(f"BROKEN: {problem}")
            raise SystemExit(1)
        looked = f"{found.events} events of {found.runs} runs, {found.checkpoints} checkpoints"
        self.stdout.write(f"Whole: {looked}; {unsealed().count()} runs have events that are not sealed yet.")
