"""Random trees as plain data, and the workflow that each of them stands for.

A new primitive is a dataclass here with a `component`, a branch in `grow`, and its meaning in `naive`.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.agreement.world import World
from workflows import (
    HumanReview,
    OnError,
    OnReject,
    Step,
    StepInput,
    StepOutput,
    Steps,
    UserInputField,
    Workflow,
)
from workflows.component import Component

NAMES = ("a", "b", "c", "d", "a/b", "1:a", "100%")
BEFORE = ("confirmation", "user_input", "")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A Step. `calm`: its function never raises. `review` is "" (no), "always" or "predicate"."""

    name: str
    before: str = ""
    review: Literal["", "always", "predicate"] = ""
    on_reject: str = "skip"
    limit: int | None = 3
    tries: int = 0
    on_error: str = "skip"
    skip_on_failure: bool = False
    repeatable: bool = False
    calm: bool = True
    is_async: bool = False

    def component(self, path: str, world: World) -> Component:
        """The Step whose function lives in that world."""
        return Step(
            self.name,
            _function(self, path, world),
            max_retries=self.tries,
            skip_on_failure=self.skip_on_failure,
            repeatable=self.repeatable,
            human_review=HumanReview(
                requires_confirmation=self.before == "confirmation",
                requires_user_input=self.before == "user_input",
                user_input_schema=[UserInputField("n", "int"), UserInputField("kept", value="default")],
                requires_output_review=_predicate(path, world)
                if self.review == "predicate"
                else bool(self.review),
                on_reject=OnReject(self.on_reject),
                on_error=OnError(self.on_error),
                max_retries=self.limit,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Group:
    """A Steps."""

    name: str
    children: tuple["Tree", ...]
    before: str = ""
    on_reject: str = "skip"
    limit: int | None = 3

    def component(self, path: str, world: World) -> Component:
        """The Steps whose functions live in that world."""
        review = HumanReview(
            requires_confirmation=bool(self.before),
            on_reject=OnReject(self.on_reject),
            max_retries=self.limit,
        )
        return Steps(self.name, steps=components(self.children, path, world), human_review=review)


Tree = Leaf | Group


def grow(dice: Random, depth: int = 3) -> tuple[Tree, ...]:
    """The items of a random sequence."""
    return tuple(_grown(dice, depth) for _ in range(dice.randint(0 if depth < 3 else 1, 4)))


def workflow(items: tuple[Tree, ...], world: World) -> Workflow:
    """The workflow that these items stand for."""
    return Workflow(name="tree", steps=components(items, "", world))


def components(items: tuple[Tree, ...], path: str, world: World) -> list[Component]:
    """The author's objects for these items."""
    return [item.component(place, world) for item, place in zip(items, places(items, path), strict=True)]


def places(items: tuple[Tree, ...], path: str) -> list[str]:
    """The paths of siblings, as the documentation says they are made."""
    names = [item.name for item in items]
    clean = [name.replace("%", "%25").replace("/", "%2F").replace(":", "%3A") for name in names]
    own = [f"{i}:{clean[i]}" if names.count(names[i]) > 1 else clean[i] for i in range(len(items))]
    return [f"{path}/{segment}" if path else segment for segment in own]


def _grown(dice: Random, depth: int) -> Tree:
    name, on_reject = (
        dice.choice(NAMES),
        dice.choice(("skip", "skip", "retry", "retry", "retry", "else", "cancel")),
    )
    limit = dice.choice((0, 1, 2, 3, None, None))
    if depth and dice.random() < 0.3:
        before = dice.choice(("", "", "confirmation"))
        inner = grow(dice, depth - 1)
        return Group(name=name, before=before, on_reject=on_reject, limit=limit, children=inner)
    return Leaf(
        name=name,
        before=dice.choice(("confirmation", "user_input", "", "", "")),
        review=dice.choice(("always", "predicate", "", "", "")),
        on_reject=on_reject,
        limit=limit,
        tries=dice.choice((0, 0, 1)),
        on_error=dice.choice(("skip", "pause", "fail")),
        skip_on_failure=dice.random() < 0.1,
        repeatable=dice.random() < 0.5,
        calm=dice.random() < 0.4,
        is_async=dice.random() < 0.2,
    )


def _function(leaf: Leaf, path: str, world: World) -> Any:
    """The author's function: what it does is the world's; a call that runs again under one key does the same."""
    keys: list[str | None] = []

    def function(step_input: StepInput, session_state: dict[str, Any]) -> StepOutput:
        if step_input.idempotency_key not in keys:
            keys.append(step_input.idempotency_key)
        number = keys.index(step_input.idempotency_key)
        outputs = step_input.previous_step_outputs
        world.called(
            path,
            previous=step_input.previous_step_content,
            outputs={name: [outputs[name].content, outputs[name].success] for name in outputs},
            notes=step_input.additional_data or {},
            state=dict(session_state),
        )
        session_state[path] = number
        result = world.result(path, number, leaf.calm)
        if result.fails:
            raise ValueError(f"{path} failed")
        return StepOutput(content=result.content, stop=result.stop, success=result.success)

    async def later(step_input: StepInput, session_state: dict[str, Any]) -> StepOutput:
        return function(step_input, session_state)

    return later if leaf.is_async else function


def _predicate(path: str, world: World) -> Any:
    def predicate(output: StepOutput) -> bool:
        return world.judged(path, output.content)

    return predicate
