"""An AgentOS with a pause of each kind, run in Agno's environment: `server.py PORT DATABASE MODEL`.

Its agents do what their prompt says: `CALL [{"name": …, "args": …}]`; then they repeat what the tool gave.
"""

import logging
import sys
import time
from typing import Any

import uvicorn
from agno.agent import Agent
from agno.db.sqlite import SqliteDb
from agno.models.openai.like import OpenAILike
from agno.os import AgentOS
from agno.team import Team
from agno.tools import tool
from agno.workflow import OnReject
from agno.workflow.router import Router
from agno.workflow.step import Step
from agno.workflow.types import HumanReview, StepInput, StepOutput, UserInputField
from agno.workflow.workflow import Workflow

PORT, DATABASE, MODEL = sys.argv[1:]
db = SqliteDb(db_file=DATABASE)


def model() -> Any:
    return OpenAILike(id="stub", api_key="none", base_url=MODEL)


def pay(amount: int, to: str) -> str:
    """Pay money."""
    return f"paid {amount} to {to}"


def work(seconds: float) -> str:
    """Take long."""
    logging.getLogger("uvicorn").warning("WORKED")
    time.sleep(seconds)
    return "worked"


def send(subject: str, to: str) -> str:
    """Send a mail."""
    return f"sent {subject} to {to}"


def shell(command: str) -> str:
    """Run a command somewhere else."""
    return command


asked = tool(requires_confirmation=True)
filled = tool(requires_user_input=True, user_input_fields=["to"])
brought = tool(external_execution=True)

clerk = Agent(
    id="clerk",
    name="Clerk",
    model=model(),
    tools=[asked(pay), asked(work), filled(send), brought(shell)],
    db=db,
)
payer = Agent(id="payer", name="Payer", model=model(), tools=[asked(pay)], db=db)
office = Team(id="office", name="Office", model=model(), tools=[asked(pay)], members=[payer], db=db)


def said(text: str) -> Any:
    """A step that says so, with what it was given."""

    def step(step_input: StepInput) -> StepOutput:
        return StepOutput(content=f"{text} {step_input.additional_data or ''}".strip())

    return step


def flow(name: str, *steps: Any) -> Any:
    return Workflow(id=name, name=name, db=db, steps=[*steps])


confirming = HumanReview(requires_confirmation=True, confirmation_message="Send it?")
filling = HumanReview(
    requires_user_input=True,
    user_input_message="Where to?",
    user_input_schema=[
        UserInputField(name="city", field_type="str", required=True),
        UserInputField(name="pieces", field_type="int", required=False),
    ],
)
reviewing = HumanReview(
    requires_output_review=True, output_review_message="Good?", on_reject=OnReject.retry, max_retries=3
)
choosing = HumanReview(requires_user_input=True, user_input_message="Which way?")
flows = [
    flow(
        "confirm",
        Step(name="write", executor=said("a letter")),
        Step(name="post", executor=said("sent"), human_review=confirming),
    ),
    flow("fill", Step(name="parcel", executor=said("parcel"), human_review=filling)),
    flow(
        "choose",
        Router(
            name="way",
            choices=[Step(name="air", executor=said("by air")), Step(name="sea", executor=said("by sea"))],
            human_review=choosing,
        ),
    ),
    flow("review", Step(name="draft", executor=said("a draft"), human_review=reviewing)),
    flow("inner", Step(name="clerk", agent=clerk)),
]

if __name__ == "__main__":
    system = AgentOS(id="system", agents=[clerk, payer], teams=[office], workflows=flows, telemetry=False)
    uvicorn.run(system.get_app(), port=int(PORT), log_level="warning")
