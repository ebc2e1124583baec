"""Voices: whose words a text is, told the same way on every page.

Whatever a page shows comes from one of four. The portal's own look, without a frame, is `engine`: what we and the
workflow's author say. Everything else stands in a zone with `data-voice` (a frame of its own) that begins with a label
of words and a sign, so that neither colour nor a picture alone tells it, and so that nothing inside a zone can pass for
the portal: `{% voice "model" %}` writes the label, `static/css/evidence.css` is the one place of the looks.

`person` is what somebody typed: the input of a form, feedback, comments. `model` is what a language model wrote: the
output of an agent or a team, its reasoning, the arguments of its tools. `machine` is what programs made: a function's
output, a tool's result, what a webhook or a script sent; a model's words may have passed through it unseen.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy

from workflows.models import WorkflowRun
from workflows.types import ExecutorType


class Voice(StrEnum):
    """Whose words."""

    engine = "engine"
    person = "person"
    model = "model"
    machine = "machine"


LABELS = {
    Voice.engine: gettext_lazy("from the workflow"),
    Voice.person: gettext_lazy("written by a person"),
    Voice.model: gettext_lazy("written by a model"),
    Voice.machine: gettext_lazy("from a program"),
}
MODELS = (ExecutorType.AGENT, ExecutorType.TEAM)
EDITED = "edited:"  # the slot of an output that a person has changed
FORMS = ("portal",)  # the sources of runs whose input somebody typed


def voice_of(told: Any, slot: str = "") -> Voice:
    """Whose words an output is: of what it says of itself, and of the slot in which it is kept."""
    if slot.startswith(EDITED):
        return Voice.person
    maker = told.get("executor_type") if isinstance(told, Mapping) else None
    return Voice.model if maker in MODELS else Voice.machine


def voice_of_input(run: WorkflowRun) -> Voice:
    """Whose words a run was started with."""
    return Voice.person if run.source in FORMS else Voice.machine
