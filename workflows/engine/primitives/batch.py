"""Batch: the calls of one reply. Nothing of it is done before everything in it that people are asked is decided.

A call of a tool is a place of its own; one that hands a task to members of the team is a place for each of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from workflows.engine.conversation import TASK
from workflows.engine.flow import Before, Flow
from workflows.engine.needs import Missing, Need, decided
from workflows.engine.plan import MEMBER, AgentNode, join
from workflows.engine.primitives.tool import Use, refuse, told
from workflows.engine.record import Record
from workflows.engine.review import Cancelled, question
from workflows.engine.walk import walk
from workflows.types import Action, Answer, RequirementKind

# What a question says of the call that it is about.
SAID = ("name", "args", "call_id", "description", "parameters", "fields", "questions", "approval", "silent")

WANTS = {
    RequirementKind.tool_confirmation: "{0} wants to use '{1}'.",
    RequirementKind.tool_input: "{0} needs input for '{1}'.",
    RequirementKind.external_execution: "{0} needs the result of '{1}', which it cannot use itself.",
    RequirementKind.feedback: "{0} has questions.",
}

# In the place of a position.
NONE = -1


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The calls of one turn, as `described` has them in small."""

    node: AgentNode
    record: Record
    flow: Flow
    turn: int
    calls: list[dict[str, Any]]

    @property
    def last(self) -> dict[str, Any] | None:
        """The call after which the agent is done."""
        position: int = self.record.memo[self._key]
        return None if position == NONE else self.calls[position]

    def decide(self) -> None:
        """Ask about everything that people are asked about. Raises Missing until all of it is decided."""
        if self._begun:
            return
        gated = [position for position, call in enumerate(self.calls) if call["gate"]]
        for position in gated:
            self._end_where_cancelled(position)
        try:
            together(partial(self._decided, position) for position in gated)
        except Missing as missing:
            self._tell_pause(missing.needs)
            raise
        if gated:
            self._tell_continued()

    def _end_where_cancelled(self, position: int) -> None:
        """A no that ends the run waits for nobody."""
        place = self._at(position)
        answer: Answer | None = place.memo.get("gate")
        if answer is not None and answer.action is Action.cancel:
            raise Cancelled(f"Workflow cancelled: Tool '{place.node.name}' was rejected")

    def perform(self) -> None:
        """Do what is asked for, side by side; what may change the session's state one after another."""
        needs: list[Need] = []
        busy = False
        for position, call in enumerate(self.calls):
            if call["alone"] and busy:
                continue
            try:
                self._perform(position, call)
            except Missing as missing:
                needs += missing.needs
                busy = busy or call["alone"]
        if not self._begun:
            self.record.remember(self._key, self._stopping())
        if needs:
            raise Missing(*needs)

    def _stopping(self) -> int:
        """The last of the calls that are used and after which the agent is done; NONE where there is no such."""
        allowed = (
            position
            for position, call in enumerate(self.calls)
            if call["stops"] and not call["refused"] and self._permitted(position)
        )
        return max(allowed, default=NONE)

    def _permitted(self, position: int) -> bool:
        """Nobody has said no to a call."""
        answer: Answer | None = self._at(position).memo.get("gate")
        return answer is None or answer.approved

    def _perform(self, position: int, call: dict[str, Any]) -> None:
        if isinstance(call["place"], list):
            self._delegate(position, call["place"])
            return
        place = self._at(position)
        if place.finished:
            return
        answer = self._decided(position) if call["gate"] else None
        if call["refused"]:
            refuse(place, call["refused"])
        elif answer is not None and not answer.approved:
            refuse(place, answer.feedback or "Function call was rejected by the user")
        else:
            read = partial(self._described, position)
            Use(executor=self.node.executor, place=place, flow=self.flow, asked=read, answer=answer).perform()

    def _delegate(self, position: int, segments: list[str]) -> None:
        """Let members do what the leader wants of them, each in a talk of its own."""
        inside = Flow(
            inputs=self.flow.inputs,
            before=Before(self.record.journal),
            notes={TASK: self._described(position)["task"]},
            branch=self.flow.branch,
            granted=self.flow.granted,
        )
        members = [self._reached(segment) for segment in segments]
        together(partial(walk, member.node, member, inside) for member in members if not member.finished)

    def _decided(self, position: int) -> Answer:
        place = self._at(position)
        return decided(place, "gate", partial(self._question, place, position))

    def _question(self, place: Record, position: int) -> Need:
        """What people are asked about a call, around the step that runs the outermost agent."""
        call, top = self._described(position), outermost(self.record)
        tool = {name: call[name] for name in SAID} | {"executor": self._named(top)}
        return question(
            top.node,
            place,
            key="gate",
            kind=RequirementKind(call["gate"]),
            message=WANTS[call["gate"]].format(self.node.executor.name, call["name"]),
            tool=tool | {"member": None if top is self.record else self._named(self.record)},
        )

    def _tell_pause(self, needs: Iterable[Need]) -> None:
        """Say that the agent waits, when it begins to."""
        known = self.record.journal.open
        if any(isinstance(need, tuple) and (need[1].path, need[1].key) not in known for need in needs):
            for around in self._around:
                around.journal.tell("RunPaused", around, **who(around.node))
            top = outermost(self.record)
            top.journal.tell("StepExecutorPaused", top, **who(top.node))

    def _tell_continued(self) -> None:
        """Say that it goes on, and with it the teams that it works for."""
        top, key = outermost(self.record), f"{self.record.path}:{self.turn}"
        top.tell(f"continued:{key}", "StepExecutorContinued", **who(top.node))
        for around in reversed(self._around):
            around.tell(f"run continued:{key}", "RunContinued", **who(around.node))

    @property
    def _around(self) -> list[Record]:
        """This agent and the teams that it works for, the outermost last."""
        path, found = self.record.path, [self.record]
        while path != outermost(self.record).path:
            path = path.rpartition("/")[0]
            found.append(self.record.journal.records[path])
        return found

    def _named(self, record: Record) -> dict[str, str]:
        """An agent or team, as a question about one of its tools has it."""
        assert isinstance(record.node, AgentNode)
        executor, run_id = record.node.executor, f"{self.flow.inputs.run_id}:{record.path}"
        named = {"id": executor.id, "name": executor.name, "type": str(executor.type)}
        return named | {"path": record.path, "run_id": run_id}

    @property
    def _begun(self) -> bool:
        """Everything in it is decided, and some of it may be done."""
        return self._key in self.record.memo

    @property
    def _key(self) -> str:
        """Under which the agent's record has, once it has begun, the call that the agent is done after."""
        return f"turn:{self.turn}.begun"

    def _at(self, position: int) -> Record:
        return self._reached(self.calls[position]["place"])

    def _reached(self, segment: str) -> Record:
        journal = self.record.journal
        # In a process that goes on, what is done is not in memory.
        found = journal.find(join(self.record.path, segment)) if self._begun else None
        return found or journal.reach_at(self.record, segment)

    def _described(self, position: int) -> Mapping[str, Any]:
        known: Mapping[str, Any] = self.record.journal.data(self.record, f"turn:{self.turn}")["calls"][
            position
        ]
        return known


def together(doing: Iterable[Callable[[], object]]) -> None:
    """Walk all of these; raises Missing with everything that they need."""
    needs: list[Need] = []
    for do in doing:
        try:
            do()
        except Missing as missing:
            needs += missing.needs
    if needs:
        raise Missing(*needs)


def result_of(record: Record, place: str | list[str]) -> tuple[str, bool]:
    """What the model is told of a call, and whether it failed."""
    segments = [place] if isinstance(place, str) else place
    results = [told(record.journal.output(join(record.path, segment))) for segment in segments]
    if len(results) == 1:
        return results[0]
    members = [record.node.at(segment) for segment in segments]
    ids = [member.executor.id for member in members if isinstance(member, AgentNode)]
    blocks = [f"{id}: {text}" for id, (text, _) in zip(ids, results, strict=True)]
    return "\n\n".join(blocks), all(failed for _, failed in results)


def outermost(record: Record) -> Record:
    """The agent or team that a step runs, seen from any agent inside it."""
    path = record.path
    if f":{MEMBER}" in path:
        path = path.split(f":{MEMBER}")[0].rpartition("/")[0]
    return record.journal.records[path]


def who(node: Any) -> dict[str, str]:
    """An agent or team, in the words of events."""
    executor = node.executor
    return {"executor_id": executor.id, "executor_name": executor.name, "executor_type": str(executor.type)}
