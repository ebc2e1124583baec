"""Dying: in each trial one process is killed at one point of a run's life, and the run has to end all the same.

`python -m tests.trials.dying TRIALS [SEED]`, on an empty database. Prints what was counted as JSON.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.core.management import call_command

from tests.e2e.portal import free_port
from tests.trials.fuse import DIRECTORY, Fuse, put_out
from workflows import points

WORKERS = 2
PATIENCE = 60.0
# Where each kind of process comes by.
POINTS = {
    "web": (*points.ENQUEUE, *points.NOTIFY, *points.DECIDE),
    "worker": (*points.CLAIM, *points.SAVE, *points.PAUSE, *points.RELEASE, *points.SWEEP),
}
FLOWS = ("trial-at-once", "trial-held", "trial-unanswered")
# Points that not every workflow comes by: a hold that ends, a person who decides.
ONLY = dict.fromkeys(points.RELEASE, FLOWS[1:2]) | dict.fromkeys(points.DECIDE, FLOWS[:2])


def fuses(trials: int, dice: random.Random) -> list[Fuse]:
    """One for each trial: every point as often as any other, in an order of their own."""
    places = [(role, point) for role, named in POINTS.items() for point in named]
    chosen = [places[number % len(places)] for number in range(trials)]
    dice.shuffle(chosen)
    return [
        Fuse(
            number=number,
            role=role,
            point=point,
            passes=dice.randrange(3) if point in points.SAVE else 0,
        )
        for number, (role, point) in enumerate(chosen)
    ]


class Trials:
    """The trials, one after another, against the same processes."""

    def __init__(self, directory: Path, dice: random.Random) -> None:
        from django.contrib.auth.models import Group, User

        from tests.trials.machine import Machine
        from workflows import policy, registry

        self._directory, self._dice, self.counted = directory, dice, Counter[str]()
        reviewer = User.objects.create_user("reviewer")
        reviewer.groups.add(Group.objects.get_or_create(name=policy.REVIEWERS)[0])
        self._port = free_port()
        sources = [_source(workflow) for workflow in registry.register() if workflow.name in FLOWS]
        self._machine = Machine(f"http://127.0.0.1:{self._port}", reviewer, sources)

    def run(self, lit: list[Fuse]) -> None:
        """All of them; the last look is at the whole log."""
        keeper = [sys.executable, "-m", "tests.trials.keeper", str(self._port), str(WORKERS)]
        with subprocess.Popen(keeper) as process:
            try:
                for fuse in lit:
                    self._trial(fuse)
            finally:
                process.terminate()
        self._audit(len(lit))

    def _trial(self, fuse: Fuse) -> None:
        flow = self._dice.choice(ONLY.get(fuse.point, FLOWS))
        fuse.light(self._directory)
        run_id = self._machine.post(fuse.number, flow)
        began = time.monotonic()
        while not self._ended(run_id):
            if time.monotonic() - began > PATIENCE:
                self.counted["lost"] += 1
                sys.stderr.write(f"lost: {fuse} {flow} {run_id}\n")
                break
            self._answer(run_id, flow)
            time.sleep(0.01)
        reached = put_out(self._directory)
        self.counted["killed" if reached else "not reached"] += 1
        self.counted[f"{fuse.role} {fuse.point} {'killed' if reached else 'not reached'}"] += 1

    def _ended(self, run_id: UUID) -> bool:
        from workflows.models import WorkflowRun

        return WorkflowRun.objects.get(id=run_id).is_finished

    def _answer(self, run_id: UUID, flow: str) -> None:
        from workflows.models import Requirement

        for requirement in Requirement.objects.filter(run=run_id, status=Requirement.Status.OPEN):
            if requirement.kind == "error":
                self.counted["interrupted, asked a person"] += 1
            elif flow == "trial-unanswered":
                continue  # the deadline answers
            self._machine.decide(requirement)

    def _audit(self, trials: int) -> None:
        from tests.trials.flows import CALLS
        from workflows.audit.verifying import Broken, Whole, verify
        from workflows.models import Decision, WorkflowRun

        calls = Counter((self._directory / CALLS).read_text().splitlines())
        self.counted["runs"] = WorkflowRun.objects.count()
        self.counted["runs completed"] = WorkflowRun.objects.filter(status="COMPLETED").count()
        self.counted["gated steps run twice"] = sum(
            1 for line, times in calls.items() if line.endswith(" act") and times > 1
        )
        self.counted["gated steps run without a decision"] = sum(
            1 for line in calls if line.endswith(" act") and not _was_approved(line.split()[0])
        )
        self.counted["questions decided twice"] = (
            Decision.objects.count() - Decision.objects.values("requirement", "revision").distinct().count()
        )
        try:
            verify(Whole())
        except Broken as broken:
            sys.stderr.write(f"{broken}\n")
            self.counted["chain broken"] += 1
        self.counted["trials"] = trials


def _source(workflow: Any) -> Any:
    from hitl_portal.hooks.models import WebhookSource

    source = WebhookSource(name=workflow.name, workflow=workflow)
    source.renew_secret()
    source.save()
    return source


def _was_approved(trial: str) -> bool:
    from workflows.models import Decision

    asked = {"requirement__run__external_id": f"msg_{trial}", "requirement__step_name": "act"}
    return Decision.objects.filter(**asked, action="approve").exists()


def main(trials: str, seed: str = "0") -> None:
    """Lay out the database, run, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hitl_portal.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    dice = random.Random(int(seed))
    found = Trials(Path(os.environ[DIRECTORY]), dice)
    found.run(fuses(int(trials), dice))
    counted: dict[str, Any] = dict(sorted(found.counted.items()))
    sys.stdout.write(json.dumps(counted))


if __name__ == "__main__":
    main(*sys.argv[1:])
