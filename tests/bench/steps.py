"""Ten trivial steps, a save after each, over the same rows written by hand."""

from tests.bench import places
from tests.bench.floors import Floor, Rows, new_run
from tests.bench.places import Place
from tests.bench.rows import BARE, Row, told
from tests.bench.turns import in_turns
from workflows import Step, StepInput, Workflow

STEPS, ROUNDS = 10, 40
WORK = f"{STEPS} trivial steps, a save after each"
ASKED = {"SQLite": 4.0, "PostgreSQL": 1.7}


def one(step_input: StepInput) -> str:
    """The trivial step."""
    return "x"


def by_hand(floor: Floor) -> None:
    """Start with the first step, save before each other one and at the end."""
    run = new_run()
    for number in range(STEPS + 1):
        floor.commit(run, "RUNNING", saved(run, number), new=not number)


def saved(run: str, number: int) -> Rows:
    """What came back, or was given, and what starts now."""
    records = [(run, "", "pending", number, "{}"), (run, f"s{number}", "running", 0, "{}")]
    events = [(run, type, f"s{number}", "{}", "") for type in ("StepCompleted", "StepStarted")]
    if not number:
        given = (new_run(), run, "", "inputs", "{}")
        return {"record": records, "value": [given], "event": [(run, "RunQueued", "", "{}", ""), *events]}
    records.append((run, f"s{number - 1}", "completed", 0, "{}"))
    value = (new_run(), run, f"s{number - 1}", "call", '{"content":"x"}')
    return {"record": records, "value": [value], "event": events}


def measured(place: Place) -> None:
    """Floors and product in turns."""
    product = Workflow(name="trivial", db=place.db, steps=[Step(f"s{n}", one) for n in range(STEPS)])
    product.run("x")
    replay = place.replay(lambda: product.run("x"))
    ways = [replay.run, lambda: by_hand(place.floor), lambda: product.run("x")]
    floor, bare, kept = in_turns(ROUNDS, *ways, between=replay.prepare)
    told(
        Row(work=WORK, on=place.name, figure=kept / floor, limit=ASKED[place.name]),
        Row(work=BARE, on=place.name, figure=kept / bare),
    )


if __name__ == "__main__":
    for made in (places.sqlite, places.postgres):
        measured(made())
