"""Review policy: who decides a requirement, how many of them, by when; as plain data that is frozen when it is asked.

Three places say something, and for each field the first that does counts: the step (`HumanReview`), the workflow
(admins set it), and the defaults here. What nobody said is None here, and is filled in by the properties.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from workflows.types.business_hours import BusinessHours

PRIORITIES = ("low", "normal", "high", "urgent")
RISKS = ("low", "normal", "high")
EACH_GROUP = (
    "each group"  # the quorum: one person of each group of the deciders (of users alone: each of them)
)

# A place in a run's input; every other expression is CEL.
PATH = re.compile(r"input(?:\.[A-Za-z_]\w*|\[\d+\])*")
CIRCLE = ("groups", "users", "groups_by", "users_by")

# So much longer can a decision be undone where what it causes cannot.
IRREVERSIBLE_HOLD = 3


@dataclass(frozen=True, kw_only=True)
class Circle:
    """Some people: the members of groups, and single ones by their user names.

    `groups_by` and `users_by` are expressions over the run's input that name more of them (see `workflows.naming`):
    what they give is put in their place when something is asked.
    """

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups_by: str = ""
    users_by: str = ""

    @classmethod
    def of(cls, given: Any) -> "Circle":
        """Of a group's name, of several, or of {"groups": [...], "users": [...], "groups_by": "input.region"}.
        ValueError for anything else, and for nobody: what was meant to be restricted is never open to all because a
        list came out empty."""
        if isinstance(given, Circle):
            return given
        if isinstance(given, str):
            given = {"groups": [given]}
        elif not isinstance(given, Mapping):
            given = {"groups": given}
        if given.keys() - {*CIRCLE}:
            raise ValueError(f"People are given as groups and users, not as {', '.join(map(str, given))}")
        circle = cls(
            groups=_names(given.get("groups", ())),
            users=_names(given.get("users", ())),
            groups_by=_expression(given.get("groups_by", "")),
            users_by=_expression(given.get("users_by", "")),
        )
        if not circle:
            raise ValueError("No group and no user is named")
        return circle

    def __bool__(self) -> bool:
        return bool(self.groups or self.users or self.by_input)

    def __or__(self, other: "Circle") -> "Circle":
        return Circle(
            groups=tuple(dict.fromkeys(self.groups + other.groups)),
            users=tuple(dict.fromkeys(self.users + other.users)),
        )

    @property
    def by_input(self) -> bool:
        """Some of them are named by the run's input."""
        return bool(self.groups_by or self.users_by)

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean."""
        said = {"groups_by": self.groups_by, "users_by": self.users_by}
        return {"groups": list(self.groups), "users": list(self.users)} | {
            name: expression for name, expression in said.items() if expression
        }


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """Who may decide as well when nobody has decided `after` so many seconds."""

    after: float
    circle: Circle

    @classmethod
    def of(cls, given: Any) -> "Escalation":
        """Of {"after": seconds, "groups": [...], "users": [...]}."""
        if isinstance(given, Escalation):
            return given
        if not isinstance(given, Mapping):
            raise ValueError(f"escalate: {given!r} is not like {{'after': seconds, 'groups': [...]}}")
        rest = {name: part for name, part in given.items() if name != "after"}
        return cls(after=_seconds("escalate", given.get("after")), circle=Circle.of(rest))

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean."""
        return {"after": self.after} | self.circle.to_dict()


@dataclass(frozen=True, kw_only=True)
class ReviewPolicy:
    """What was said about one requirement. Raises ValueError, naming the field, on what cannot be meant.

    `deciders` alone decide, where they are named (else every reviewer and admin may); `viewers` may see it besides
    them. `quorum` is a number of people or "each group"; `rejections` is how many must say no. With `four_eyes`
    whoever asked for the run does not decide. With `exclusive` nobody decides what another one has claimed.
    `hold` is for how many seconds a decision can be undone. `due`, `remind_after` and `escalate` count in seconds
    since it was asked: of working time where there are `business_hours`, all seconds else.
    """

    deciders: Circle | None = None
    viewers: Circle | None = None
    quorum: int | str | None = None
    rejections: int | None = None
    four_eyes: bool | None = None
    exclusive: bool | None = None
    priority: str | None = None
    risk: str | None = None
    irreversible: bool | None = None
    hold: float | None = None
    due: float | None = None
    remind_after: tuple[float, ...] | None = None
    escalate: tuple[Escalation, ...] | None = None
    business_hours: BusinessHours | None = None

    def __post_init__(self) -> None:
        for name, read in READERS.items():
            given = getattr(self, name)
            if given is None:
                continue
            try:
                object.__setattr__(self, name, read(given))
            except TypeError:
                raise ValueError(f"{name}={given!r} cannot be read") from None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ReviewPolicy":
        """The policy that `to_dict` described. ValueError on a field that there is not."""
        if not data:
            return SILENT
        unknown = data.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"A policy has no {', '.join(sorted(unknown))}")
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean, only what was said."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in said.items() if value is not None}

    def over(self, other: "ReviewPolicy") -> "ReviewPolicy":
        """This one, and where it says nothing the other one."""
        if self is other:  # mostly, as mostly neither says anything
            return self
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        filled = {name: getattr(other, name) if value is None else value for name, value in said.items()}
        if self.hold is None and other.hold is not None and filled["irreversible"]:
            filled["hold"] = other.hold * IRREVERSIBLE_HOLD
        return ReviewPolicy(**filled)

    @property
    def circles(self) -> tuple[Circle, ...]:
        """Everybody who is named in it, for whatever."""
        named = (self.deciders, self.viewers, *(step.circle for step in self.escalate or ()))
        return tuple(circle for circle in named if circle)

    def with_circles(self, change: Callable[[Circle], Circle]) -> "ReviewPolicy":
        """The policy with each of its circles changed."""
        return replace(
            self,
            deciders=change(self.deciders) if self.deciders else None,
            viewers=change(self.viewers) if self.viewers else None,
            escalate=self.escalate
            and tuple(replace(step, circle=change(step.circle)) for step in self.escalate),
        )

    @property
    def is_bound(self) -> bool:
        """It is about certain people: no script answers for them (decision 8)."""
        return bool(self.deciders or self.four_eyes or self.needs_several or self.risk == "high")

    @property
    def needs_several(self) -> bool:
        """One answer is not enough."""
        return self.quorum not in (None, 1) or (self.rejections or 1) > 1

    def hold_seconds(self, default: float) -> float:
        """For how long a decision can be undone."""
        if self.hold is not None:
            return self.hold
        return default * (IRREVERSIBLE_HOLD if self.irreversible else 1)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def _names(given: Any) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{given!r} are not names of groups or users")
    return names


def _expression(given: Any) -> str:
    from workflows.cel import CEL_AVAILABLE, validate_cel_expression

    text = given.strip() if isinstance(given, str) else None
    if text is None:
        raise ValueError(f"{given!r} is no expression")
    if text and not PATH.fullmatch(text) and CEL_AVAILABLE and not validate_cel_expression(text):
        raise ValueError(f"Neither a place in the input (input.region) nor a CEL expression: {text!r}")
    return text


def _quorum(given: Any) -> int | str:
    return EACH_GROUP if given == EACH_GROUP else _count("quorum", given)


def _flag(name: str, given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f"{name}={given!r} is neither true nor false")
    return given


def _count(name: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ValueError(f"{name}={given!r} is not a number of people")
    return given


def _seconds(name: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < float("inf"):
        raise ValueError(f"{name}={given!r} is not a number of seconds")
    return given


def _reminders(given: Any) -> tuple[float, ...]:
    several = given if isinstance(given, list | tuple) else (given,)
    return tuple(_seconds("remind_after", seconds) for seconds in several)


def _one_of(name: str, given: Any, choices: tuple[str, ...]) -> str:
    if given not in choices:
        raise ValueError(f"{name}={given!r} is not one of {', '.join(choices)}")
    return str(given)


# How what was given for each field is read.
READERS: dict[str, Callable[[Any], Any]] = {
    "deciders": Circle.of,
    "viewers": Circle.of,
    "quorum": _quorum,
    "rejections": partial(_count, "rejections"),
    "four_eyes": partial(_flag, "four_eyes"),
    "exclusive": partial(_flag, "exclusive"),
    "irreversible": partial(_flag, "irreversible"),
    "priority": partial(_one_of, "priority", choices=PRIORITIES),
    "risk": partial(_one_of, "risk", choices=RISKS),
    "hold": partial(_seconds, "hold"),
    "due": partial(_seconds, "due"),
    "remind_after": _reminders,
    "escalate": lambda given: tuple(Escalation.of(step) for step in given),
    "business_hours": BusinessHours.of,
}

# Says nothing, as most do; none is ever changed.
SILENT = ReviewPolicy()
