"""Words of the webhook pages: what came of a delivery, what is entered on the other side, what a workflow takes."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from hitl_portal.evidence.revealing import revealed
from hitl_portal.hooks.models import Signs
from workflows.models import Workflow

register = template.Library()

OUTCOMES: dict[str, Any] = {
    "started": _("Started a run"),
    "repeated": _("Sent again: the same run"),
    "greeted": _("Only asked whether somebody is there"),
    "bad-signature": _("Not signed with a secret of this source"),
    "timestamp": _("Too late or too early"),
    "too-large": _("Too large"),
    "malformed": _("Not readable"),
    "too-many": _("Too many at a time"),
    "unmapped": _("Nothing in it for the workflow"),
    "validation": _("Not what the workflow takes"),
    "unknown-workflow": _("A workflow that it may not start"),
    "workflow-disabled": _("The workflow is switched off"),
    "unavailable": _("Its secrets cannot be read"),
}
SETUP: dict[str, Any] = {
    Signs.STANDARD: _(
        "Whatever signs as Standard Webhooks says posts to this address, with one of these secrets."
    ),
    Signs.GITHUB: _(
        "In the repository's or organisation's settings, under Webhooks: this is the payload URL, the content type is"
        " application/json, and the secret is the one that you are shown here."
    ),
    Signs.STRIPE: _(
        "In Stripe's dashboard, add an endpoint with this address. Stripe then shows its signing secret: enter it"
        " here, under Secrets."
    ),
    Signs.SLACK: _(
        "First enter the signing secret of the Slack app under Secrets; then, in the app's settings, enable events with"
        " this address: Slack tries it at once."
    ),
}


@register.filter
def outcome_words(outcome: str) -> Any:
    """What came of a delivery, in words."""
    return OUTCOMES.get(outcome, outcome)


@register.filter
def outcome_tone(outcome: str) -> str:
    """Whether that is good, bad, or neither."""
    return {"started": "good", "repeated": "", "greeted": ""}.get(outcome, "bad")


@register.filter
def setup_words(signs: str) -> Any:
    """What is to be entered on the other side."""
    return SETUP.get(signs, "")


@register.filter
def shown(text: str) -> str:
    """What somebody else has written, with what is hidden in it made plain."""
    return revealed(text)


@register.filter
def fields_of(workflow: Workflow) -> list[tuple[str, bool]]:
    """The fields of a workflow's input, and whether each must be there."""
    schema = workflow.input_schema or {}
    required = schema.get("required") or ()
    return [(name, name in required) for name in schema.get("properties") or {}]
