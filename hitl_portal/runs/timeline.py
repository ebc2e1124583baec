"""The story of a run: one human sentence for each of its events."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.models import RunEvent

# Steps are named %(step)s, people %(actor)s; see `Line.tone` for the second word.
SENTENCES: dict[str, tuple[Any, str]] = {
    "RunQueued": (gettext_lazy("The run was started by %(actor)s."), "plain"),
    "WorkflowStarted": (gettext_lazy("A worker took it up."), "plain"),
    "StepStarted": (gettext_lazy("“%(step)s” began."), "plain"),
    "StepCompleted": (gettext_lazy("“%(step)s” finished."), "good"),
    "StepSkipped": (gettext_lazy("“%(step)s” was skipped."), "plain"),
    "StepPaused": (gettext_lazy("“%(step)s” waits for a person."), "wait"),
    "StepOutputReview": (gettext_lazy("The output of “%(step)s” waits for a review."), "wait"),
    "StepError": (gettext_lazy("“%(step)s” failed."), "bad"),
    "StepContinued": (gettext_lazy("“%(step)s” went on."), "plain"),
    "StepInterrupted": (gettext_lazy("“%(step)s” was cut off."), "bad"),
    "StepsExecutionStarted": (gettext_lazy("The steps of “%(step)s” began."), "plain"),
    "StepsExecutionCompleted": (gettext_lazy("The steps of “%(step)s” finished."), "good"),
    "CancelRequested": (gettext_lazy("%(actor)s asked to end the run."), "bad"),
    "WorkflowPaused": (gettext_lazy("The run waits for people."), "wait"),
    "WorkflowCompleted": (gettext_lazy("The run is complete."), "good"),
    "WorkflowCancelled": (gettext_lazy("The run was cancelled."), "bad"),
    "WorkflowError": (gettext_lazy("The run failed."), "bad"),
}
DECISIONS: dict[str, Any] = {
    "approve": gettext_lazy("%(actor)s approved “%(step)s”."),
    "edit": gettext_lazy("%(actor)s changed the output of “%(step)s” and approved it."),
    "reject": gettext_lazy("%(actor)s rejected “%(step)s”."),
    "retry": gettext_lazy("%(actor)s had “%(step)s” tried again."),
    "skip": gettext_lazy("%(actor)s had “%(step)s” skipped."),
    "cancel": gettext_lazy("%(actor)s ended the run at “%(step)s”."),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One event as people read it. `tone` is plain, good, wait or bad; `note` is in somebody's own words."""

    event: RunEvent
    sentence: str
    tone: str
    note: str


def line_of(event: RunEvent) -> Line:
    """The sentence for one event; an unknown type is its own name in words."""
    words = {"step": step_name(event.path), "actor": event.actor or _("somebody")}
    sentence, tone = SENTENCES.get(event.type, (None, "plain"))
    if event.type == "RequirementDecided":
        sentence = DECISIONS.get(event.data.get("action", ""))
        tone = "bad" if event.data.get("action") in ("reject", "cancel") else "good"
    text = in_words(event.type) if sentence is None else str(sentence) % words
    return Line(event=event, sentence=text, tone=tone, note=_note(event))


def step_name(path: str) -> str:
    """The name of the step at a path, without its place among namesakes: `fix/1:a%2Fb` is "a/b"."""
    segment = path.rsplit("/", 1)[-1]
    return unquote(re.sub(r"^\d+:", "", segment))


def in_words(name: str) -> str:
    """`StepOutputKept` becomes "Step output kept"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _note(event: RunEvent) -> str:
    said = event.data.get("reason") or event.data.get("error") or ""
    return str(said.get("message", "")) if isinstance(said, dict) else str(said)
