"""A workflow in an author's process, in Agno's environment: `program.py URL TOKEN DATABASE`, prints what it gave."""

import json
import sys

from agno.db.sqlite import SqliteDb
from agno.workflow import OnReject
from agno.workflow.router import Router
from agno.workflow.step import Step
from agno.workflow.types import HumanReview, StepInput, StepOutput, UserInputField
from agno.workflow.workflow import Workflow

from hitl_portal.adapters.agno_workflow import run
from hitl_portal.client import Portal

tries = 0


def unsteady(step_input: StepInput) -> StepOutput:
    """Fails as often as a step is tried by itself, then works."""
    global tries  # noqa: PLW0603  how often it was called
    tries += 1
    if tries <= 4:
        raise ValueError("it is broken")
    return StepOutput(content="mended")


def tell(step_input: StepInput) -> StepOutput:
    filled = (step_input.additional_data or {}).get("user_input")
    return StepOutput(content=f"{step_input.previous_step_content} {filled or ''}".strip())


filling = HumanReview(
    requires_user_input=True,
    user_input_message="Where to?",
    user_input_schema=[UserInputField(name="city", field_type="str", required=True)],
)
choosing = HumanReview(requires_user_input=True, user_input_message="Which way?")
reviewing = HumanReview(requires_output_review=True, output_review_message="Good?", on_reject=OnReject.retry)
steps = [
    Step(name="mend", executor=unsteady, human_review=HumanReview(on_error="pause")),
    Step(name="fill", executor=tell, human_review=filling),
    Router(
        name="way",
        choices=[Step(name="air", executor=tell), Step(name="sea", executor=tell)],
        human_review=choosing,
    ),
    Step(name="draft", executor=tell, human_review=reviewing),
]

if __name__ == "__main__":
    url, token, database = sys.argv[1:]
    workflow = Workflow(id="letters", name="letters", db=SqliteDb(db_file=database), steps=steps)
    with Portal(url, token) as portal:
        output = run(workflow, "go", portal, policy={"risk": "low"})
    sys.stdout.write(json.dumps({"status": str(output.status), "content": output.content}) + "\n")
