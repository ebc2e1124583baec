"""UserControlFlowTools: the model itself asks for what it lacks, as a form that a person fills in."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from workflows.agents.function import Function
from workflows.agents.signature import NONE
from workflows.agents.toolkit import Toolkit
from workflows.types import Answer, RequirementKind

INSTRUCTIONS = """\
When you lack something that only the user can tell you, ask for it with the tool `get_user_input`.
- Ask for everything that is missing at once, one field for each piece, and only for what you really need.
- Give each field a short name, the type of its value (str, int, float, bool, list or dict) and a description that
  the user understands.
- Never make up what you could ask for, and do not ask in plain text: the user answers through the form alone.
- When the answers leave something open, ask again."""

TYPES = ("str", "int", "float", "bool", "list", "dict")


class InputField(BaseModel):
    """One piece that the user is asked for."""

    field_name: str = Field(description="A short name for the piece")
    field_type: str = Field("str", description="The type of its value: str, int, float, bool, list or dict")
    field_description: str = Field("", description="What the user should fill in")


class GetUserInput(Function):
    """A tool whose form is what the model says in its arguments, and whose result is what the person filled in."""

    @property
    def gate(self) -> RequirementKind | None:
        """A person fills in the form."""
        return RequirementKind.tool_input

    @property
    def asked_of_people(self) -> frozenset[str]:
        """None of its own parameters."""
        return NONE

    def fields(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The form that the model asks for."""
        asked = self.check(args, complete=True)["user_input_fields"]
        return [
            {
                "name": field.field_name,
                "field_type": field.field_type if field.field_type in TYPES else "str",
                "description": field.field_description,
                "value": None,
                "required": True,
                "of_model": False,
            }
            for field in asked
        ]

    def answered(self, args: Mapping[str, Any], answer: Answer) -> str | None:
        """What was filled in, field by field."""
        if not answer.approved:
            return super().answered(args, answer)
        names = [field["name"] for field in self.fields({"user_input_fields": args["user_input_fields"]})]
        filled = [{"name": name, "value": answer.values.get(name)} for name in names]
        return f"User inputs retrieved: {json.dumps(filled, ensure_ascii=False, default=str)}"


class UserControlFlowTools(Toolkit):
    """Gives an agent the tool `get_user_input`, and tells it when to use it."""

    def __init__(
        self, instructions: str | None = None, add_instructions: bool = True, **options: Any
    ) -> None:
        enabled = options.pop("enable_get_user_input", True) or options.pop("all", False)
        options.pop("all", None)
        super().__init__(
            name="user_control_flow_tools",
            # Its use only puts into words what was answered.
            tools=[GetUserInput.from_callable(get_user_input, repeatable=True)] if enabled else [],
            instructions=INSTRUCTIONS if instructions is None else instructions,
            add_instructions=add_instructions,
            **options,
        )


def get_user_input(user_input_fields: list[InputField]) -> str:
    """Ask the user to fill in a form; the result is what was filled in.

    Args:
        user_input_fields: The fields of the form, one for each piece that is needed.
    """
    raise LookupError(f"Only a person can fill in {len(user_input_fields)} fields")
