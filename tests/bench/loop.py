"""The 1,000th reviewed iteration of a loop: sent back by a person, made again by a worker; over the tenth."""

import sys
import threading
from collections.abc import Iterator

from tests.bench.rows import Row, told
from tests.bench.site import Site
from tests.bench.turns import in_turns

EARLY, LATE, ROUNDS, LIMIT = 10, 1000, 20, 1.1


def measured(site: Site) -> None:
    """In a run that has had a thousand, and in others that have had nine, in turns."""
    long = iterations(site)
    for _ in range(LATE):
        next(long)
    short: list[Iterator[None]] = []

    def prepare() -> None:
        short.append(iterations(site))
        for _ in range(EARLY - 1):
            next(short[-1])

    early, late = in_turns(ROUNDS, lambda: next(short[-1]), lambda: next(long), between=prepare)
    work = "a loop's 1,000th reviewed iteration, by a worker, over its 10th"
    told(Row(work=work, on=site.name, figure=late / early, limit=LIMIT))


def iterations(site: Site) -> Iterator[None]:
    """One more each time."""
    from workflows import registry, runner, services, store
    from workflows.models import Requirement
    from workflows.types import Action, Answer

    actor, known = services.Actor.of(site.reviewer), registry.known()
    run = services.start_run("bench-looping", "x", actor=actor, source="bench")
    answer = Answer(action=Action.reject, feedback="again")
    while True:
        claim = store.claim_run(run.id, "bench")
        assert claim is not None
        runner.advance(claim, known, threading.Event())
        asked = Requirement.objects.get(run=run.id, status="open")
        services.resolve(asked.id, revision=1, answer=answer, actor=actor)
        yield


if __name__ == "__main__":
    measured(Site(sys.argv[1]))
