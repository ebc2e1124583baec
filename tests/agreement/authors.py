"""The workflow that a random tree stands for, as an author would write it; its functions live in a world."""

from functools import singledispatch
from typing import Any

from tests.agreement.agents import executor
from tests.agreement.trees import Beside, Choice, Group, Leaf, Nested, Rounds, Routes, Talk, Tree, places
from tests.agreement.world import World
from workflows import (
    Condition,
    HumanReview,
    Loop,
    Parallel,
    Router,
    Step,
    StepInput,
    StepOutput,
    Steps,
    UserInputField,
    Workflow,
)
from workflows.component import Component


def workflow(items: tuple[Tree, ...], world: World) -> Workflow:
    """The workflow that these items stand for."""
    return Workflow(name="tree", steps=components(items, "", world))


def components(items: tuple[Tree, ...], path: str, world: World) -> list[Component]:
    """The author's objects for these items."""
    return [component(item, place, world) for item, place in zip(items, places(items, path), strict=True)]


@singledispatch
def component(item: Tree, path: str, world: World) -> Component:
    """The author's object for an item."""
    raise NotImplementedError(type(item).__name__)


@component.register
def _(item: Leaf, path: str, world: World) -> Component:
    return _step(item, path, world, executor=_function(item, world), repeatable=item.repeatable)


@component.register
def _(item: Talk, path: str, world: World) -> Component:
    return _step(item, path, world, **{"team" if item.members else "agent": executor(item, world)})


def _step(item: Leaf | Talk, path: str, world: World, **executor: Any) -> Component:
    return Step(
        item.name,
        max_retries=item.tries,
        skip_on_failure=item.skip_on_failure,
        human_review=_review(
            item,
            user_input_schema=[UserInputField("n", "int"), UserInputField("kept", value="default")],
            requires_output_review=_predicate(path, world)
            if item.review == "predicate"
            else bool(item.review),
            on_error=item.on_error,
        ),
        **executor,
    )


@component.register
def _(item: Group, path: str, world: World) -> Component:
    return Steps(item.name, steps=components(item.children, path, world), human_review=_review(item))


@component.register
def _(item: Nested, path: str, world: World) -> Component:
    review = _review(item, requires_output_review=bool(item.review), on_error=item.on_error)
    inner = Workflow(name="inner", steps=components(item.children, path, world))
    return Step(item.name, workflow=inner, human_review=review)


@component.register
def _(item: Choice, path: str, world: World) -> Component:
    return Condition(
        components(item.children, f"{path}/if", world),
        _evaluator(world) if item.evaluator is None else item.evaluator,
        components(item.otherwise, f"{path}/else", world) or None,
        name=item.name,
        human_review=_review(item, on_error=item.on_error),
    )


@component.register
def _(item: Rounds, path: str, world: World) -> Component:
    return Loop(
        components(item.children, f"{path}/*", world),
        name=item.name,
        max_iterations=item.most,
        end_condition=_end_condition(path, world) if item.ends else None,
        forward_iteration_output=item.forwards,
        human_review=_review(item, requires_iteration_review=item.reviewed),
    )


@component.register
def _(item: Routes, path: str, world: World) -> Component:
    review = _review(item, requires_output_review=bool(item.review))
    review.requires_user_input = item.by_hand
    return Router(
        components(item.children, f"{path}/*", world),
        _selector(world) if item.selects else None,
        name=item.name,
        allow_multiple_selections=item.several,
        human_review=review,
    )


@component.register
def _(item: Beside, path: str, world: World) -> Component:
    return Parallel(*components(item.children, path, world), name=item.name, human_review=_review(item))


def _review(item: Tree, **more: Any) -> HumanReview:
    return HumanReview(
        requires_confirmation=item.before == "confirmation",
        requires_user_input=item.before == "user_input",
        on_reject=item.on_reject,
        max_retries=item.limit,
        **more,
    )


def _function(leaf: Leaf, world: World) -> Any:
    """The author's function: what it does is the world's."""

    def function(step_input: StepInput, session_state: dict[str, Any]) -> StepOutput:
        place, number = world.numbered(step_input.idempotency_key or "")
        outputs = step_input.previous_step_outputs
        world.called(
            place,
            input=step_input.input,
            previous=step_input.previous_step_content,
            outputs={name: [outputs[name].content, outputs[name].success] for name in outputs},
            notes=step_input.additional_data or {},
            state=dict(session_state),
        )
        session_state |= {place: number, "who": place}
        result = world.result(place, number, leaf.calm)
        if result.fails:
            raise ValueError(f"{place} failed")
        return StepOutput(content=result.content, stop=result.stop, success=result.success)

    async def later(step_input: StepInput, session_state: dict[str, Any]) -> StepOutput:
        return function(step_input, session_state)

    return later if leaf.is_async else function


def _predicate(path: str, world: World) -> Any:
    def predicate(output: StepOutput) -> bool:
        return world.judged(f"{path}?", output.content)

    return predicate


def _evaluator(world: World) -> Any:
    def evaluator(step_input: StepInput) -> bool:
        place, number = world.numbered(step_input.idempotency_key or "")
        return world.judged(f"{place}?if", step_input.previous_step_content, number)

    return evaluator


def _end_condition(path: str, world: World) -> Any:
    def ends(outputs: list[StepOutput], current_iteration: int) -> bool:
        return world.judged(f"{path}?end", [output.content for output in outputs], current_iteration)

    return ends


def _selector(world: World) -> Any:
    def selector(step_input: StepInput, step_choices: list[str]) -> list[str]:
        place, number = world.numbered(step_input.idempotency_key or "")
        return world.selected(f"{place}?route", step_choices, step_input.previous_step_content, number)

    return selector
