"""Dying: in each trial one process is killed at one point of a run's life, and the run has to end all the same.

`python -m tests.trials.dying TRIALS [SEED]`, on an empty database. Prints what was counted as JSON.
"""

import json
import random
import sys
import time
from collections import Counter
from uuid import UUID

from tests.trials.fuse import Fuse, put_out
from tests.trials.site import FLOWS, Site
from workflows import points

PATIENCE = 180.0  # seconds: a busy machine is slow, and loses nothing
# Where each kind of process comes by.
POINTS = {
    "web": (*points.ENQUEUE, *points.NOTIFY, *points.DECIDE),
    "worker": (*points.CLAIM, *points.SAVE, *points.PAUSE, *points.RELEASE, *points.SWEEP),
}
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

    def __init__(self, site: Site, dice: random.Random) -> None:
        self._site, self._dice, self.counted = site, dice, Counter[str]()

    def run(self, lit: list[Fuse]) -> None:
        """All of them; the last look is at the whole log."""
        with self._site.open():
            for fuse in lit:
                self._trial(fuse)
        self.counted += self._site.counted()
        self.counted["trials"] = len(lit)

    def _trial(self, fuse: Fuse) -> None:
        from workflows.models import WorkflowRun

        flow = self._dice.choice(ONLY.get(fuse.point, FLOWS))
        fuse.light(self._site.directory)
        run_id = self._site.machine.post(fuse.number, flow)
        began = time.monotonic()
        while not WorkflowRun.objects.get(id=run_id).is_finished:
            if time.monotonic() - began > PATIENCE:
                self.counted["lost"] += 1
                sys.stderr.write(f"lost: {fuse} {flow} {run_id}\n")
                break
            self._answer(run_id, flow)
            time.sleep(0.01)
        outcome = "killed" if put_out(self._site.directory) else "not reached"
        self.counted[outcome] += 1
        self.counted[f"{fuse.role} {fuse.point} {outcome}"] += 1

    def _answer(self, run_id: UUID, flow: str) -> None:
        from workflows.models import Requirement

        for requirement in Requirement.objects.filter(run=run_id, status=Requirement.Status.OPEN):
            if requirement.kind == "error":
                self.counted["interrupted, asked a person"] += 1
            elif flow == "trial-unanswered":
                continue  # the deadline answers
            self._site.machine.decide(requirement)


def main(trials: str, seed: str = "0") -> None:
    """Lay out the database, run, print."""
    dice = random.Random(int(seed))
    found = Trials(Site(), dice)
    found.run(fuses(int(trials), dice))
    sys.stdout.write(json.dumps(dict(sorted(found.counted.items()))))


if __name__ == "__main__":
    main(*sys.argv[1:])
