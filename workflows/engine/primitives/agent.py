"""Agent: a model and its tools in turns, until the model says something without asking for a tool.

Each turn is a call whose reply is kept as a value; each use of a tool, or of a team's member, is a place of its own
under `<turn>.<position>:<name>` (see `batch`). A turn that is done is behind the record's cursor: of it, only the
values are left, and they are read when the model is asked again.
"""

from dataclasses import dataclass
from typing import Any

from workflows.engine import values
from workflows.engine.conversation import Message, Reply
from workflows.engine.flow import Flow
from workflows.engine.invoke import context, given_state, step_input
from workflows.engine.needs import Call
from workflows.engine.plan import AgentNode
from workflows.engine.primitives.batch import Batch, result_of, who
from workflows.engine.primitives.step import repeated, settled
from workflows.engine.primitives.tool import described
from workflows.engine.record import Failure, Outcome, Record, Success
from workflows.engine.walk import perform
from workflows.types import StepOutput, StepType

# What stays in the memo of a call that the model made; the rest is with the reply.
SMALL = ("place", "gate", "alone", "stops", "refused")


class EmptyReply(Exception):
    """The model said nothing and asked for no tool."""


@perform.register
def perform_agent(node: AgentNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Talk until the model is done, from the turn where the last walk ended."""
    talk = Talk(node=node, record=record, flow=flow, redo=redo)
    if talk.outcome is not None:
        return talk.outcome
    talk.begin()
    while True:
        turn = record.cursor
        said = settled(node, record, flow, f"turn:{turn}", talk.tried)
        if isinstance(said, Outcome):
            return talk.over(said)
        if not said.value:
            assert said.outcome is not None
            return talk.done(said.outcome)
        batch = Batch(node=node, record=record, flow=flow, turn=turn, calls=said.value)
        batch.decide()
        batch.perform()
        if batch.last is not None:
            return talk.done(talk.output_of(batch.last))
        talk.turned(turn)


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One talk of an agent with its model; a reviewer who sends the output back (`redo`) starts another."""

    node: AgentNode
    record: Record
    flow: Flow
    redo: int

    def begin(self) -> None:
        """Remember at which turn it begins."""
        record, redo = self.record, self.redo
        if f"begun:{redo}" in record.memo:
            return
        if self.node.kind is StepType.STEP:
            if redo or "before:0" in record.memo:
                record.tell(f"continued:{redo}", "StepContinued")
            record.tell(f"started:{redo}", "StepStarted")
        if redo:  # whatever came of the last turn, it was another talk's
            record.turned(record.cursor)
        record.remember(f"begun:{redo}", record.cursor)
        record.tell(f"run:{redo}", "RunStarted", **who(self.node))

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, once it is over: another talk may have begun after it."""
        known = self.record.memo.get(f"over:{self.redo}")
        return known.outcome if known is not None else None

    def tried(self, again: int) -> Success | Failure:
        """What the model says at this turn; where it was asked so often already, only after a person said "again"."""
        record = self.record
        if self.spent and not again:
            said = f"No answer after {record.cursor - self.begun} turns."
            return Failure(error_type="TurnLimit", message=said, final=True)
        return repeated(record, f"turn:{record.cursor}.{again}", self.node.max_retries, self.call)

    def turned(self, turn: int) -> None:
        """A turn is done. One that a person has let it take is the first of as many once more."""
        if self.spent:
            self.record.remember(f"counted:{self.redo}", turn)
        self.record.turned(turn)

    def call(self, key: str) -> Call:
        """Ask the model."""
        call = Call(
            record=self.record,
            key=key,
            function=self.node.executor.reply,
            prepare=lambda: ((self.messages(), call.teller), {}),
            settle=self.kept,
            live=True,
        )
        return call

    @property
    def begun(self) -> int:
        """The turn at which it began."""
        turn: int = self.record.memo[f"begun:{self.redo}"]
        return turn

    @property
    def spent(self) -> bool:
        """It has taken all the turns that it may take before somebody looks."""
        counted: int = self.record.memo.get(f"counted:{self.redo}", self.begun)
        return self.record.cursor - counted >= self.node.executor.turns

    def messages(self) -> list[Message]:
        """Everything that was said so far, for the model's next reply."""
        self.record.journal.gather(self.record.path)
        given = step_input(self.record, self.flow)
        run = context(self.flow.inputs, given_state(self.flow))
        said = self.node.executor.opening(self.node.message(given), given, run)
        for turn in range(self.begun, self.record.cursor):
            said += spoken(self.record, turn)
        return said

    def kept(self, reply: Reply) -> Success:
        """A reply as the output of a step, which the last one is; what is small of its calls stays in the memo."""
        if not (reply.text or reply.calls):
            raise EmptyReply("The model said nothing and asked for no tool.")
        turn, node = self.record.cursor, self.node
        calls = [described(node, turn, position, call) for position, call in enumerate(reply.calls)]
        data = self._named(reply.text).parts() | {"reply": reply.to_dict(), "calls": calls}
        small = [{name: call[name] for name in SMALL} for call in calls]
        return Success(outcome=Outcome(f"turn:{turn}"), encoded=values.encode(data), value=small)

    def output_of(self, call: dict[str, Any]) -> Outcome:
        """The result of a tool after which the agent is done, as its output."""
        text, failed = result_of(self.record, call["place"])
        output = self._named(text)
        output.success = not failed
        return self.record.produce(output, f"output:{self.redo}")

    def done(self, outcome: Outcome) -> Outcome:
        """Tell that it is over."""
        self.record.tell(f"ran:{self.redo}", "RunCompleted", **who(self.node))
        if self.node.kind is StepType.STEP:
            self.record.tell(f"completed:{self.redo}", "StepCompleted")
        return self.over(outcome)

    def over(self, outcome: Outcome) -> Outcome:
        """Keep what came of it."""
        self.record.remember(f"over:{self.redo}", Success(outcome=outcome))
        return outcome

    def _named(self, content: str) -> StepOutput:
        executor = self.node.executor
        output = StepOutput(content=content, executor_type=str(executor.type), executor_name=executor.name)
        return output.named(self.node.name, self.node.kind)


def spoken(record: Record, turn: int) -> list[Message]:
    """What was said in one turn: the model's reply, and what it was told of each of its calls."""
    data = record.journal.data(record, f"turn:{turn}")
    reply = Reply.from_dict(data["reply"])
    said = [Message(role="assistant", content=reply.text, reply=reply)]
    for call, known in zip(reply.calls, data["calls"], strict=True):
        content, failed = result_of(record, known["place"])
        said.append(Message(role="tool", content=content, call=call, failed=failed))
    return said
