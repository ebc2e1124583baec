"""Needs: what is still missing before a node has its output.

A `Call` is something the program must do (run the author's function), an `Ask` something a person must answer.
`once` is how the walk gets what came of a call: from the record's memo when it is there, else by raising `Missing`;
`decided` is how it gets a person's answer, which counts only for what they were asked about.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from workflows.canonical import digest
from workflows.engine import values
from workflows.engine.events import Event
from workflows.types import Action, Answer, InputErrors, OnReject, OnTimeout, RequirementKind, UserInputField
from workflows.types.fields import check_values

if TYPE_CHECKING:
    from workflows.engine.flow import Branch
    from workflows.engine.record import Record

REVIEWS = (RequirementKind.output_review, RequirementKind.iteration_review)

# What is asked about a call of a tool.
TOOL_KINDS = (
    RequirementKind.tool_confirmation,
    RequirementKind.tool_input,
    RequirementKind.external_execution,
    RequirementKind.feedback,
)
EDITABLE = (*REVIEWS, RequirementKind.tool_confirmation)


@dataclass(kw_only=True, eq=False, slots=True)
class Call:
    """Run something once and report what came of it. Never changed.

    `prepare` makes the arguments, when the call is about to be performed; `settle` turns what the function gave
    back into what the memo keeps. `branch` is the parallel branch that sees its changes of the session's state.
    `say` is how it tells what it has so far, where a driver has somebody who listens (it is set by the driver).
    """

    record: "Record"
    key: str
    function: Callable[..., Any]
    prepare: Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]
    settle: Callable[[Any], Any]
    branch: "Branch | None" = None
    live: bool = False
    say: Callable[[Event], object] | None = None

    @property
    def teller(self) -> Callable[[str], object] | None:
        """How a piece of text is told; None where nobody listens."""
        say = self.say
        return say and (lambda piece: say(self.record.event("RunContent", content=piece)))


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question to a person: what is asked, what may be answered, and what silence causes. Plain data.

    `key` tells apart the questions at one node (`before:0`, `review:1`); `retry_count` is how often the same thing
    was rejected before; `timeout` is in seconds from the moment it is asked; `evidence` is the path and slot of the
    value that the person should look at. `tool` says which call of a tool is meant: name, args (as the model gave
    them), call_id, description, parameters (a JSON schema), fields, questions, approval, silent, executor, member.
    `idempotency_key` is that of a call that was cut off. `policy` is what the step says of who decides (see
    `types.ReviewPolicy`), only what it says. `subject` is the digest of what is passed on once it is approved, where
    the question itself does not have it: a node's input, an output.
    """

    path: str
    key: str
    kind: RequirementKind
    step_name: str
    step_type: str
    step_index: int = 0
    message: str = ""
    input_message: str | None = None
    confirm: bool = False
    fields: tuple[dict[str, Any], ...] = ()
    choices: tuple[dict[str, Any], ...] = ()
    proposal: tuple[str, ...] = ()
    allow_multiple: bool = False
    on_reject: OnReject = OnReject.skip
    max_retries: int | None = None
    retry_count: int = 0
    timeout: int | None = None
    on_timeout: OnTimeout | None = None
    evidence: tuple[str, str] | None = None
    error: dict[str, Any] | None = field(default=None)
    idempotency_key: str = ""
    tool: dict[str, Any] | None = None
    policy: dict[str, Any] = field(default_factory=dict)
    subject: str = ""

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical JSON of what is done once this is approved: where, with what, by which way."""
        tool = {name: self.tool.get(name) for name in ("name", "args")} if self.tool is not None else None
        said = {"path": self.path, "kind": str(self.kind), "subject": self.subject, "tool": tool}
        ways = {"choices": [choice["name"] for choice in self.choices], "proposal": list(self.proposal)}
        return digest(said | ways | {"error": self.error})

    @property
    def actions(self) -> tuple[Action, ...]:
        """What may be answered."""
        if self.kind is RequirementKind.error:
            limited = self.max_retries is not None and self.retry_count >= self.max_retries
            return (Action.skip, Action.cancel) if limited else (Action.retry, Action.skip, Action.cancel)
        first = (Action.approve, Action.edit) if self.kind in EDITABLE else (Action.approve,)
        return (*first, Action.reject, Action.cancel)

    def check(self, answer: Answer) -> None:
        """Refuse an answer that does not fit, as InputErrors by field; "action" when the verb itself is wrong."""
        if answer.action not in self.actions:
            verbs = ", ".join(self.actions)
            raise InputErrors({"action": f"'{answer.action}' cannot be answered here; possible: {verbs}"})
        _refuse_unkeepable(content=answer.content, values=answer.values, feedback=answer.feedback)
        if self.tool is not None and answer.approved:
            self._check_tool(self.tool, answer)
        if answer.action is not Action.approve:
            return
        if self.kind is RequirementKind.user_input:
            self._check_values(answer.values)
        elif self.kind is RequirementKind.route:
            self._check_choices(answer.choices)

    def _check_values(self, filled: dict[str, Any]) -> None:
        if self.fields:
            check_values([UserInputField.of(form_field) for form_field in self.fields], filled)
        elif not filled:
            raise InputErrors({"values": "Something must be filled in"})

    def _check_choices(self, chosen: tuple[str, ...]) -> None:
        names = [choice["name"] for choice in self.choices]
        unknown = [name for name in chosen if name not in names]
        if unknown or not chosen:
            wrong = f"Unknown: {', '.join(unknown)}. " if unknown else ""
            raise InputErrors({"choices": f"{wrong}Choose from: {', '.join(names)}"})
        if len(chosen) > 1 and not self.allow_multiple:
            raise InputErrors({"choices": "Only one of them can be chosen"})

    def _check_tool(self, tool: dict[str, Any], answer: Answer) -> None:
        """Refuse what the tool could not be used with."""
        match self.kind:
            case RequirementKind.tool_input:
                _check_fields(tool["fields"], answer.values, "values")
            case RequirementKind.feedback:
                _check_feedback(tool["questions"], answer.values)
            case RequirementKind.external_execution if answer.content is None:
                raise InputErrors({"content": "The result of the tool is missing"})
            case RequirementKind.tool_confirmation if answer.action is Action.edit:
                if not isinstance(answer.content, dict):
                    raise InputErrors({"content": "The arguments must be an object: names and values"})
                _check_fields(
                    [field | {"value": None} for field in tool["fields"]], answer.content, "content"
                )

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean; what is inside of it is the question's own, and not to be changed."""
        return {field.name: getattr(self, field.name) for field in dataclass_fields(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The question that `to_dict` described."""
        enums: dict[str, Any] = {
            "kind": RequirementKind(data["kind"]),
            "on_reject": OnReject(data["on_reject"]),
            "on_timeout": OnTimeout(data["on_timeout"]) if data.get("on_timeout") else None,
            "fields": tuple(data.get("fields", ())),
            "choices": tuple(data.get("choices", ())),
            "proposal": tuple(data.get("proposal", ())),
            "evidence": tuple(data["evidence"]) if data.get("evidence") else None,
        }
        return cls(**data | enums)


def _check_fields(fields: list[dict[str, Any]], given: dict[str, Any], part: str) -> None:
    known = [UserInputField.of(field) for field in fields]
    unknown = given.keys() - {field.name for field in known}
    if unknown:
        raise InputErrors({part: f"The tool has no argument {', '.join(sorted(unknown))}"})
    check_values(known, given)


def _check_feedback(questions: list[dict[str, Any]], given: dict[str, Any]) -> None:
    """Each question is answered with labels that it offers, and with one alone where only one may be chosen."""
    wrong: dict[str, str] = {}
    for question in questions:
        text, chosen = question["question"], given.get(question["question"]) or []
        offered = [option["label"] for option in question.get("options") or ()]
        if not chosen:
            wrong[text] = f"'{text}' is not answered"
        elif offered and not set(chosen) <= set(offered):
            wrong[text] = f"'{text}': choose from {', '.join(offered)}"
        elif len(chosen) > 1 and not question.get("multi_select"):
            wrong[text] = f"'{text}': only one can be chosen"
    if wrong:
        raise InputErrors(wrong)


def _refuse_unkeepable(**parts: Any) -> None:
    for name, part in parts.items():
        try:
            values.encode(part)
            values.json_clean({name: part}, name)
        except values.UnencodableValue as refused:
            raise InputErrors({name: str(refused)}) from None


Need = Call | tuple["Record", Ask]


class Missing(BaseException):
    """The walk cannot go on without these needs. A BaseException, so that no on_error policy can swallow it."""

    def __init__(self, *needs: Need) -> None:
        super().__init__(*needs)
        self.needs = needs


def once(record: "Record", key: str, need: Callable[[], Need]) -> Any:
    """The answer to a need, from the record's memo; raises Missing while there is none."""
    try:
        return record.memo[key]
    except KeyError:
        raise Missing(need()) from None


def decided(record: "Record", key: str, need: Callable[[], Need]) -> Answer:
    """A person's answer; raises Missing while there is none, and where the question would be another one by now.

    What is about to be done is looked at once in each process, when the answer is first acted on: a question is made
    anew of what is there, and must have the digest for which the answer was given.
    """
    answer: Answer = once(record, key, need)
    bound, place = record.memo.get(bond(key)), (record.path, key)
    if place in record.journal.unchanged or not _acts(answer):
        return answer
    now = need()
    if isinstance(now, tuple) and now[1].digest != bound:
        raise Missing(now)
    record.journal.unchanged.add(place)
    return answer


def bond(key: str) -> str:
    """Where a record's memo has the digest for which the answer under a key was given."""
    return f"bound:{key}"


def _acts(answer: Answer) -> bool:
    return answer.approved or answer.action is Action.retry
