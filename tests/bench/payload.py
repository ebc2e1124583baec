"""What large outputs cost in bytes that are written: to files on SQLite, to the write-ahead log on PostgreSQL."""

import random
from base64 import b64encode

from tests.bench import places
from tests.bench.places import Place
from tests.bench.rows import Row, told
from workflows import Step, StepInput, Workflow

STEPS, MEGABYTE = 10, 1_000_000
ASKED = {"SQLite": 2.4, "PostgreSQL": 1.1}
# Base64 of noise: what no database makes much smaller.
TEXT = b64encode(random.Random(0).randbytes(MEGABYTE * 3 // 4)).decode()


def large(step_input: StepInput) -> str:
    """A megabyte."""
    return TEXT


def measured(place: Place) -> None:
    """Ten such outputs."""
    steps = [Step(f"s{number}", large) for number in range(STEPS)]
    product = Workflow(name="heavy", db=place.db, steps=steps)
    product.run("x")
    before = place.bytes_written()
    product.run("x")
    figure = (place.bytes_written() - before) / (STEPS * MEGABYTE)
    told(
        Row(
            work="1 MB outputs: bytes written over the payload",
            on=place.name,
            figure=figure,
            limit=ASKED[place.name],
        )
    )


if __name__ == "__main__":
    for made in (places.sqlite, places.postgres):
        measured(made())
