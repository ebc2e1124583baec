"""Random trees as plain data.

A new primitive is a dataclass here with a way to grow it, a component in `authors` and its meaning in `naive`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.agreement.world import ALONE, SIDE_BY_SIDE

NAMES = ("a", "b", "c", "d", "a/b", "1:a", "100%")

# Tools that agents do not have themselves.
ASK, NOBODY, ALL = "ask_user", "pay/all: now", "everybody"
GATES = ("", "", "tool_confirmation", "tool_confirmation", "tool_input", "external_execution")


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


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool of an agent. `gate`: what a person is asked before it is used; `stateful`: it changes the session's
    state; `stops`: the agent is done after it; `calm`: it never raises."""

    name: str
    gate: str = ""
    stateful: bool = False
    stops: bool = False
    repeatable: bool = False
    calm: bool = True
    is_async: bool = False


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the model of an agent wants: a tool, by name; with `n` as one of its arguments, or `wrong` ones. Of a team:
    a member by its id, or all of them."""

    tool: str
    n: int = 0
    wrong: Literal["", "unreadable", "unknown"] = ""
    member: str = ""


@dataclass(frozen=True, kw_only=True)
class Talk(Asking):
    """A Step whose executor is an agent or, with members, a team. `script`: what its model wants, turn by turn;
    after that it answers. `turns`: how often it is asked before a person has to look. `calm`: it never fails. A member
    of a team has an `id`."""

    id: str = ""
    tools: tuple[Tool, ...] = ()
    script: tuple[tuple[Wish, ...], ...] = ()
    members: tuple["Talk", ...] = ()
    turns: int = 25
    review: Literal["", "always", "predicate"] = ""
    tries: int = 0
    on_error: str = "skip"
    skip_on_failure: bool = False
    calm: bool = True

    def tool(self, name: str) -> Tool | None:
        """A tool by its name; one that all agents have asks people to choose."""
        known = (*self.tools, Tool(name=ASK, gate="feedback", repeatable=True))
        return next((tool for tool in known if tool.name == name), None)

    @property
    def side_by_side(self) -> bool:
        """Something in it happens side by side."""
        return any(len(wishes) > 1 or wishes[0].member == ALL for wishes in self.script) or any(
            member.side_by_side for member in self.members
        )


Tree = Leaf | Talk | Group | Nested | Choice | Rounds | Routes | Beside


def grow(dice: Random, depth: int = 3) -> tuple[Tree, ...]:
    """The items of a random workflow."""
    return _Gardener(dice).items(depth, at_least=1)


def places(items: Sequence["Tree"], path: str) -> list[str]:
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
            return self.leaf() if self.dice.random() < 0.6 else talk(self.dice, self.gentle)
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


def talk(dice: Random, gentle: bool) -> Talk:
    """An agent or a team, as a step."""
    people = _People(dice)
    about = _Gardener(dice, gentle=gentle).leaf()
    names = ("name", "before", "on_reject", "limit", "review", "tries", "on_error", "skip_on_failure", "calm")
    return people.talk(depth=2, **{name: getattr(about, name) for name in names})


class _People:
    """Grows agents and teams.

    What happens side by side changes no state (whose change comes last would depend on time) and ends no run: the
    tool that may end it is wanted alone.
    """

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def talk(self, depth: int, *, crowded: bool = False, **about: Any) -> Talk:
        dice = self.dice
        is_team = depth > 0 and dice.random() < 0.3
        crowd = crowded or (is_team and dice.random() < 0.5)
        names = dice.sample(("look", "pay", "tell", "book"), dice.randint(1, 4))
        tools = tuple(self.tool(name, crowd) for name in (*names, ALONE))
        count = dice.randint(1, 2) if is_team else 0
        members = tuple(self.member(i, depth - 1, crowd) for i in range(count))
        return Talk(
            **about,
            tools=tools,
            members=members,
            script=tuple(self.turn(tools, members, crowd) for _ in range(dice.randint(0, 3))),
            turns=dice.choice((25, 25, 25, 2, 1)),
        )

    def member(self, number: int, depth: int, crowded: bool) -> Talk:
        # Its failures are the leader's to deal with, after one more try.
        same: dict[str, Any] = {
            "id": f"m{number}",
            "name": self.dice.choice(NAMES),
            "on_error": "skip",
            "tries": 1,
        }
        return self.talk(depth, crowded=crowded, calm=self.dice.random() < 0.5, **same)

    def tool(self, name: str, crowded: bool) -> Tool:
        dice = self.dice
        return Tool(
            name=name,
            gate=dice.choice(GATES),
            stateful=dice.random() < 0.4 and not crowded,
            stops=dice.random() < 0.1,
            repeatable=dice.random() < 0.5,
            calm=dice.random() < 0.7,
            is_async=dice.random() < 0.2,
        )

    def turn(self, tools: tuple[Tool, ...], members: tuple[Talk, ...], crowded: bool) -> tuple[Wish, ...]:
        dice = self.dice
        if dice.random() < 0.4:
            return (self.wish([tool.name for tool in tools], members, crowded),)
        own = [tool.name for tool in tools if tool.name != ALONE]
        many = members if crowded else ()
        return tuple(self.wish(own, many, crowded) for _ in range(dice.randint(1, 3)))

    def wish(self, names: list[str], members: tuple[Talk, ...], crowded: bool) -> Wish:
        dice = self.dice
        wrong: Any = dice.choice((*[""] * 9, "unreadable", "unknown"))
        if members and dice.random() < 0.6:
            ids = [member.id for member in members]
            return Wish(tool="", member=dice.choice([ALL, *ids] if crowded else ids), wrong=wrong)
        return Wish(tool=dice.choice([*names * 3, ASK, ASK, NOBODY]), n=dice.randrange(9), wrong=wrong)
