"""manage.py doctor: looks at the portal as people outside reach it, and says in words what is wrong."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hitl_portal.doctor import mail, subjects
from hitl_portal.doctor.examining import Result, examine
from hitl_portal.doctor.findings import Check, State

SHOWN = {State.OK: "ok", State.SKIPPED: "--", State.WARNING: "WARNING", State.FAILED: "FAILED"}
INDENT = " " * 10


class Command(BaseCommand):
    """Each check as soon as it is done; exit code 1 when one has failed."""

    help = __doc__
    # It is called for when something is wrong: that must not keep it from looking.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("check", nargs="*", help="Look at these alone, by name (default: everything).")
        parser.add_argument("--json", action="store_true", help="For programs.")
        parser.add_argument("--mail", metavar="ADDRESS", help="Send a message there, too.")

    def handle(self, *, check: list[str], mail: str | None, **options: Any) -> None:
        """Examine and print."""
        results = examine(_wanted(check, mail))
        done = self._as_json(list(results)) if options["json"] else self._in_words(results)
        if any(result.finding.state is State.FAILED for result in done):
            sys.exit(1)

    def _in_words(self, results: Iterator[Result]) -> list[Result]:
        done = []
        for result in results:
            done.append(result)
            self.stdout.write("\n".join(_lines(result)))
            self.stdout.flush()
        counted = Counter(result.finding.state for result in done)
        self.stdout.write("\n" + ", ".join(f"{counted[state]} {state}" for state in State))
        return done

    def _as_json(self, results: list[Result]) -> list[Result]:
        order = [check.name for check in subjects.all_checks()]
        results.sort(key=lambda result: order.index(result.check.name) if result.check.name in order else 0)
        self.stdout.write(json.dumps([_dict(result) for result in results], indent=2, ensure_ascii=False))
        return results


def _wanted(names: list[str], address: str | None) -> list[Check]:
    chosen = subjects.named(names) if names else subjects.all_checks()
    unknown = set(names) - {check.name for check in chosen}
    if unknown:
        known = ", ".join(check.name for check in subjects.all_checks())
        raise CommandError(f"There is no check {', '.join(sorted(unknown))}; there are: {known}")
    return [*chosen, mail.sending(address)] if address else chosen


def _lines(result: Result) -> Iterator[str]:
    finding = result.finding
    yield f"{SHOWN[finding.state]:<{len(INDENT)}}{result.check.name}: {finding.found}"
    if finding.state in (State.WARNING, State.FAILED):
        yield f"{INDENT}  looked at: {result.check.looked_at}"
    if finding.remedy:
        yield f"{INDENT}  what to do: {finding.remedy}"


def _dict(result: Result) -> dict[str, Any]:
    return {
        "check": result.check.name,
        "title": str(result.check.title),
        "looked_at": str(result.check.looked_at),
        "state": str(result.finding.state),
        "found": result.finding.found,
        "remedy": result.finding.remedy,
        "seconds": round(result.took, 3),
    }
