"""The story of a run: one human sentence for each of its events."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.places import Node, node_at
from hitl_portal.templatetags.wording import answer_in_words
from workflows.models import Requirement, RunEvent

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
    "DecisionVoided": (
        gettext_lazy("The answer about “%(step)s” does not count: it is asked anew."),
        "bad",
    ),
    "StepContinued": (gettext_lazy("“%(step)s” went on."), "plain"),
    "StepInterrupted": (gettext_lazy("“%(step)s” was cut off."), "bad"),
    "StepsExecutionStarted": (gettext_lazy("The steps of “%(step)s” began."), "plain"),
    "StepsExecutionCompleted": (gettext_lazy("The steps of “%(step)s” finished."), "good"),
    "RouterPaused": (gettext_lazy("“%(step)s” waits for somebody to choose its route."), "wait"),
    "ConditionPaused": (gettext_lazy("“%(step)s” waits for a yes or no."), "wait"),
    "StepExecutorPaused": (gettext_lazy("“%(step)s” waits for a person."), "wait"),
    "StepExecutorContinued": (gettext_lazy("“%(step)s” went on."), "plain"),
    "RunStarted": (gettext_lazy("“%(executor)s” began."), "plain"),
    "RunPaused": (gettext_lazy("“%(executor)s” waits for people."), "wait"),
    "RunContinued": (gettext_lazy("“%(executor)s” went on."), "plain"),
    "RunCompleted": (gettext_lazy("“%(executor)s” finished."), "good"),
    "RunError": (gettext_lazy("“%(executor)s” failed."), "bad"),
    "ToolCallStarted": (gettext_lazy("The tool “%(step)s” was used."), "plain"),
    "ToolCallCompleted": (gettext_lazy("The tool “%(step)s” came back."), "good"),
    "ToolCallPaused": (gettext_lazy("The tool “%(step)s” waits for a person."), "wait"),
    "LoopExecutionStarted": (gettext_lazy("“%(step)s” began."), "plain"),
    "LoopIterationStarted": (gettext_lazy("Iteration %(number)s of “%(step)s” began."), "plain"),
    "LoopIterationCompleted": (gettext_lazy("Iteration %(number)s of “%(step)s” finished."), "good"),
    "LoopExecutionCompleted": (gettext_lazy("“%(step)s” finished."), "good"),
    "ConditionExecutionStarted": (gettext_lazy("“%(step)s” took its branch: %(branch)s."), "plain"),
    "ConditionExecutionCompleted": (gettext_lazy("“%(step)s” finished."), "good"),
    "RouterExecutionStarted": (gettext_lazy("“%(step)s” took its route: %(route)s."), "plain"),
    "RouterExecutionCompleted": (gettext_lazy("“%(step)s” finished."), "good"),
    "ParallelExecutionStarted": (gettext_lazy("The branches of “%(step)s” began."), "plain"),
    "ParallelExecutionCompleted": (gettext_lazy("All branches of “%(step)s” finished."), "good"),
    "DefinitionChanged": (gettext_lazy("The run stopped: its definition has changed."), "bad"),
    "RunRepointed": (gettext_lazy("%(actor)s had it tried with the definition of now."), "plain"),
    "RunForked": (gettext_lazy("%(actor)s forked it."), "plain"),
    "RunRetried": (gettext_lazy("%(actor)s had it tried again."), "plain"),
    "RunRestarted": (gettext_lazy("%(actor)s started it anew."), "plain"),
    "CancelRequested": (gettext_lazy("%(actor)s asked to end the run."), "bad"),
    "AnswerDelivered": (gettext_lazy("%(actor)s has taken the answer and goes on."), "good"),
    "AnswerNotTaken": (
        gettext_lazy(
            "The answer came to nothing at %(actor)s: it does not wait there any more, or refuses it."
        ),
        "bad",
    ),
    "RequirementClaimed": (gettext_lazy("%(actor)s works on “%(step)s”."), "plain"),
    "RequirementUnclaimed": (gettext_lazy("%(actor)s gave “%(step)s” back."), "plain"),
    "RequirementAssigned": (gettext_lazy("%(actor)s gave “%(step)s” to %(to)s."), "plain"),
    "RequirementReminded": (gettext_lazy("People were reminded of “%(step)s”."), "wait"),
    "RequirementOverdue": (gettext_lazy("“%(step)s” should have been decided by now."), "wait"),
    "RequirementEscalated": (gettext_lazy("More people were asked about “%(step)s”."), "wait"),
    "RequirementReopened": (gettext_lazy("“%(step)s” is asked again."), "wait"),
    "DecisionSigned": (gettext_lazy("%(actor)s signed it with a passkey: “%(step)s”."), "plain"),
    "VoteCast": (gettext_lazy("%(actor)s voted about “%(step)s”; more people are needed."), "plain"),
    "VoteVoided": (gettext_lazy("A vote about “%(step)s” does not count any more."), "bad"),
    "DecisionUndone": (gettext_lazy("%(actor)s took the answer about “%(step)s” back."), "wait"),
    "DecisionReleased": (gettext_lazy("The time to undo it was over: the run goes on."), "plain"),
    "DecisionErased": (gettext_lazy("%(actor)s erased what was said about “%(step)s”."), "plain"),
    "CommentAdded": (gettext_lazy("%(actor)s wrote a comment."), "plain"),
    "CommentErased": (gettext_lazy("%(actor)s erased a comment."), "plain"),
    "WorkflowPaused": (gettext_lazy("The run waits for people."), "wait"),
    "WorkflowCompleted": (gettext_lazy("The run is complete."), "good"),
    "WorkflowCancelled": (gettext_lazy("The run was cancelled."), "bad"),
    "WorkflowError": (gettext_lazy("The run failed."), "bad"),
}
FAILURES: dict[tuple[str, bool], tuple[Any, str]] = {
    ("StepCompleted", True): SENTENCES["StepError"],
    ("ToolCallCompleted", True): (gettext_lazy("The tool “%(step)s” failed."), "bad"),
}
SAYS_NO = ("reject", "cancel")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One event as people read it. `tone` is plain, good, wait or bad; `note` is in somebody's own words."""

    event: RunEvent
    sentence: str
    tone: str
    note: str


def line_of(event: RunEvent, outline: Node, requirements: Mapping[UUID | None, Requirement]) -> Line:
    """The sentence for one event; an unknown type is its own name in words."""
    words = _words(event, outline)
    sentence, tone = SENTENCES.get(event.type, (None, "plain"))
    if event.type == "RequirementDecided":
        sentence = _("%(actor)s %(answer)s: “%(step)s”.")
        words["answer"] = _answer(event, requirements)
        tone = "bad" if event.data.get("action") in SAYS_NO else "good"
    if (event.type, bool(event.data.get("error") or event.data.get("failed"))) in FAILURES:
        sentence, tone = FAILURES[event.type, True]
    text = in_words(event.type) if sentence is None else str(sentence) % words
    return Line(event=event, sentence=text, tone=tone, note=_note(event))


def step_name(path: str, outline: Node) -> str:
    """The name of the step at a path; without an outline that has it, what its last segment says."""
    node = node_at(outline, path) if path else None
    segment = path.rsplit("/", 1)[-1]
    return str(node["name"]) if node else unquote(re.sub(r"^\d+:", "", segment))


def _words(event: RunEvent, outline: Node) -> dict[str, str]:
    data = event.data
    return {
        "step": step_name(event.path, outline),
        "actor": event.actor or _("somebody"),
        "to": str(data.get("to") or _("somebody")),
        "number": str(data.get("iteration", "")),
        "executor": str(data.get("executor_name") or _("an agent")),
        "branch": str(data.get("branch") or _("none")),
        "route": ", ".join(data.get("selected_steps") or ()) or _("none"),
    }


def _answer(event: RunEvent, requirements: Mapping[UUID | None, Requirement]) -> str:
    """The answer in words: of a requirement that is not at hand (any more) only the action is known."""
    requirement = requirements.get(event.requirement_id)
    kind = requirement.kind if requirement else str(event.data.get("kind", ""))
    details = requirement.details if requirement else {}
    return answer_in_words(str(event.data.get("action", "")), kind, details)


def in_words(name: str) -> str:
    """`StepOutputKept` becomes "Step output kept"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _note(event: RunEvent) -> str:
    said = event.data.get("reason") or event.data.get("error") or ""
    return str(said.get("message", "")) if isinstance(said, dict) else str(said)
