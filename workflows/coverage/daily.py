"""Daily: the sweep's leader looks for what can never be decided when it begins, and once a day; the log says what."""

import logging
import time
from datetime import timedelta

from django.utils import timezone

from workflows.coverage.finding import Finding
from workflows.coverage.looking import findings
from workflows.models import CoverageCheck

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
FRESH = timedelta(minutes=10)  # who begins so soon after a look need not look again
MOST_LINES, MOST_KEPT = 100, 30
ASK_AGAIN = 60.0  # seconds between two questions to the table of when it was


class Daily:
    """For the sweep of one process. It counts as nothing done: nobody need look again for it."""

    def __init__(self) -> None:
        self._age, self._asked_at = FRESH, float("-inf")

    def __call__(self) -> int:
        """Look, where the last look is a day old, or this process has just begun to lead."""
        if time.monotonic() - self._asked_at >= ASK_AGAIN:
            self._asked_at = time.monotonic()
            last = CoverageCheck.objects.values_list("checked_at", flat=True).first()
            if last is None or last <= timezone.now() - self._age:
                check()
            self._age = EVERY
        return 0


def check() -> CoverageCheck:
    """Look now; write what was found into the log and a row, and forget rows of long ago."""
    found = findings()
    lines = [line(finding) for finding in found[:MOST_LINES]]
    for text in lines:
        log.warning("nobody can decide it: %s", text)
    if len(found) > MOST_LINES:
        log.warning("%s more things cannot be decided", len(found) - MOST_LINES)
    made = CoverageCheck.objects.create(checked_at=timezone.now(), found=len(found), lines=lines)
    kept = CoverageCheck.objects.values("pk")[:MOST_KEPT]
    CoverageCheck.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return made


def line(finding: Finding) -> str:
    """A finding in one line."""
    where = f"{finding.workflow}/{finding.path}" if finding.path else finding.workflow
    more = f" and {finding.count - 1} more" if finding.count > 1 else ""
    about = f" (requirement {finding.requirement_id}{more})" if finding.requirement_id else ""
    return f"{where}{about}: {finding.problem}: {finding.detail}"
