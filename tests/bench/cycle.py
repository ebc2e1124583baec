"""The approval cycle: started, paused, decided, completed; three steps, the middle one gated."""

from collections.abc import Sequence

from tests.bench import places
from tests.bench.floors import Floor, new_run
from tests.bench.places import Place
from tests.bench.rows import BARE, Row, told
from tests.bench.turns import in_turns
from workflows import Step, StepInput, Workflow

ROUNDS = 40
WORK = "approval cycle"
NAMES = ("before", "gated", "after")


def one(step_input: StepInput) -> str:
    """The trivial step."""
    return "x"


def asking(place: Place) -> Workflow:
    """The workflow, kept there."""
    steps = [Step(name, one, requires_confirmation=name == "gated") for name in NAMES]
    return Workflow(name="asking", db=place.db, steps=steps)


def cycle(workflow: Workflow, session: str | None = None) -> None:
    """Once, as a script does it."""
    run = workflow.run("x", session_id=session)
    for requirement in run.step_requirements or []:
        requirement.confirm()
    assert workflow.continue_run(run).status == "COMPLETED"


def by_hand(floor: Floor) -> None:
    """The same rows in as many commits: begun, paused, decided and begun again, before the last step, completed."""
    run, asked = new_run(), new_run()
    given: dict[str, Sequence[Sequence[object]]] = {"value": [(new_run(), run, "", "inputs", "{}")]}
    started = _events(run, "RunQueued", "WorkflowStarted", "StepStarted")
    floor.commit(run, "RUNNING", given | _begun(run, 0) | {"event": started}, new=True)
    question: dict[str, Sequence[Sequence[object]]] = {"requirement": [(asked, run, "gated", "open", "{}")]}
    said = _events(run, "StepCompleted", "StepPaused", "WorkflowPaused")
    floor.commit(run, "PAUSED", _done(run, 0) | question | {"event": said})
    floor.read(run)
    decided: dict[str, Sequence[Sequence[object]]] = {
        "requirement": [(asked, run, "gated", "applied", "{}")],
        "decision": [(new_run(), asked, "approve", "{}", "")],
        "event": _events(run, "RequirementDecided", "WorkflowContinued", "StepContinued"),
    }
    floor.commit(run, "RUNNING", _begun(run, 1) | decided)
    floor.commit(run, "RUNNING", _done(run, 1) | {"event": _events(run, "StepCompleted", "StepStarted")})
    floor.commit(run, "COMPLETED", _done(run, 2) | {"event": _events(run, "StepCompleted", "Completed")})


def _events(run: str, *types: str) -> list[Sequence[object]]:
    return [(run, type, "", "{}", "") for type in types]


def _begun(run: str, number: int) -> dict[str, Sequence[Sequence[object]]]:
    return {"record": [(run, "", "pending", number, "{}"), (run, NAMES[number], "running", 0, "{}")]}


def _done(run: str, number: int) -> dict[str, Sequence[Sequence[object]]]:
    value = (new_run(), run, NAMES[number], "call", '{"content":"x"}')
    records = [(run, "", "pending", number + 1, "{}"), (run, NAMES[number], "completed", 0, "{}")]
    if number < 2:
        records.append((run, NAMES[number + 1], "running", 0, "{}"))
    return {"record": records, "value": [value]}


def measured(place: Place, on: str, limit: float) -> int:
    """Floors and product in turns; how many transactions of one cycle write something."""
    workflow = asking(place)
    cycle(workflow)
    replay = place.replay(lambda: cycle(workflow))
    ways = [replay.run, lambda: by_hand(place.floor), lambda: cycle(workflow)]
    floor, bare, kept = in_turns(ROUNDS, *ways, between=replay.prepare)
    told(Row(work=WORK, on=on, figure=kept / floor, limit=limit), Row(work=BARE, on=on, figure=kept / bare))
    return replay.commits


if __name__ == "__main__":
    commits = measured(places.sqlite(), "SQLite, NORMAL", 3.0)
    measured(places.sqlite("FULL"), "SQLite, FULL", 1.7)
    measured(places.postgres(), "PostgreSQL", 1.6)
    told(Row(work="… commits", on="both", figure=commits, limit=4, unit=""))
