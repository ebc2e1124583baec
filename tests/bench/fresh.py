"""A process that has just begun takes up a paused run, over one that only sets Django up."""

import os
import subprocess
import sys
from statistics import median

from tests.bench import places
from tests.bench.places import Place
from tests.bench.rows import Row, told
from tests.bench.turns import seconds

ROUNDS = 8
DEFINED = """
import sys
from workflows import Step, Workflow
from workflows.db import Db
def one(step_input):
    return "x"
workflow = Workflow(name="asking", db=Db(sys.argv[1]), steps=[
    Step("before", one), Step("gated", one, requires_confirmation=True), Step("after", one)])
"""
STARTS = DEFINED + "print(workflow.run('x').run_id)"
RESUMES = (
    DEFINED
    + """
run = workflow.get_run_output(sys.argv[2])
run.step_requirements[0].confirm()
assert workflow.continue_run(run).status == "COMPLETED"
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
)
SETS_UP = """
import sys
from django.conf import settings
from workflows.databases import database
from workflows.db import _minimal
import django
settings.configure(**_minimal(database(sys.argv[1])))
django.setup()
"""


def measured(place: Place) -> None:
    """Whole processes, in turns; the memory is the peak of the resident set."""
    url, bare, resumed, peaks = place.db.url, [], [], []
    ran(STARTS, url)
    for _ in range(ROUNDS):
        run = ran(STARTS, url)
        bare.append(seconds(lambda: ran(SETS_UP, url)))
        resumed.append(seconds(lambda run=run: peaks.append(int(ran(RESUMES, url, run)))))  # type: ignore[misc]
    work = "a fresh process resumes a paused run, over `django.setup()` alone"
    told(
        Row(work=work, on=place.name, figure=median(resumed) / median(bare), limit=1.6),
        Row(work="… its peak memory", on=place.name, figure=max(peaks) / 1024, limit=60, unit="MB"),
    )


def ran(code: str, *arguments: str) -> str:
    """What a new process prints."""
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    measured(places.sqlite())
