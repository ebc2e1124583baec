"""What the four questions about a tool add to the form of a decision: corrected arguments, what only people know, a
result from elsewhere, answers to a model's questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hitl_portal.evidence.revealing import revealed
from hitl_portal.fields.text import ExactField, read_json, text_area
from hitl_portal.inbox.parts import Part
from hitl_portal.inbox.tool_use import ToolUse
from workflows.models import Requirement
from workflows.types import Action
from workflows.types.field_checks import plain

EMPTY = (None, "")


class ToolPart(Part):
    """The fields of a tool, named as its arguments are."""

    def build(self, requirement: Requirement) -> None:
        self.use = ToolUse.of(requirement)
        self.describe(self.use.fields)
        for name, field in self.fields.items():
            field.label = revealed(name)

    def changes(self) -> dict[str, Any]:
        """What is not as it was shown, by name."""
        changed = ((name, self.cleaned_data[name]) for name in self.changed_data if name in self.cleaned_data)
        return {name: plain(value) for name, value in changed}


class ArgumentsPart(ToolPart):
    """The arguments that a tool is to be used with, to be changed in place."""

    carried_by = (Action.edit,)

    def build(self, requirement: Requirement) -> None:
        if ToolUse.of(requirement).can_be_edited:
            super().build(requirement)

    def filled(self) -> dict[str, Any]:
        """All arguments: what was left as it was is exactly what the model gave; what was emptied is left out."""
        args = self.use.args | self.changes()
        kept_empty = {field["name"] for field in self.use.fields if field.get("nullable")}
        emptied = {name for name, value in self.changes().items() if value in EMPTY}
        filled = {name: value for name, value in args.items() if name not in emptied}
        return {"content": filled | dict.fromkeys(emptied & kept_empty)}


class InputPart(ToolPart):
    """What people fill in for a tool; what the model gave can be changed."""

    carried_by = (Action.approve,)

    def filled(self) -> dict[str, Any]:
        """What was filled in or changed. An argument of the model's that was emptied is its default again."""
        defaults = {argument.name: argument.default for argument in self.use.arguments}
        return {
            "values": {
                name: defaults.get(name) if value in EMPTY else value
                for name, value in self.changes().items()
            }
        }


class ResultPart(Part):
    """What came of a tool that somebody has used elsewhere."""

    carried_by = (Action.approve,)

    def build(self, requirement: Requirement) -> None:  # noqa: ARG002  the same for every tool
        self.fields["content"] = ExactField(
            label=_("What came of it"),
            help_text=_("The model reads this as the result. Nothing is a result too."),
            required=False,
            widget=text_area(""),
        )
        self.fields["form"] = forms.ChoiceField(
            label=_("It is"),
            choices=[("text", _("Text")), ("json", _("Data (JSON)"))],
            initial="text",
            required=False,
            widget=forms.RadioSelect,
        )

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("form") == "json":
            try:
                self.cleaned_data["content"] = read_json(self.cleaned_data["content"])
            except forms.ValidationError as wrong:
                self.add_error("content", wrong)
        return self.cleaned_data

    def filled(self) -> dict[str, Any]:
        return {"content": self.cleaned_data["content"]}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of a model's as a page shows it. `options` are the choices with what is said of each."""

    field: forms.BoundField
    header: str
    takes_several: bool
    options: list[tuple[Any, str]]


class AnswersPart(Part):
    """Answers to a model's questions: one of the options, or several where that is allowed."""

    carried_by = (Action.approve,)

    def build(self, requirement: Requirement) -> None:
        self.asked = ToolUse.of(requirement).questions
        for number, question in enumerate(self.asked):
            self.fields[f"q{number}"] = _question_field(question)

    def filled(self) -> dict[str, Any]:
        given = ((question, self.cleaned_data[f"q{number}"]) for number, question in enumerate(self.asked))
        return {
            "values": {
                question["question"]: [chosen] if isinstance(chosen, str) else chosen
                for question, chosen in given
            }
        }

    def place_of(self, name: str) -> str | None:
        """Complaints name the question by its text."""
        texts = [question["question"] for question in self.asked]
        return f"q{texts.index(name)}" if name in texts else None

    @property
    def questions(self) -> list[Asked]:
        """Each question with its field."""
        return [
            Asked(
                field=field,
                header=question.get("header") or "",
                takes_several=bool(question.get("multi_select")),
                options=_options(field, question),
            )
            for field, question in zip(self, self.asked, strict=True)
        ]


def _question_field(question: Mapping[str, Any]) -> forms.Field:
    text = question["question"]
    labels = [option["label"] for option in question.get("options") or ()]
    if not labels:
        return ExactField(label=text)
    choices = [(label, label) for label in labels]
    if question.get("multi_select"):
        return forms.MultipleChoiceField(label=text, choices=choices, widget=forms.CheckboxSelectMultiple)
    return forms.ChoiceField(label=text, choices=choices, widget=forms.RadioSelect)


def _options(field: forms.BoundField, question: Mapping[str, Any]) -> list[tuple[Any, str]]:
    described = [str(option.get("description") or "") for option in question.get("options") or ()]
    return list(zip(field.subwidgets, described, strict=True)) if described else []
