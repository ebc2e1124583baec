"""A transcript: what an agent or a team said and did, turn by turn, with the talks of a team's members inside.

Of each talk only the newest turns are shown on the page of a run; a page of its own has all of them, some at a time.
Five queries, however much was said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, TextField, When, Window
from django.db.models.functions import Length, RowNumber

from hitl_portal.places import step_path
from hitl_portal.runs.outputs import MOST_CHARACTERS, Output, short_data
from workflows.models import Decision, Requirement, StepRecord, Value, WorkflowRun
from workflows.types import Action, Answer, RequirementKind, StepStatus

MOST_TURNS = 20  # of one talk at a time
MOST = 200  # of all talks together
MOST_TO_READ = 200_000  # characters of one turn; of a longer one nothing is shown but that it is there
TURN = "turn:"


@dataclass(frozen=True, kw_only=True)
class Use:
    """One call that the model made: of a tool, or of members of the team, whose talks are `talks`.

    `requirement` is what a person was asked about it. `result` is what came of it.
    """

    call: Mapping[str, Any]
    record: StepRecord | None = None
    result: Output | None = None
    requirement: Requirement | None = None
    talks: list["Talk"] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Where it stands: refused, waiting, rejected, running, failed, done, or asked for."""
        if self.call.get("refused"):
            return "refused"
        if self.requirement is not None and self.requirement.is_open:
            return "waiting"
        if self.decision is not None and not Answer.from_dict(self.decision.answer).approved:
            return "rejected"
        if self.talks:
            return "running" if any(talk.is_open for talk in self.talks) else "done"
        if self.record is None:
            return "asked"
        states = {StepStatus.completed: "done", StepStatus.failed: "failed", StepStatus.waiting: "waiting"}
        return states.get(StepStatus(self.record.status), "running")

    @cached_property
    def decision(self) -> Decision | None:
        """What somebody decided about it."""
        return self.requirement.decision if self.requirement else None

    @property
    def used_with(self) -> dict[str, Any] | None:
        """The arguments that a person has made of the model's; None where those were used as they are."""
        if self.decision is None or self.requirement is None:
            return None
        answer = Answer.from_dict(self.decision.answer)
        if answer.action is Action.edit:
            return dict(answer.content)
        is_form = self.requirement.kind == RequirementKind.tool_input and answer.approved
        return self.args | answer.values if is_form and answer.values else None

    @property
    def args(self) -> dict[str, Any]:
        """As the model gave them."""
        return dict(self.call.get("args") or {})


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One reply of the model. `is_long`: too long to be shown."""

    id: UUID
    number: int
    text: str = ""
    thinking: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    is_long: bool = False


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What one agent said, at one place. `total` counts all its turns; `is_open`: it is not over."""

    path: str
    name: str
    kind: str
    turns: list[Turn]
    total: int
    is_open: bool = False

    @property
    def is_member(self) -> bool:
        """It belongs to a team."""
        return step_path(self.path) != self.path

    @property
    def earlier(self) -> int:
        """How many of its turns come before the first that is shown."""
        return self.turns[0].number if self.turns else 0


def talks_of(run: WorkflowRun) -> dict[str, list[Talk]]:
    """The talks of a run by the path of their step: that of the agent or team itself, and after it those of members
    whose leader's turn is not shown any more. One query where nobody talks."""
    found = _Read(run, list(_newest(_turns(run))[:MOST]))
    by_step: dict[str, list[Talk]] = defaultdict(list)
    for talk in found.talks():
        by_step[step_path(talk.path)].append(talk)
    return by_step


def talk_at(run: WorkflowRun, path: str, first: int) -> Talk | None:
    """Some turns of one talk, beginning with the one numbered `first`; None where there is no such talk."""
    of_talk = _turns(run).filter(path=path)
    last = first + MOST_TURNS
    slots = [f"{TURN}{number}" for number in range(first, last)]
    own = list(of_talk.filter(slot__in=slots).annotate(total=_total()))
    if not own:
        return None
    numbers = "|".join(str(number) for number in range(first, last))
    inside = _newest(_turns(run).filter(path__regex=f"^{re.escape(path)}/({numbers})[.]"))
    talks = _Read(run, [*own, *inside[:MOST]]).talks()
    found = next((talk for talk in talks if talk.path == path), None)
    return found and Talk(**{**vars(found), "total": of_talk.count()})


def _turns(run: WorkflowRun) -> QuerySet[Value]:
    turns: QuerySet[Value] = short_data(run.values.filter(slot__startswith=TURN), MOST_TO_READ)
    return turns


def _newest(turns: QuerySet[Value]) -> QuerySet[Value]:
    """The last turns of each talk, the newest first."""
    latest_first = (Length("slot").desc(), F("slot").desc())
    rank = Window(RowNumber(), partition_by=F("path"), order_by=latest_first)
    return turns.annotate(rank=rank, total=_total()).filter(rank__lte=MOST_TURNS).order_by("-id")


def _total() -> Window:
    return Window(Count("id"), partition_by=F("path"))


class _Read:
    """Turns, and what is known of the calls in them."""

    def __init__(self, run: WorkflowRun, turns: list[Any]) -> None:
        self.run = run
        self.data = {turn.id: Value(data=turn.text).plain() if turn.text else None for turn in turns}
        self.turns: dict[str, list[Any]] = defaultdict(list)
        for turn in sorted(turns, key=_number):
            self.turns[turn.path].append(turn)
        paths = set(self.turns) | {path for turn in turns for path in self._called(turn)}
        self.records = self._records(paths) if paths else {}
        self.asked = self._asked(paths) if paths else {}
        self.shown: set[str] = set()

    def talks(self) -> list[Talk]:
        """The talks that stand in no other one that is shown, in the order of their places."""
        inside = {path for turns in self.turns.values() for turn in turns for path in self._called(turn)}
        return [self._talk(path) for path in sorted(self.turns) if path not in inside]

    def _talk(self, path: str) -> Talk:
        turns = self.turns.get(path, [])
        record, _ = self.records.get(path, (None, None))
        said: dict[str, Any] = next((data for turn in reversed(turns) if (data := self.data[turn.id])), {})
        named = path.rpartition(":")[2] if not turns else path.rpartition("/")[2]
        return Talk(
            path=path,
            name=said.get("executor_name") or unquote(named),
            kind=said.get("executor_type") or "agent",
            turns=[self._turn(turn) for turn in turns],
            total=turns[0].total if turns else 0,
            is_open=record is not None and not StepStatus(record.status).finished,
        )

    def _turn(self, turn: Any) -> Turn:
        data = self.data[turn.id]
        if data is None:
            return Turn(id=turn.id, number=_number(turn), is_long=True)
        reply = data.get("reply") or {}
        return Turn(
            id=turn.id,
            number=_number(turn),
            text=reply.get("text") or "",
            thinking=reply.get("thinking") or "",
            usage=reply.get("usage") or {},
            uses=[self._use(turn.path, call) for call in data.get("calls") or ()],
        )

    def _use(self, path: str, call: Mapping[str, Any]) -> Use:
        place = call["place"]
        if isinstance(place, list):
            return Use(call=call, talks=[self._talk(f"{path}/{segment}") for segment in place])
        at = f"{path}/{place}"
        record, result = self.records.get(at, (None, None))
        return Use(call=call, record=record, result=result, requirement=self.asked.get(at))

    def _called(self, turn: Any) -> Iterable[str]:
        """The paths of everything that a turn calls."""
        for call in (self.data[turn.id] or {}).get("calls") or ():
            places = call["place"] if isinstance(call["place"], list) else [call["place"]]
            yield from (f"{turn.path}/{place}" for place in places)

    def _records(self, paths: set[str]) -> dict[str, tuple[StepRecord, Output | None]]:
        sized = self.run.records.filter(path__in=paths).annotate(size=Length("output__data"))
        is_short = When(Q(size__lte=MOST_CHARACTERS), then=F("output__data"))
        rows = sized.annotate(text=Case(is_short, default=None, output_field=TextField())).defer("memo")
        return {row.path: (row, _output(row)) for row in rows}

    def _asked(self, paths: set[str]) -> dict[str, Requirement]:
        """What people were asked about a call, by its path; what was asked last."""
        asked = self.run.requirements.filter(path__in=paths).exclude(details__tool=None)
        return {requirement.path: requirement for requirement in asked.prefetch_related("decisions")}


def _output(row: Any) -> Output | None:
    return Output.of(row.output_id, row.size, row.text) if row.output_id else None


def _number(turn: Any) -> int:
    return int(turn.slot.removeprefix(TURN))
