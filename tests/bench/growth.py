"""What has happened before costs nothing: the 1,000th run of a session, and the 1,000th iteration of a loop."""

from collections.abc import Iterator

from tests.bench import places
from tests.bench.cycle import asking, cycle, one
from tests.bench.places import Place
from tests.bench.rows import Row, told
from tests.bench.turns import in_turns
from workflows import Loop, Step, Workflow
from workflows.types import HumanReview

EARLY, LATE, ROUNDS, LIMIT = 10, 1000, 20, 1.1


def in_one_session(place: Place) -> None:
    """Cycles in a session that has had a thousand, and in others that have had ten, each once."""
    workflow = asking(place)
    for _ in range(LATE):
        cycle(workflow, "long")
    short = iter(range(ROUNDS + 1))
    sessions: list[str] = []

    def prepare() -> None:
        sessions.append(f"short-{next(short)}")
        for _ in range(EARLY - 1):
            cycle(workflow, sessions[-1])

    early, late = in_turns(
        ROUNDS, lambda: cycle(workflow, sessions[-1]), lambda: cycle(workflow, "long"), between=prepare
    )
    work = "the same after 1,000 runs in one session, over its 10th"
    told(Row(work=work, on=place.name, figure=late / early, limit=LIMIT))


def in_one_loop(place: Place) -> None:
    """A reviewed iteration of a loop that has had a thousand, and of others that have had ten."""
    review = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=LATE * 2)
    loop = Loop(name="again", steps=[Step("draft", one)], max_iterations=LATE * 2, human_review=review)
    workflow = Workflow(name="looped", db=place.db, steps=[loop])
    long = _iterations(workflow)
    for _ in range(LATE):
        next(long)
    short: list[Iterator[None]] = []

    def prepare() -> None:
        short.append(_iterations(workflow))
        for _ in range(EARLY - 1):
            next(short[-1])

    early, late = in_turns(ROUNDS, lambda: next(short[-1]), lambda: next(long), between=prepare)
    work = "… by a script, to which each time all questions are given"
    told(Row(work=work, on=place.name, figure=late / early))


def _iterations(workflow: Workflow) -> Iterator[None]:
    """One more each time: reviewed, sent back, saved, and paused again."""
    run = workflow.run("x")
    while True:
        for requirement in run.steps_requiring_output_review:
            requirement.reject()
        run = workflow.continue_run(run)
        assert run.is_paused
        yield


if __name__ == "__main__":
    for made in (places.sqlite, places.postgres):
        place = made()
        in_one_session(place)
        in_one_loop(place)
