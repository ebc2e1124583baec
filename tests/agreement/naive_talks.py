"""The second opinion on agents and teams: what a talk with a model means, as the documentation tells it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.agreement.lines import Line, lines
from tests.agreement.meaning import CUT_OFF, Cancelled, Context, Output, as_text
from tests.agreement.trees import ALL, ASK, Talk, Tool, places
from tests.agreement.world import Wanted

if TYPE_CHECKING:
    from tests.agreement.naive import Naive

NO = "Function call was rejected by the user"
SILENT = "The model said nothing and asked for no tool."

Said = tuple[str, bool]  # what the model is told, and whether it failed
Told = dict[str, Any]


@dataclass
class Conversation:
    """One talk of an agent with its model; `outermost` is the one that stands in the step. `heard` is what the model
    knows, `allowed` how many turns it has before a person has to look."""

    naive: "Naive"
    talk: Talk
    path: str
    context: Context
    message: str
    outermost: Talk
    heard: list[list[Any]] = field(default_factory=list)
    said: int = 0
    allowed: int = 0

    def held(self) -> tuple[Output, bool]:
        """What came of it; whether a person has accepted its failure already."""
        self.heard, self.allowed = [["user", self.message, False]], self.talk.turns
        while True:
            turn = self.naive.turns[self.path]
            self.naive.turns[self.path] += 1
            reply, accepted = self.naive.settled(self.talk, self.path, self.context, self.turn())
            if isinstance(reply, Output):
                return reply, accepted
            text, wanted = reply
            if not wanted:
                return Output(text), False
            self.said += 1
            self.heard.append(["assistant", text, False])
            stopped = self.batch(turn, wanted)
            if stopped:
                return stopped, False

    def turn(self) -> Callable[[], tuple[tuple[str, list[Line]] | None, str]]:
        """A turn: what the model says, or why it says nothing; to be tried again where somebody says so."""
        told_to_look = False

        def tries() -> tuple[tuple[str, list[Line]] | None, str]:
            nonlocal told_to_look
            if self.said >= self.allowed and not told_to_look:
                told_to_look = True
                return None, f"No answer after {self.said} turns."
            if self.said >= self.allowed:
                self.allowed += self.talk.turns
            how = ""
            for _ in range(self.talk.tries + 1):
                number, how = self.asked()
                if how == "well":
                    return lines(self.talk, self.path, number, self.said), ""
                if how == CUT_OFF:
                    return None, CUT_OFF
                if how == "raises for good":
                    break
            return None, SILENT if how == "is silent" else f"{self.path} {how}"

        return tries

    def asked(self) -> tuple[int, str]:
        """The model is asked; again where the process has died meanwhile, unless that goes on."""
        while True:
            self.naive.world.called(self.path, said=[list(message) for message in self.heard])
            if not self.naive.world.dies(self.path):
                number = self.naive.came_back(self.path)
                return number, self.naive.world.replies(self.path, number, self.talk.calm)
            if self.naive.given_up(self.path, repeatable=True):
                return self.naive.tried[self.path], CUT_OFF

    def batch(self, turn: int, wanted: list[Line]) -> Output | None:
        """Ask about all that people are asked about, then do it all; the output, if the agent is done with it."""
        places = [f"{self.path}/{turn}.{position}" for position in range(len(wanted))]
        answers = [self.permitted(place, line) for place, line in zip(places, wanted, strict=True)]
        for (verb, _), line in zip(answers, wanted, strict=True):
            if verb == "cancel":
                raise Cancelled(f"Workflow cancelled: Tool '{line.name}' was rejected")
        stopped = None
        for place, line, answer in zip(places, wanted, answers, strict=True):
            text, failed = self.done(place, line, *answer)
            self.heard.append(["tool", text, failed])
            tool = self.talk.tool(line.name)
            if tool and tool.stops and answer[0] in ("approve", "edit") and not self.refused(line):
                stopped = Output(text, success=not failed)
        return stopped

    def permitted(self, place: str, line: Line) -> tuple[str, Told]:
        """What a person says to a call; an approval where nobody is asked."""
        tool = self.talk.tool(line.name)
        if tool is None or not tool.gate or self.refused(line):
            return "approve", {}
        member = None if self.talk is self.outermost else self.talk.name
        seen = [line.name, line.args, self.outermost.name, member]
        return self.naive.world.asked(self.spot(place, line), tool.gate, 0, seen, Wanted(line.args))

    def refused(self, line: Line) -> str:
        """Why a call is not done at all."""
        if line.wrong:
            return line.wrong
        if line.name.startswith("delegate_task"):
            known = line.args["task"] and line.args.get("member_id") != "?"
            return "" if known else "Wrong arguments"
        if self.talk.tool(line.name) is None:
            return f"There is no tool '{line.name}'."
        return "Wrong arguments" if "m" in line.args or line.args.get("questions") == [] else ""

    def done(self, place: str, line: Line, verb: str, answer: Told) -> Said:
        """What the model is told of a call."""
        if reason := self.refused(line):
            return reason, True
        if line.name.startswith("delegate_task"):
            return self.delegated(place, line)
        if verb == "reject":
            return answer.get("feedback") or NO, True
        tool = self.talk.tool(line.name)
        assert tool is not None
        if tool.gate == "external_execution":
            return as_text(answer["content"]), False
        args = answer["content"] if verb == "edit" else line.args | answer.get("values", {})
        return self.used(self.spot(place, line), tool, args, answer)

    def delegated(self, place: str, line: Line) -> Said:
        """Members do it, each in a talk of its own."""
        wanted = line.args.get("member_id", ALL)
        results = []
        for member, segment in zip(self.talk.members, places(self.talk.members, ""), strict=True):
            if wanted in (member.id, ALL):
                inside = Context(self.context.state)
                task = line.args["task"]
                path = f"{place}::{segment}"
                held = Conversation(self.naive, member, path, inside, task, self.outermost).held()
                results.append((member.id, held[0]))
        if len(results) == 1:
            return as_text(results[0][1].content), not results[0][1].success
        text = "\n\n".join(f"{id}: {as_text(output.content)}" for id, output in results)
        return text, not any(output.success for _, output in results)

    def used(self, place: str, tool: Tool, args: Told, answer: Told) -> Said:
        """The tool is used; where a process has died with it, again, or a person says what that means."""
        for retries in count():
            died, result = True, ("", True)
            while died:
                result = self.chosen(answer) if tool.name == ASK else self.use(tool, args)
                died = self.naive.world.dies(place)
                if died and self.naive.given_up(place, repeatable=tool.repeatable):
                    break
            if not died:
                self.naive.came_back(place)
                return self.counted(tool, args, result)
            verb, _ = self.naive.world.asked(place, "error", retries, None, 3)
            if verb == "cancel":
                raise Cancelled(f"Workflow cancelled: Step '{tool.name}' failed")
            if verb == "skip":
                return CUT_OFF, True
        raise AssertionError

    def use(self, tool: Tool, args: Told) -> Said:
        """One use of it."""
        state = dict(self.context.state.kept) if tool.stateful else {}
        self.naive.world.called(args["at"], args={"n": args["n"]}, state=state)
        result = self.naive.world.result(args["at"], 0, tool.calm)
        return (f"{args['at']} failed", True) if result.fails else (as_text(result.content), False)

    def counted(self, tool: Tool, args: Told, result: Said) -> Said:
        """What a use has changed counts once it has come back."""
        if tool.stateful and not result[1]:
            self.context.state.change({args["at"]: args["n"], "who": args["at"]})
        return result

    def chosen(self, answer: Told) -> Said:
        """What a person has chosen, as the model is told it."""
        chosen = [{"question": asked, "selected": labels} for asked, labels in answer["values"].items()]
        return f"User feedback received: {json.dumps(chosen)}", False

    def spot(self, place: str, line: Line) -> str:
        """The place of a call."""
        name = line.name.replace("%", "%25").replace("/", "%2F").replace(":", "%3A")
        return f"{place}:{name}"


def message(context: Context, notes: dict[str, Any]) -> str:
    """What the agent of a step is told."""
    blocks = [as_text(context.input if context.seen is None else context.seen)]
    if filled := notes.get("user_input"):
        rows = "\n".join(f"- {name}: {as_text(value)}" for name, value in filled.items())
        blocks.append(f"User preferences:\n{rows}")
    if notes.get("previous_output") is not None:
        blocks.append(f"Your previous output:\n{as_text(notes['previous_output'])}")
    if notes.get("rejection_feedback"):
        blocks.append(f"The reviewer's feedback:\n{notes['rejection_feedback']}")
    return "\n\n".join(blocks)
