"""Workflows for what the demo does not ask: results from elsewhere, errors, votes, holds, deadlines."""

from workflows import HumanReview, Loop, OnError, OnReject, Router, Step, StepInput, UserInputField, Workflow
from workflows.agents import Agent, tool
from workflows.agents.models import ScriptedModel
from workflows.engine.conversation import ToolCall

A_DAY = 24 * 60 * 60


def prepare(step_input: StepInput) -> dict[str, object]:
    """Evidence of several shapes."""
    return {
        "supplier": "Nordwind Logistics",
        "amount": "18,400.00 EUR",
        "positions": [
            {"what": "Pallets", "number": 120, "each": 95.0},
            {"what": "Insurance", "number": 1, "each": 7000.0},
        ],
        "terms": {"payment": "30 days", "discount": None, "signed": True},
        "note": "# Why now\n\nThe contract **ends on Friday**.\n\n- Two offers were compared\n- `NW-7` is cheaper\n",
    }


def act(step_input: StepInput) -> str:
    """Pretend to do it."""
    return "done"


def fail(step_input: StepInput) -> str:
    """Fail as services fail."""
    raise ConnectionError("The ledger did not answer within 10 seconds (tried ledger-2.internal:8443)")


@tool(external_execution=True)
def rotate_key(system: str, reason: str) -> str:
    """Rotate the signing key of a system. Only people at the console can.

    Args:
        system: Which one.
        reason: Why, in one sentence.
    """
    return f"{system}: {reason}"


operator = Agent(
    ScriptedModel(
        [
            ToolCall(id="", name="rotate_key", args={"system": "billing", "reason": "It is two years old."}),
            "The key is rotated.",
        ]
    ),
    name="Operator",
    id="gallery-operator",
    tools=[rotate_key],
)

external = Workflow(id="gallery-external", name="Key rotation", steps=[Step("rotate", agent=operator)])
broken = Workflow(
    id="gallery-error",
    name="Ledger entry",
    steps=[Step("book", fail, on_error=OnError.pause), Step("tell", act)],
)
failed = Workflow(
    id="gallery-failed", name="Ledger export", steps=[Step("export", fail, on_error=OnError.fail)]
)
votes = Workflow(
    id="gallery-votes",
    name="Contract",
    steps=[
        Step("prepare", prepare),
        Step(
            "sign",
            act,
            irreversible=True,
            human_review=HumanReview(
                requires_confirmation=True,
                confirmation_message="Sign the contract with Nordwind Logistics?",
                quorum=2,
                risk="high",
                priority="urgent",
                timeout=A_DAY,
            ),
        ),
    ],
)
held = Workflow(
    id="gallery-held",
    name="Newsletter",
    steps=[
        Step("prepare", prepare),
        Step(
            "send",
            act,
            human_review=HumanReview(
                requires_confirmation=True, confirmation_message="Send it to 12,000 readers?", hold=600
            ),
        ),
    ],
)
expired = Workflow(
    id="gallery-expired",
    name="Door code",
    steps=[
        Step(
            "change code",
            act,
            human_review=HumanReview(
                requires_confirmation=True, confirmation_message="Change the door code?", timeout=1
            ),
        )
    ],
)
form = Workflow(
    id="gallery-form",
    name="New colleague",
    steps=[
        Step(
            "set up",
            act,
            human_review=HumanReview(
                requires_user_input=True,
                user_input_message="What does the new colleague need?",
                user_input_schema=[
                    UserInputField("name", description="As on the badge."),
                    UserInputField("desk", "int", description="A number between 1 and 90.", required=False),
                    UserInputField("remote", "bool", description="Works from home on most days."),
                    UserInputField("team", allowed_values=["Support", "Engineering", "Finance"]),
                    UserInputField("accounts", "list", description="One for each system.", required=False),
                ],
            ),
        )
    ],
)
route = Workflow(
    id="gallery-route",
    name="Delivery",
    steps=[
        Step("prepare", prepare),
        Router(
            name="how to send it",
            choices=[
                Step("by rail", act, description="Slow, and half the price."),
                Step("by road", act, description="Tomorrow morning."),
                Step("by air", act, description="Tonight.", irreversible=True),
            ],
            requires_user_input=True,
            user_input_message="How should it be sent?",
        ),
    ],
)
loop = Workflow(
    id="gallery-loop",
    name="Slogan",
    steps=[
        Loop(
            name="slogan",
            steps=[Step("write", prepare)],
            max_iterations=4,
            human_review=HumanReview(requires_iteration_review=True, on_reject=OnReject.retry),
        )
    ],
)
