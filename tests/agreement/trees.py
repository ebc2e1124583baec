"""Random trees as plain data.

A new primitive is a dataclass here with a way to grow it, a component in `authors` and its meaning in `naive`.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.agreement.world import SIDE_BY_SIDE

NAMES = ("a", "b", "c", "d", "a/b", "1:a", "100%")


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What every item has: a name, and what people are asked before it, with what their no causes."""

    name: str
    before: str = ""
    on_reject: str = "skip"
    limit: int | None = 3


@dataclass(frozen=True, kw_only=True)
class Leaf(Asking):
    """A Step. `calm`: its function never raises. `review` is "" (no), "always" or "predicate"."""

    review: Literal["", "always", "predicate"] = ""
    tries: int = 0
    on_error: str = "skip"
    skip_on_failure: bool = False
    repeatable: bool = False
    calm: bool = True
    is_async: bool = False


@dataclass(frozen=True, kw_only=True)
class Composite(Asking):
    """An item with others inside."""

    children: tuple["Tree", ...]


@dataclass(frozen=True, kw_only=True)
class Group(Composite):
    """A Steps."""


@dataclass(frozen=True, kw_only=True)
class Nested(Composite):
    """A Step whose executor is a workflow."""

    on_error: str = "skip"
    review: Literal["", "always"] = ""


@dataclass(frozen=True, kw_only=True)
class Choice(Composite):
    """A Condition. `evaluator` is True, False or, None, a function."""

    otherwise: tuple["Tree", ...] = ()
    evaluator: bool | None = None
    on_error: str = "skip"


@dataclass(frozen=True, kw_only=True)
class Rounds(Composite):
    """A Loop. `ends`: it has an end condition."""

    most: int = 3
    ends: bool = False
    forwards: bool = False
    reviewed: bool = False


@dataclass(frozen=True, kw_only=True)
class Routes(Composite):
    """A Router. `selects`: it has a selector; `by_hand`: people choose."""

    selects: bool = True
    by_hand: bool = False
    several: bool = False
    review: Literal["", "always"] = ""


@dataclass(frozen=True, kw_only=True)
class Beside(Composite):
    """A Parallel."""


Tree = Leaf | Group | Nested | Choice | Rounds | Routes | Beside


def grow(dice: Random, depth: int = 3) -> tuple[Tree, ...]:
    """The items of a random workflow."""
    return _Gardener(dice).items(depth, at_least=1)


def places(items: tuple[Tree, ...], path: str) -> list[str]:
    """The paths of siblings, as the documentation says they are made."""
    names = [item.name for item in items]
    clean = [name.replace("%", "%25").replace("/", "%2F").replace(":", "%3A") for name in names]
    own = [f"{i}:{clean[i]}" if names.count(names[i]) > 1 else clean[i] for i in range(len(items))]
    return [f"{path}/{segment}" if path else segment for segment in own]


def everything(items: tuple[Tree, ...]) -> list[Tree]:
    """The items, and all that is inside them."""
    found: list[Tree] = []
    for item in items:
        inside = item.children if isinstance(item, Composite) else ()
        other = item.otherwise if isinstance(item, Choice) else ()
        found += [item, *everything(inside), *everything(other)]
    return found


class _Gardener:
    """Grows items. `gentle`: inside a Parallel, where no answer ends the run."""

    def __init__(self, dice: Random, *, gentle: bool = False) -> None:
        self.dice, self.gentle = dice, gentle

    def items(self, depth: int, at_least: int = 0, at_most: int = 3) -> tuple[Tree, ...]:
        return tuple(self.item(depth) for _ in range(self.dice.randint(at_least, at_most)))

    def item(self, depth: int) -> Tree:
        if not depth or self.dice.random() < 0.5:
            return self.leaf()
        kinds = (self.group, self.nested, self.choice, self.rounds, self.routes, self.beside)
        return self.dice.choice(kinds)(depth - 1)

    def leaf(self) -> Leaf:
        dice = self.dice
        return Leaf(
            name=dice.choice(NAMES),
            before=dice.choice(("confirmation", "user_input", "", "", "", "")),
            on_reject=self.on_reject(),
            limit=self.limit(),
            review=dice.choice(("always", "predicate", "", "", "", "")),
            tries=dice.choice((0, 0, 1)),
            on_error=dice.choice(("skip", "pause", "fail")),
            skip_on_failure=dice.random() < 0.1,
            repeatable=dice.random() < 0.5,
            calm=dice.random() < 0.4,
            is_async=dice.random() < 0.2,
        )

    def group(self, depth: int) -> Group:
        return Group(**self.asking(), children=self.items(depth))

    def nested(self, depth: int) -> Nested:
        dice = self.dice
        return Nested(
            name=dice.choice(NAMES),
            before=dice.choice(("confirmation", "user_input", "", "")),
            on_reject=self.on_reject(),
            limit=self.limit(),
            children=self.items(depth, at_least=1),
            on_error=dice.choice(("skip", "pause", "fail")),
            review=dice.choice(("always", "", "")),
        )

    def choice(self, depth: int) -> Choice:
        dice = self.dice
        return Choice(
            **self.asking(),
            children=self.items(depth),
            otherwise=self.items(depth),
            evaluator=dice.choice((True, False, None, None, None)),
            on_error=dice.choice(("skip", "pause", "fail")),
        )

    def rounds(self, depth: int) -> Rounds:
        dice = self.dice
        return Rounds(
            **self.asking(),
            children=self.items(depth, at_most=2),
            most=dice.randint(1, 4),
            ends=dice.random() < 0.3,
            forwards=dice.random() < 0.5,
            reviewed=dice.random() < 0.7,
        )

    def routes(self, depth: int) -> Routes:
        dice = self.dice
        by_hand = dice.random() < 0.4
        return Routes(
            **self.asking(),
            children=self.items(depth, at_least=1),
            selects=not by_hand or dice.random() < 0.5,
            by_hand=by_hand,
            several=dice.random() < 0.5,
            review=dice.choice(("always", "", "")),
        )

    def beside(self, depth: int) -> Beside:
        gentle = _Gardener(self.dice, gentle=True)
        asking = self.asking() | {"name": SIDE_BY_SIDE}
        return Beside(**asking, children=gentle.items(depth, at_least=1))

    def asking(self) -> dict[str, Any]:
        before = self.dice.choice(("", "", "", "confirmation"))
        name = self.dice.choice(NAMES)
        return {"name": name, "before": before, "on_reject": self.on_reject(), "limit": self.limit()}

    def on_reject(self) -> str:
        return self.dice.choice(
            ("skip", "skip", "retry", "retry", "else", "skip" if self.gentle else "cancel")
        )

    def limit(self) -> int | None:
        return None if self.gentle else self.dice.choice((0, 1, 2, 3, None, None))
