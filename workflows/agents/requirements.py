"""RunRequirement: what a script sees of a call of a tool that waits for a person, and where its answer goes
(spec 2.8; pages 001 and 002)."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from workflows.agents.forms import (
    SCHEMAS,
    Answerable,
    UserFeedbackOption,
    UserFeedbackQuestion,
    UserInputField,
    made,
)
from workflows.agents.tool_execution import FLAGS, ToolExecution
from workflows.engine.needs import Ask
from workflows.ids import new_id
from workflows.types import Action, Answer, RequirementKind

__all__ = [
    "RunRequirement",
    "ToolExecution",
    "UserFeedbackOption",
    "UserFeedbackQuestion",
    "UserInputField",
]

# What is said here counts for the call of the tool too.
DOWN = {
    "confirmation": "confirmed",
    "confirmation_note": "confirmation_note",
    "external_execution_result": "result",
    **{name: name for name in SCHEMAS},
}


@dataclass
class RunRequirement(Answerable):
    """One call of a tool that waits for a person. Answer with the methods, or by assigning `confirmation`,
    `tool_execution.confirmed`, `tool_execution.result` or the `value` of a field; then `continue_run`.

    What is said at one level counts at the other; what was said last counts. An entry of a run's history, which
    somebody has answered for good, takes every method and does nothing.
    """

    ANSWERS: ClassVar[tuple[str, ...]] = ("confirmation", "external_execution_result", "edited_args")

    tool_execution: ToolExecution = field(default_factory=ToolExecution)
    id: str = field(default_factory=lambda: str(new_id()))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    confirmation: bool | None = None
    confirmation_note: str | None = None
    user_input_schema: list[UserInputField] | None = None
    user_feedback_schema: list[UserFeedbackQuestion] | None = None
    external_execution_result: Any = None
    member_agent_id: str | None = None
    member_agent_name: str | None = None
    member_run_id: str | None = None
    edited_args: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.tool_execution = _call(self.tool_execution)
        self.created_at = _time(self.created_at)
        for upper, lower in DOWN.items():
            if upper not in SCHEMAS and getattr(self.tool_execution, lower) is None:
                setattr(self.tool_execution, lower, getattr(self, upper))
        for name in SCHEMAS:
            self._share(name)
        vars(self)["_asked"] = deepcopy(self.tool_execution.tool_args)
        super().__post_init__()

    def __setattr__(self, name: str, value: Any) -> None:
        value = made(name, value)
        super().__setattr__(name, value)
        if name in DOWN and "_made" in vars(self):
            setattr(self.tool_execution, DOWN[name], value)

    # Answers.

    def confirm(self) -> None:
        """Yes. ValueError where no confirmation is asked for, and after a no."""
        if self._takes(RequirementKind.tool_confirmation, "confirmation") and not self._decided(True):
            self.confirmation = True

    def reject(self, note: str | None = None) -> None:
        """No; the note is what the model is told. ValueError where no confirmation is asked for, and after a yes."""
        if self._takes(RequirementKind.tool_confirmation, "confirmation") and not self._decided(False):
            self.decline(note)

    def decline(self, note: str | None = None) -> None:
        """No to anything that is asked (ours): a form, questions, an execution elsewhere."""
        if self._settled is None:
            self.confirmation_note = note if note is not None else self.confirmation_note
            self.confirmation = False

    def edit(self, args: Mapping[str, Any]) -> None:
        """Yes, with other arguments (ours): the tool is used with exactly these. ValueError as for `confirm`."""
        if self._takes(RequirementKind.tool_confirmation, "confirmation"):
            self._decided(True)
            self.edited_args = dict(args)
            self.confirmation = True

    def provide_user_input(self, values: Mapping[str, Any]) -> None:
        """Fill in fields, all at once or some now and some later; unknown names are ignored."""
        if not self._takes(RequirementKind.tool_input, "user input"):
            return
        form = self.tool_execution.user_input_schema or []
        for given in (entry for entry in form if entry.name in values):
            given.value = values[given.name]
        if not any(given.is_open for given in form):
            self.tool_execution.answered = True

    def provide_user_feedback(self, selections: Mapping[str, list[str]]) -> None:
        """Choose labels by the text of the question; unknown questions are ignored. ValueError for a label that is
        not offered."""
        if not self._takes(RequirementKind.feedback, "user feedback"):
            return
        for question in self.tool_execution.user_feedback_schema or ():
            if question.question in selections:
                question.choose(selections[question.question])
        if self.tool_execution.is_chosen:
            self.tool_execution.answered = True

    def set_external_execution_result(self, result: Any) -> None:
        """What came of it elsewhere; nothing at all ("") is a result too."""
        if self._takes(RequirementKind.external_execution, "external execution"):
            self.external_execution_result = result

    # What is still open.

    @property
    def tool(self) -> ToolExecution:
        """The call of the tool (page 002's name for it)."""
        return self.tool_execution

    @property
    def needs_confirmation(self) -> bool:
        """A yes or no is missing."""
        return bool(self.tool_execution.requires_confirmation) and self._said is None

    @property
    def needs_user_input(self) -> bool:
        """The form is not filled in."""
        call = self.tool_execution
        waits = call.requires_user_input and self._said is not False
        return bool(waits) and not call.answered and not call.is_filled

    @property
    def needs_user_feedback(self) -> bool:
        """A question has no answer."""
        call = self.tool_execution
        return (
            bool(call.user_feedback_schema)
            and self._said is not False
            and not (call.answered or call.is_chosen)
        )

    @property
    def needs_external_execution(self) -> bool:
        """There is no result from elsewhere."""
        call = self.tool_execution
        waits = call.external_execution_required and self._said is not False
        return bool(waits) and call.result is None and self.external_execution_result is None

    @property
    def is_external_tool_execution(self) -> bool:
        """Page 002's name for `needs_external_execution`."""
        return self.needs_external_execution

    @property
    def external_execution_silent(self) -> bool:
        """The wait is not put into words."""
        return bool(self.tool_execution.external_execution_silent)

    @property
    def pause_type(self) -> str:
        """What is asked: user_feedback, external_execution, user_input or confirmation."""
        call = self.tool_execution
        if call.user_feedback_schema:
            return "user_feedback"
        if call.external_execution_required:
            return "external_execution"
        return "user_input" if call.requires_user_input else "confirmation"

    def is_resolved(self) -> bool:
        """Nothing is missing."""
        return not (
            self.needs_confirmation
            or self.needs_user_input
            or self.needs_user_feedback
            or self.needs_external_execution
        )

    # For the run.

    @property
    def answered_at(self) -> datetime | None:
        """When it was last answered, at whichever level."""
        if self._settled is not None:
            at: datetime | None = vars(self)["_answered_at"]
            return at
        times = (part.assigned_at for part in self._answerables)
        return max((time for time in (vars(self).get("_answered_at"), *times) if time), default=None)

    def answer(self) -> Answer | None:
        """What was said, as the engine takes it; None while something is missing, or nothing was asked."""
        if self._settled is not None or not self.is_resolved() or not self.tool_execution.is_paused:
            return self._settled
        note = self.tool_execution.confirmation_note
        if self._said is False:
            return Answer(action=Action.reject, feedback=note)
        call = self.tool_execution
        match self.pause_type:
            case "user_feedback":
                chosen = {question.question: question.chosen for question in call.user_feedback_schema or ()}
                return Answer(action=Action.approve, feedback=note, values=chosen)
            case "user_input":
                filled = {f.name: f.value for f in call.user_input_schema or () if f.value is not None}
                return Answer(action=Action.approve, feedback=note, values=filled)
            case "external_execution":
                result = self.external_execution_result if call.result is None else call.result
                return Answer(action=Action.approve, feedback=note, content=result)
        return self._confirmed(note)

    @classmethod
    def of(
        cls,
        ask: Ask,
        answer: Answer | None = None,
        answered_at: datetime | None = None,
        created_at: datetime | None = None,
    ) -> Self:
        """What an engine's question looks like to a script, with the answer that it has for good, if it has one."""
        tool = ask.tool
        assert tool is not None, f"{ask.kind} is not about a tool"
        member, asked_at = tool.get("member") or {}, created_at or datetime.now(UTC)
        requirement = cls(
            tool_execution=ToolExecution.of(ask.kind, tool, asked_at),
            id=f"{ask.path}#{ask.key}",
            created_at=asked_at,
            member_agent_id=member.get("id"),
            member_agent_name=member.get("name"),
            member_run_id=member.get("run_id"),
        )
        if answer is not None:
            requirement._fill(answer)
            vars(requirement).update(_settled=answer, _answered_at=answered_at)
        return requirement

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, without what is not set."""
        at = self.answered_at
        return super().to_dict() | ({"answered_at": at.isoformat()} if at else {})

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The requirement that `to_dict` described. What is said of the whole counts for the call of the tool where
        that says nothing itself; `answered` follows only if this filled in what was still open."""
        requirement = super().from_dict(data)
        if isinstance(data, Mapping) and data.get("answered_at"):
            for part in (requirement, *requirement.tool_execution.answerables):
                vars(part).pop("_assigned_at", None)
            vars(requirement)["_answered_at"] = datetime.fromisoformat(data["answered_at"])
        return requirement

    # Inside.

    @property
    def _settled(self) -> Answer | None:
        found: Answer | None = vars(self).get("_settled")
        return found

    @property
    def _said(self) -> bool | None:
        nested = self.tool_execution.confirmed
        return self.confirmation if nested is None else nested

    @property
    def _answerables(self) -> Iterator[Answerable]:
        yield self
        yield from self.tool_execution.answerables

    def _takes(self, kind: RequirementKind, words: str) -> bool:
        """Whether there is still something to say; ValueError where this is not what is asked."""
        if self._settled is not None:
            return False
        call = self.tool_execution
        asked = call.user_feedback_schema if kind is RequirementKind.feedback else getattr(call, FLAGS[kind])
        if not asked:
            raise ValueError(f"This requirement does not require {words}")
        return True

    def _decided(self, yes: bool) -> bool:
        """Whether the same was said before; ValueError after the opposite."""
        if self._said is not None and self._said is not yes:
            raise ValueError(f"This requirement was already {'confirmed' if self._said else 'rejected'}")
        return self._said is yes

    def _confirmed(self, note: str | None) -> Answer:
        now = self.tool_execution.tool_args
        changed = now if now != vars(self)["_asked"] else None
        args = self.edited_args if self.edited_args is not None else changed
        if args is None:
            return Answer(action=Action.approve, feedback=note)
        return Answer(action=Action.edit, feedback=note, content=dict(args))

    def _share(self, name: str) -> None:
        """Both levels have the same form and questions; what is filled in here counts where the call has nothing."""
        call = self.tool_execution
        upper, lower = getattr(self, name), getattr(call, name)
        if upper and not lower:
            vars(call)[name] = upper  # past the setter: what it was made with is nobody's answer
        elif upper:
            call.take(upper, lower)
        setattr(self, name, getattr(call, name))

    def _fill(self, answer: Answer) -> None:
        call = self.tool_execution
        if not answer.approved:
            self.confirmation, self.confirmation_note = False, answer.feedback
            return
        if call.requires_confirmation:
            self.confirmation, self.confirmation_note = True, answer.feedback
            self.edited_args = answer.content if answer.action is Action.edit else None
        elif call.external_execution_required:
            self.external_execution_result = answer.content
        elif call.user_feedback_schema:
            for question in call.user_feedback_schema:
                question.selected_options = list(answer.values.get(question.question) or ())
            call.answered = True
        else:
            self.provide_user_input(answer.values)


def _call(given: Any) -> ToolExecution:
    return ToolExecution.from_dict(given or {})


def _time(given: Any) -> datetime:
    return given if isinstance(given, datetime) else datetime.fromisoformat(given)
