"""A plain script, run as a process of its own: `python -m tests.acceptance.program start|continue|answer FILE`."""

import json
import sys

from workflows import Step, StepInput, Workflow
from workflows.db import SqliteDb


def fetch(step_input: StepInput) -> str:
    """Come before the question."""
    return f"fetched {step_input.input}"


async def publish(step_input: StepInput) -> str:
    """Come after it."""
    return f"published {step_input.get_step_content('fetch')}"


def main(verb: str, file: str) -> None:
    """Start a run, or go on with the last one, answering it or not; say where it stands."""
    steps = [
        fetch,
        Step("publish", publish, requires_confirmation=True, confirmation_message="Publish this?"),
    ]
    workflow = Workflow(name="program", db=SqliteDb(file), steps=list(steps), session_id="s")
    if verb == "start":
        run = workflow.run("the news")
    else:
        (run,) = workflow.get_session().runs  # type: ignore[union-attr]
        if verb == "answer":
            run.active_step_requirements[0].confirm()
        run = workflow.continue_run(run)
    print(json.dumps({"status": run.status, "content": run.content}))


if __name__ == "__main__":
    main(*sys.argv[1:])
