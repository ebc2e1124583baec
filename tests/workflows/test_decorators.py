"""@pause: what is asked is written at the function (spec 1.4; W19)."""

import inspect
from typing import Any

from workflows import HumanReview, Step, StepInput, Workflow, pause


@pause(name="Deploy", requires_confirmation=True, confirmation_message="Deploy now?")
def deploy(step_input: StepInput) -> str:
    """Deploy."""
    return f"deployed {step_input.input}"


@pause(requires_user_input=True, user_input_message="Where?", user_input_schema=[{"name": "env"}])
async def choose(step_input: StepInput) -> str:
    """Choose."""
    return "chosen"


def test_the_function_stays_as_it_is() -> None:
    assert deploy(StepInput(input="v2")) == "deployed v2"
    assert (deploy.__name__, deploy.__doc__) == ("deploy", "Deploy.")
    assert inspect.iscoroutinefunction(choose)


def test_a_step_takes_its_defaults_from_it() -> None:
    step = Step(executor=deploy)
    assert (step.name, step.requires_confirmation) == ("Deploy", True)
    assert step.confirmation_message == "Deploy now?"


def test_an_async_function_carries_its_form() -> None:
    step = Step(executor=choose)
    assert (step.name, step.requires_user_input, step.user_input_message) == ("choose", True, "Where?")
    assert [field.name for field in step.user_input_schema] == ["env"]


def test_what_the_step_says_itself_comes_first() -> None:
    step = Step("Ship", deploy, confirmation_message="Ship it?")
    assert (step.name, step.confirmation_message, step.requires_confirmation) == ("Ship", "Ship it?", True)


def test_human_review_ignores_it() -> None:
    step = Step(executor=deploy, human_review=HumanReview(requires_output_review=True))
    assert (step.requires_confirmation, step.confirmation_message) == (False, None)


def test_a_bare_function_in_a_workflow_asks() -> None:
    (node,) = Workflow(name="flow", steps=[deploy]).plan.root.children
    assert (node.name, node.asks) == ("Deploy", ["confirmation"])


def test_one_function_may_be_stamped_for_each_use() -> None:
    def plain(step_input: Any) -> None:
        """Do nothing."""

    assert Step(executor=plain).requires_confirmation is False
