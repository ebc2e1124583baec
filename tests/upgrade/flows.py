"""The workflows of the kept runs. Never changed: a run that has begun needs the code that it began with."""

from workflows import Loop, Parallel, Router, Step, StepInput, Workflow
from workflows.types import HumanReview, OnReject


def prepare(step_input: StepInput) -> str:
    return f"prepared {step_input.input}"


def send(step_input: StepInput) -> str:
    return f"sent: {step_input.previous_step_content}"


def draft(step_input: StepInput) -> str:
    return "a draft"


def left(step_input: StepInput) -> str:
    return "left"


def right(step_input: StepInput) -> str:
    return "right"


def after(step_input: StepInput) -> str:
    return f"after {step_input.previous_step_content}"


gated = Workflow(
    id="kept-gated",
    steps=[
        Step("prepare", prepare),
        Step("send", send, human_review=HumanReview(requires_confirmation=True)),
        Step("after", after),
    ],
)

reviewed = Workflow(
    id="kept-reviewed",
    steps=[
        Step(
            "draft",
            draft,
            human_review=HumanReview(requires_output_review=True, on_reject=OnReject.retry),
        ),
        Step("after", after),
    ],
)

looped = Workflow(
    id="kept-looped",
    steps=[
        Loop(
            name="refine",
            steps=[Step("draft", draft)],
            max_iterations=4,
            human_review=HumanReview(requires_iteration_review=True, on_reject=OnReject.retry),
        ),
        Step("after", after),
    ],
)

branched = Workflow(
    id="kept-branched",
    steps=[
        Parallel(
            Step("left", left, human_review=HumanReview(requires_confirmation=True)),
            Step("right", right),
            name="both",
        ),
        Router(
            name="way",
            choices=[Step("short", left), Step("long", right)],
            human_review=HumanReview(requires_user_input=True),
        ),
    ],
)
