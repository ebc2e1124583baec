"""The workflow that the benches of the portal start and decide."""

from workflows import Step, StepInput, Workflow


def one(step_input: StepInput) -> str:
    """The trivial step."""
    return "x"


asking = Workflow(
    id="bench-asking",
    name="Bench asking",
    steps=[Step("before", one), Step("gated", one, requires_confirmation=True), Step("after", one)],
)
