"""What is asked about one use of a tool: who wants it, of what, with what. Everything here was said by the engine;
only `args`, `questions` and the fields of a form that a model asks for are the model's own."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

from hitl_portal.evidence.revealing import HIDDEN
from workflows.models import Requirement

TURN = re.compile(r"(?P<agent>.+)/(?P<turn>\d+)\.\d+:[^/]*$")


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of the tool. `is_given`: the model gave it; else `default` counts, or a person fills it in."""

    name: str
    value: Any
    description: str
    is_given: bool
    default: Any
    has_default: bool


@dataclass(frozen=True, kw_only=True)
class ToolUse:
    """A use of a tool about which a person is asked. `agent` is the path of whoever wants it, `turn` the number of
    the reply in which they did."""

    asked: dict[str, Any]
    agent: str
    turn: int

    @classmethod
    def of(cls, requirement: Requirement) -> Self:
        """Of a requirement whose details have a tool."""
        place = TURN.match(requirement.path)
        return cls(
            asked=requirement.details["tool"],
            agent=place["agent"] if place else requirement.path,
            turn=int(place["turn"]) if place else 0,
        )

    @property
    def name(self) -> str:
        """The tool's."""
        return str(self.asked["name"])

    @property
    def description(self) -> str:
        """What its author says of it."""
        return str(self.asked.get("description") or "").strip()

    @property
    def who(self) -> str:
        """The agent, or the member of a team, that wants to use it."""
        return str((self.asked.get("member") or self.asked.get("executor") or {}).get("name", ""))

    @property
    def team(self) -> str:
        """The team whose member wants it; empty where an agent stands alone, or the leader asks."""
        return str((self.asked.get("executor") or {}).get("name", "")) if self.asked.get("member") else ""

    @property
    def args(self) -> dict[str, Any]:
        """What the model gave."""
        return dict(self.asked.get("args") or {})

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The form: the arguments, or what the model wants to have filled in."""
        return list(self.asked.get("fields") or ())

    @property
    def questions(self) -> list[dict[str, Any]]:
        """What a model asks, with options."""
        return list(self.asked.get("questions") or ())

    @property
    def needs_admin(self) -> bool:
        """The tool's author wants an admin to decide."""
        return bool(self.asked.get("approval") == "required")

    @property
    def is_audited(self) -> bool:
        """The tool's author wants a record of what was decided."""
        return bool(self.asked.get("approval") == "audit")

    @property
    def can_be_edited(self) -> bool:
        """Every argument that the model gave has a field: with fewer, an edit would drop some."""
        return self.args.keys() <= {field["name"] for field in self.fields}

    @property
    def has_form_of_model(self) -> bool:
        """The fields are none of the tool's arguments: a model has made them up."""
        return bool(self.fields) and not self._are_arguments

    @property
    def arguments(self) -> list[Argument]:
        """Every argument: those of the form in its order, then what else the model gave."""
        fields = self.fields if self._are_arguments else []
        described = {field["name"]: field for field in fields}
        return [self._argument(name, described.get(name, {})) for name in {**described, **self.args}]

    @property
    def as_json(self) -> str:
        """The arguments as they are, to be copied; characters that nobody sees are escaped."""
        return HIDDEN.sub(_escaped, json.dumps(self.args, indent=2, ensure_ascii=False))

    @property
    def _are_arguments(self) -> bool:
        """The form is about the tool's own arguments."""
        return not self.args or bool(self.args.keys() & {field["name"] for field in self.fields})

    def _argument(self, name: str, described: dict[str, Any]) -> Argument:
        schema = ((self.asked.get("parameters") or {}).get("properties") or {}).get(name) or {}
        return Argument(
            name=name,
            value=self.args.get(name),
            description=described.get("description") or schema.get("description") or "",
            is_given=name in self.args,
            default=schema.get("default"),
            has_default="default" in schema,
        )


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\u{number:04x}" if number <= 0xFFFF else json.dumps(found[0])[1:-1]
