"""Questions from outside: the built-in workflow of one step to which they belong, so that every question has a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from workflows.component import Component
from workflows.engine.plan import Node, OutsideNode
from workflows.question_tools import KINDS as TOOL_KINDS
from workflows.question_tools import tool_of
from workflows.types import (
    HumanReview,
    OnReject,
    OnTimeout,
    RequirementKind,
    ReviewPolicy,
    StepType,
    UserInputField,
)
from workflows.types.fields import check_form
from workflows.workflow import Workflow

NAME = "asked-from-outside"
KINDS = (
    RequirementKind.confirmation,
    RequirementKind.user_input,
    RequirementKind.route,
    RequirementKind.output_review,
    *TOOL_KINDS,
    RequirementKind.error,
)
LONGEST_TITLE = 200


class InvalidQuestion(ValueError):
    """The question cannot be asked. `part` is the name of what is wrong in it."""

    def __init__(self, part: str, said: str) -> None:
        super().__init__(said)
        self.part = part


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody outside asks people, as data. Raises InvalidQuestion.

    `fields` are the form of a user_input, `choices` (name, description) the ways of a route, `content` what is looked
    at: in an output_review it may be changed. `tool` (see `question_tools`) is what a tool_confirmation, tool_input or
    external_execution is about, `error` (type, message) what has failed. `policy` says who decides and by when, as
    `ReviewPolicy` has it; `timeout` is in seconds; `on_reject` is what a no causes there, for who decides to know.
    """

    kind: str
    message: str
    title: str = ""
    fields: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)
    allow_multiple: bool = False
    content: Any = None
    tool: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    timeout: int | None = None
    on_timeout: str | None = None
    on_reject: str | None = None
    policy: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidQuestion("kind", f"'{self.kind}' is not one of {', '.join(KINDS)}")
        if not self.message.strip():
            raise InvalidQuestion("message", "There is nothing asked")
        if self.on_timeout and self.on_timeout not in [*OnTimeout]:
            raise InvalidQuestion("on_timeout", f"'{self.on_timeout}' is not one of {', '.join(OnTimeout)}")
        if self.on_reject and self.on_reject not in [*OnReject]:
            raise InvalidQuestion("on_reject", f"'{self.on_reject}' is not one of {', '.join(OnReject)}")
        self._check_fields()
        self._check_choices()
        self._check_tool()
        self._check_error()
        try:
            ReviewPolicy.from_dict(self.policy)
        except (ValueError, TypeError, AttributeError) as wrong:
            raise InvalidQuestion("policy", str(wrong)) from None

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean, only what is said."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        kept = {name: value for name, value in said.items() if value not in (None, "", [], {}, False)}
        if self.kind == RequirementKind.output_review:
            kept["content"] = self.content
        return kept

    def _check_fields(self) -> None:
        if self.fields and self.kind != RequirementKind.user_input:
            raise InvalidQuestion("fields", "Only a user_input has fields")
        try:
            made = [UserInputField.of(each) for each in self.fields]
            check_form(made)
        except (ValueError, TypeError, AttributeError) as wrong:
            raise InvalidQuestion("fields", str(wrong)) from None
        if len({each.name for each in made}) < len(made):
            raise InvalidQuestion("fields", "Two fields have one name")
        object.__setattr__(self, "fields", [each.to_dict() for each in made])

    def _check_choices(self) -> None:
        names = [choice.get("name") for choice in self.choices]
        if bool(names) != (self.kind == RequirementKind.route):
            raise InvalidQuestion("choices", "A route has choices, and nothing else has")
        if not all(names) or len(set(names)) < len(names):
            raise InvalidQuestion("choices", "Each choice has a name of its own")

    def _check_tool(self) -> None:
        if bool(self.tool) != (self.kind in TOOL_KINDS):
            raise InvalidQuestion("tool", "What is asked about a tool has one, and nothing else has")
        if not self.tool:
            return
        try:
            made = tool_of(self.kind, self.tool)
            check_form([UserInputField.of(each) for each in made["fields"]])
        except (ValueError, TypeError, AttributeError, KeyError) as wrong:
            raise InvalidQuestion("tool", str(wrong)) from None
        object.__setattr__(self, "tool", made)

    def _check_error(self) -> None:
        if bool(self.error) != (self.kind == RequirementKind.error):
            raise InvalidQuestion("error", "What has failed has an error, and nothing else has")
        if self.error:
            known = {name: str(self.error.get(name) or "") for name in ("type", "message")}
            object.__setattr__(self, "error", known)


class Outside(Component):
    """The step: it asks what the run was started with."""

    kind = StepType.STEP

    def __init__(self) -> None:
        super().__init__(
            name="question", description="Asked from outside", human_review=HumanReview(), flat={}
        )

    def node(self, position: int) -> Node:
        """The frozen node."""
        return OutsideNode(name=self.named(position), description=self.description or "")

    def to_dict(self) -> dict[str, Any]:
        """As data."""
        return {"type": "Outside", "name": self.name}


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["kind", "message"],
    "additionalProperties": False,
    "properties": {
        "kind": {"enum": [str(kind) for kind in KINDS]},
        "message": {"type": "string", "minLength": 1, "format": "textarea"},
        "title": {"type": "string", "maxLength": LONGEST_TITLE},
        "fields": {"type": "array"},
        "choices": {"type": "array"},
        "allow_multiple": {"type": "boolean"},
        "content": {},
        "tool": {"type": "object"},
        "error": {"type": "object"},
        "timeout": {"type": "integer", "minimum": 1},
        "on_timeout": {"enum": [str(each) for each in OnTimeout]},
        "on_reject": {"enum": [str(each) for each in OnReject]},
        "policy": {"type": "object"},
    },
}

QUESTIONS = Workflow(
    id=NAME,
    name="Questions from outside",
    description="What other programs ask people, one question a run.",
    steps=[Outside()],
    input_schema=SCHEMA,
)
