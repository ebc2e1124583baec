"""Trying: what a source, as it stands in a form, would make of a payload. Starts and keeps nothing."""

import json
from dataclasses import dataclass, field
from typing import Any

from hitl_portal.evidence.revealing import revealed
from hitl_portal.hooks.forms import SourceForm
from hitl_portal.hooks.models import WebhookSource
from hitl_portal.hooks.starting import meant
from hitl_portal.problems import Problem
from workflows.models import Workflow
from workflows.types import InputErrors
from workflows.types.form_schema import check_input

NEEDED = ("payload", "mapping", "naming", "workflow")


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What would come of a payload: a workflow and its input as JSON, or what is wrong."""

    workflow: Workflow | None = None
    input: str = ""
    problem: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def tried(form: SourceForm) -> Trial | None:
    """What would come of the form's payload; None where the form does not say enough."""
    form.full_clean()
    if any(name in form.errors for name in NEEDED) or not form.has_payload:
        return None
    cleaned = form.cleaned_data
    source = WebhookSource(
        signs=cleaned.get("signs") or form.instance.signs,
        workflow=cleaned["workflow"],
        naming=cleaned["naming"],
        mapping=cleaned["mapping"],
    )
    others = list(cleaned.get("others") or ())
    return _trial(source, cleaned["payload"], [source.workflow, *others])


def _trial(source: WebhookSource, payload: Any, allowed: list[Workflow]) -> Trial:
    by_name = {workflow.name: workflow for workflow in allowed}
    try:
        asked = meant(source, payload, by_name)
    except Problem as problem:
        return Trial(problem=problem.detail)
    workflow = by_name[asked.workflow]
    said = revealed(json.dumps(asked.input, indent=2, ensure_ascii=False))
    return Trial(workflow=workflow, input=said, errors=_errors(workflow, asked.input))


def _errors(workflow: Workflow, input: Any) -> dict[str, str]:
    if workflow.input_schema is None:
        return {}
    try:
        check_input(workflow.input_schema, input)
    except InputErrors as wrong:
        return wrong.by_field
    return {}
