"""The workflows that the benches of the portal start and decide."""

from workflows import Loop, Step, StepInput, Workflow
from workflows.types import HumanReview


def one(step_input: StepInput) -> str:
    """The trivial step."""
    return "x"


asking = Workflow(
    id="bench-asking",
    name="Bench asking",
    steps=[Step("before", one), Step("gated", one, requires_confirmation=True), Step("after", one)],
)

looping = Workflow(
    id="bench-looping",
    name="Bench looping",
    steps=[
        Loop(
            name="again",
            steps=[Step("draft", one)],
            max_iterations=5000,
            human_review=HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=5000),
        )
    ],
)
