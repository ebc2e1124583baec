"""The forms that start a run: which workflow, and its input: its own fields, or text and JSON."""

import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hitl_portal.fields.forms import FieldsForm, Files
from hitl_portal.fields.text import read_json, text_area
from workflows import questions
from workflows.models import Workflow
from workflows.types.form_schema import start_form


def startable() -> QuerySet[Workflow]:
    """What a person may start here; questions from outside are asked through the API."""
    return Workflow.objects.filter(enabled=True).exclude(name=questions.NAME)


class ChooseForm(forms.Form):
    """Which workflow."""

    workflow = forms.ModelChoiceField(
        startable(), to_field_name="name", label=_("Workflow"), empty_label=None
    )


class InputForm(FieldsForm):
    """The input of a run, as `given` says it once the form is valid."""

    def given(self) -> Any:
        """What the run is started with."""
        raise NotImplementedError

    def refuse(self, by_field: dict[str, str]) -> None:
        """Show what the service found wrong, at its field where there is one."""
        for name, problem in by_field.items():
            self.add_error(name if name in self.fields else None, problem)


class SchemaForm(InputForm):
    """The fields that a workflow says of its input."""

    def __init__(
        self, schema: dict[str, Any], data: QueryDict | None = None, files: Files | None = None
    ) -> None:
        super().__init__(data, files, prefix="input")
        self.described_fields = start_form(schema)
        self.describe(self.described_fields)

    def given(self) -> dict[str, Any]:
        """What was filled in. What was left empty is left out, so that it is what the workflow says of it."""
        kept_empty = {field["name"] for field in self.described_fields if field.get("nullable")}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in (None, "", []) or name in kept_empty
        }


class RawForm(InputForm):
    """JSON where it looks like JSON, else plain text, else nothing."""

    input = forms.CharField(
        required=False,
        label=_("Input"),
        help_text=_("Text, or JSON: what begins with a brace or bracket is read as JSON."),
        widget=text_area("", least=10, code=True),
    )

    def clean_input(self) -> Any:
        text = self.cleaned_data["input"]
        return read_json(text) if text.startswith(("{", "[")) else text or None

    def given(self) -> Any:
        """The data, or the text."""
        return self.cleaned_data["input"]

    def refuse(self, by_field: dict[str, str]) -> None:
        """Everything is about the one field."""
        for problem in by_field.values():
            self.add_error("input", problem)


def input_form(
    workflow: Workflow, *, raw: bool = False, data: QueryDict | None = None, files: Files | None = None
) -> InputForm:
    """The form for a workflow's input; `raw` where its fields are not wanted, or it has none."""
    schema = workflow.input_schema
    if raw or not has_fields(workflow):
        return RawForm(data, initial={"input": _example(schema) if schema and data is None else ""})
    return SchemaForm(schema or {}, data, files)


def has_fields(workflow: Workflow) -> bool:
    """Whether its author says what its input is."""
    return bool(workflow.input_schema and workflow.input_schema.get("properties"))


def _example(schema: dict[str, Any]) -> str:
    """An input to begin with: every field, with its default."""
    named = {field["name"]: field["value"] for field in start_form(schema)}
    return json.dumps(named, indent=2, ensure_ascii=False)
