"""The second opinion: what a tree means, told as straightforwardly as the documentation tells it.

One recursive walk that asks, calls and goes on; it cannot pause, save or resume. Written from the documentation and
not from the engine, of which it imports nothing.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from tests.agreement.trees import Beside, Choice, Group, Leaf, Nested, Rounds, Routes, Tree, places
from tests.agreement.world import Routes as Offer
from tests.agreement.world import World

CUT_OFF = "The process that ran this step died before it could report what came of it."


@dataclass
class Output:
    """What a place brought."""

    content: Any
    success: bool = True
    stop: bool = False
    inner: list["Output"] = field(default_factory=list)
    name: str = ""

    @property
    def deepest(self) -> Any:
        """The content of the last thing inside."""
        return self.inner[-1].deepest if self.inner else self.content

    @classmethod
    def over(cls, content: Any, inner: list["Output"], *, stop: bool | None = None) -> "Output":
        """The output of what has others inside."""
        stops = any(output.stop for output in inner) if stop is None else stop
        return cls(content, all(output.success for output in inner), stops, inner)


@dataclass
class State:
    """The session's state as one place sees it; `changes` are those of a parallel branch."""

    kept: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)

    def change(self, changed: dict[str, Any]) -> None:
        """Take in what a call has changed."""
        new = {key: value for key, value in changed.items() if self.kept.get(key, self) != value}
        self.kept |= new
        self.changes |= new


Guard = Callable[[str, str, str], bool]


@dataclass(frozen=True)
class Context:
    """What a place is given. `guard` asks a person what a failure inside means: whether it is tried again."""

    state: State
    outputs: dict[str, Output] = field(default_factory=dict)
    last: Output | None = None
    input: Any = None
    notes: dict[str, Any] = field(default_factory=dict)
    guard: Guard | None = None

    @property
    def seen(self) -> Any:
        """The content of the step before."""
        return self.last.deepest if self.last else None

    def after(self, name: str, output: Output) -> "Context":
        """What the next one is given."""
        return replace(self, outputs=self.outputs | {name: output}, last=output)


class Cancelled(Exception):
    """A person ended the run."""


class Failed(Exception):
    """A failure that nothing took care of yet; `done` is what had come back in the sequence that it ended."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Step '{name}' failed: {reason}")
        self.reason, self.done = reason, list[Output]()


def as_text(content: Any) -> str:
    """Text as it is, data as JSON."""
    return content if isinstance(content, str) else json.dumps(content)


def spot(path: str) -> str:
    """A place without the numbers of rounds."""
    segments = (segment for segment in path.split("/") if not segment.startswith("again:"))
    return "/".join("*" if segment.isdigit() else segment for segment in segments)


class Naive:
    """One evaluation in one world."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, State()
        self.tried: Counter[str] = Counter()

    def run(self, items: tuple[Tree, ...]) -> tuple[str, Any]:
        """Status and content of the whole."""
        try:
            outputs = self.sequence(items, places(items, ""), Context(self.state))
        except Cancelled as cancelled:
            return "CANCELLED", str(cancelled)
        except Failed as failed:
            return "ERROR", str(failed)
        return "COMPLETED", outputs[-1].deepest if outputs else None

    def sequence(self, items: Iterable[Tree], paths: Iterable[str], context: Context) -> list[Output]:
        """One after another, until one says stop."""
        outputs: list[Output] = []
        for item, place in zip(items, paths, strict=True):
            try:
                output = self.item(item, place, context)
            except Failed as failed:
                failed.done = [*outputs, Output(f"Step {item.name} failed: {failed.reason}", success=False)]
                raise
            if output is None:
                continue
            output.name = item.name
            outputs.append(output)
            context = context.after(item.name, output)
            if output.stop:
                break
        return outputs

    def absorbed(
        self, items: Iterable[Tree], paths: Iterable[str], context: Context
    ) -> tuple[list[Output], Failed | None]:
        """The same, and the failure that ended it."""
        try:
            return self.sequence(items, paths, context), None
        except Failed as failed:
            return failed.done, failed

    def item(self, item: Tree, path: str, context: Context) -> Output | None:
        """Ask before it, then do it."""
        notes = dict(context.notes)
        if isinstance(item, Routes):
            return self.routes(item, path, context)
        for rejections in count():
            if not item.before:
                break
            verb, said = self.world.asked(path, item.before, rejections, context.seen)
            if verb == "approve":
                filled = {"kept": "default"} if isinstance(item, Leaf) else {}
                if item.before == "user_input":
                    notes["user_input"] = filled | said["values"]
                break
            if isinstance(item, Choice) and verb == "reject" and item.on_reject == "else":
                return self.choice(item, path, context, said_yes=False)
            if not self.once_more(item, verb, rejections):
                return None
        match item:
            case Leaf():
                return self.reviewed(
                    item, path, notes, lambda notes, _: self.attempt(item, path, context, notes)
                )
            case Group():
                return self.group(item, path, context)
            case Nested():
                return self.reviewed(
                    item, path, notes, lambda notes, redo: self.nested(item, path, context, notes, redo)
                )
            case Choice():
                return self.choice(item, path, context, said_yes=True if item.before else None)
            case Rounds():
                return self.rounds(item, path, context)
            case Beside():
                return self.beside(item, path, context)

    def group(self, group: Group, path: str, context: Context) -> Output:
        """Its children, and a summary."""
        inside = replace(context, guard=None)
        outputs, failed = self.absorbed(group.children, places(group.children, path), inside)
        if failed:
            return Output(f"Steps execution failed: {failed.reason}", success=False)
        return Output.over(f"Steps {group.name} completed with {len(outputs)} results", outputs)

    def nested(
        self, nested: Nested, path: str, context: Context, notes: dict[str, Any], redo: int
    ) -> tuple[Output, bool]:
        """The inner workflow; whether a person has accepted its failure already."""
        given = context.input if context.last is None else context.seen
        inside = Context(
            context.state, input=given, notes=notes, guard=self.guard(nested, path, context.guard)
        )
        place = f"{path}/again:{redo}" if redo else path
        try:
            outputs = self.sequence(nested.children, places(nested.children, place), inside)
        except Failed as failed:
            if nested.on_error == "fail":
                raise
            text = f"Step skipped due to error: {failed.reason}"
            return Output(text, success=False), nested.on_error == "pause"
        return Output.over(outputs[-1].deepest if outputs else None, outputs, stop=False), False

    def choice(self, choice: Choice, path: str, context: Context, *, said_yes: bool | None) -> Output:
        """One of the two groups."""
        guard = self.guard(choice, path, context.guard)
        try:
            met = said_yes if said_yes is not None else self.met(choice, path, context, guard)
        except Failed as failed:
            if choice.on_error == "fail":
                raise
            return Output(f"Step skipped due to error: {failed.reason}", success=False)
        items, branch = (choice.children, "if") if met else (choice.otherwise, "else")
        if not met and not items:
            rejected = f"Condition {choice.name} rejected - skipped (no else branch)"
            skipped = f"Condition {choice.name} not met - skipped {len(choice.children)} steps"
            return Output(rejected if said_yes is False else skipped)
        inside = replace(context, guard=guard)
        outputs, failed = self.absorbed(items, places(items, f"{path}/{branch}"), inside)
        if failed and choice.on_error == "fail":
            raise failed
        text = f"Condition {choice.name} completed with {len(outputs)} results ({branch} branch)"
        return Output.over(text, outputs)

    def met(self, choice: Choice, path: str, context: Context, guard: Guard | None) -> bool:
        """What the evaluator says."""
        if choice.evaluator is not None:
            return choice.evaluator
        return self.judged(f"{path}?if", context.seen, choice.name, path, guard)

    def rounds(self, loop: Rounds, path: str, context: Context) -> Output | None:
        """Round after round."""
        everything: list[Output] = []
        notes, last = context.notes, None
        for number in range(1, loop.most + 1):
            inside = replace(context, notes=notes)
            if loop.forwards and last is not None:
                inside = replace(inside, last=last, input=last.deepest)
            place = f"{path}/{number}"
            outputs = self.sequence(loop.children, places(loop.children, place), inside)
            everything += outputs
            last = outputs[-1] if outputs else last
            if any(output.stop for output in outputs) or number == loop.most:
                break
            if loop.ends and self.ends(f"{spot(path)}?end", outputs, number):
                break
            if not loop.reviewed:
                continue
            seen = outputs[-1].deepest if outputs else None
            verb, said = self.world.asked(place, "iteration_review", number - 1, seen)
            if verb == "approve":
                break
            if verb == "edit":
                whole = Output.over(None, everything)
                return Output(said["content"], whole.success, whole.stop)
            if not self.once_more(loop, verb, number - 1):
                return None
            notes = dict(context.notes)
            if said.get("feedback") is not None:
                notes["rejection_feedback"] = said["feedback"]
        steps = f"{number} iterations with {len(everything)} total steps"
        return Output.over(f"Loop {loop.name} completed {steps}", everything)

    def ends(self, place: str, outputs: list[Output], number: int) -> bool:
        """What the end condition says; one that breaks does not say so."""
        while True:
            try:
                met = self.world.judged(place, [output.content for output in outputs], number)
            except RuntimeError:
                met = False
            if not self.world.dies(place):
                return met

    def routes(self, router: Routes, path: str, context: Context) -> Output | None:
        """The chosen ones, chosen again by hand as long as a reviewer sends the result back."""
        by_hand, chosen = router.by_hand, list[int]()
        if router.before:
            chosen = self.proposed(router, path, context)
            verb, _ = self.world.asked(path, router.before, 0, context.seen)
            if verb != "approve":
                if not self.once_more(router, verb, 0):
                    return None
                by_hand = True
        elif not by_hand:
            chosen = self.proposed(router, path, context)
        notes = dict(context.notes)
        for redo in count():
            if by_hand:
                picked = self.picked(router, path, redo)
                if picked is None:
                    return None
                chosen = picked
            output = self.routed(router, f"{path}/{redo + 1}", chosen, replace(context, notes=notes))
            if not router.review:
                return output
            verb, said = self.world.asked(path, "output_review", redo, output.content)
            if verb == "approve":
                return output
            if verb == "edit":
                return Output(said["content"], output.success, output.stop)
            if not self.once_more(router, verb, redo):
                return None
            notes |= {"rejection_feedback": said.get("feedback"), "previous_output": output.deepest}
            by_hand = True
        raise AssertionError

    def routed(self, router: Routes, path: str, chosen: list[int], context: Context) -> Output:
        """Run one route."""
        own = places(router.children, path)
        items, paths = [router.children[i] for i in chosen], [own[i] for i in chosen]
        outputs, _ = self.absorbed(items, paths, replace(context, guard=None))
        none = "" if chosen else " (no steps selected)"
        return Output.over(f"Router {router.name} completed with {len(outputs)} results{none}", outputs)

    def proposed(self, router: Routes, path: str, context: Context) -> list[int]:
        """What the selector chooses; of several with one name the last."""
        if not router.selects:
            return []
        place, names = f"{path}?route", [item.name for item in router.children]
        last = {name: i for i, name in enumerate(names)}
        for number in count():
            try:
                while True:
                    failure, found = "", list[str]()
                    try:
                        found = self.world.selected(place, names, context.seen, number)
                    except RuntimeError as error:
                        failure = str(error)
                    if not self.world.dies(place):
                        break
                if not failure:
                    return list(dict.fromkeys(last[name] for name in found if name in last))
                raise Failed(router.name, failure)
            except Failed:
                if context.guard is None or not context.guard(path, router.name, failure):
                    raise
        raise AssertionError

    def picked(self, router: Routes, path: str, redo: int) -> list[int] | None:
        """What a person chooses, in the order of the choices."""
        offer = Offer(tuple(item.name for item in router.children), router.several)
        for rejections in count(redo):
            verb, said = self.world.asked(path, "route", rejections, None, offer)
            if verb == "approve":
                return [i for i, item in enumerate(router.children) if item.name in said["choices"]]
            if not self.once_more(router, verb, rejections):
                return None
        raise AssertionError

    def beside(self, parallel: Beside, path: str, context: Context) -> Output:
        """Each with the same input and a state of its own; their changes count in the order of the branches."""
        outputs: list[Output] = []
        states: list[State] = []
        for item, place in zip(parallel.children, places(parallel.children, path), strict=True):
            states.append(State(dict(context.state.kept)))
            inside = replace(context, state=states[-1], guard=None)
            try:
                output = self.item(item, place, inside)
            except Failed as failed:
                output = Output(f"Step {item.name} failed: {failed.reason}", success=False)
            if output is not None:
                output.name = item.name
                outputs.append(output)
        for state in states:
            context.state.kept |= state.changes
            context.state.changes |= state.changes
        return Output.over(self.sections(outputs), outputs)

    def sections(self, outputs: list[Output]) -> str:
        """All of them as one text."""
        blocks = ["## Parallel Execution Results"]
        for output in outputs:
            state = "SUCCESS" if output.success else "FAILURE"
            blocks.append(f"### {state}: {output.name}\n{as_text(output.deepest)}")
        return "\n\n".join(blocks)

    def reviewed(
        self,
        item: Leaf | Nested,
        path: str,
        notes: dict[str, Any],
        do: Callable[[dict[str, Any], int], tuple[Output, bool]],
    ) -> Output | None:
        """Do it, and have it reviewed until it is accepted."""
        for rejections in count():
            output, accepted = do(notes, rejections)
            if accepted or not self.wants_review(item, path, output):
                return output
            verb, said = self.world.asked(path, "output_review", rejections, output.content)
            if verb == "approve":
                return output
            if verb == "edit":
                return Output(said["content"], output.success, output.stop)
            if not self.once_more(item, verb, rejections):
                return None
            notes = notes | {"rejection_feedback": said.get("feedback"), "previous_output": output.deepest}
        raise AssertionError

    def attempt(self, leaf: Leaf, path: str, context: Context, notes: dict[str, Any]) -> tuple[Output, bool]:
        """Call it until it comes back, or until its failure is accepted; whether a person has done that."""
        retries = 0
        while True:
            reason = ""
            for _ in range(leaf.tries + 1):
                output, reason = self.call(leaf, path, context, notes)
                if output is not None:
                    return output, False
                if reason == CUT_OFF:
                    break
            asks = reason == CUT_OFF or (leaf.on_error == "pause" and not leaf.skip_on_failure)
            verb = self.world.asked(path, "error", retries)[0] if asks else leaf.on_error
            retries += 1
            if verb == "cancel":
                raise Cancelled(f"Workflow cancelled: Step '{leaf.name}' failed")
            if verb == "fail" and not leaf.skip_on_failure:
                if context.guard is None or not context.guard(path, leaf.name, reason):
                    raise Failed(leaf.name, reason)
            elif verb != "retry":
                skipped = f"Step {leaf.name} failed but skipped"
                text = skipped if leaf.skip_on_failure else f"Step skipped due to error: {reason}"
                if asks:
                    text = f"Step skipped due to error: {reason}" if not leaf.skip_on_failure else skipped
                return Output(text, success=False), asks

    def call(
        self, leaf: Leaf, path: str, context: Context, notes: dict[str, Any]
    ) -> tuple[Output | None, str]:
        """Its output, or why there is none."""
        number = self.tried[path]
        self.tried[path] += 1
        died = True
        while died:
            self.world.called(
                path,
                input=context.input,
                previous=context.seen,
                outputs={name: [output.content, output.success] for name, output in context.outputs.items()},
                notes=dict(notes),
                state=dict(context.state.kept),
            )
            died = self.world.dies(path)
            if died and not leaf.repeatable:
                return None, CUT_OFF
        result = self.world.result(path, number, leaf.calm)
        if result.fails:
            return None, f"{path} failed"
        context.state.change({path: number, "who": path})
        return Output(result.content, result.success, result.stop), ""

    def wants_review(self, item: Leaf | Nested, path: str, output: Output) -> bool:
        """Whether people want to see it; a predicate that breaks says yes."""
        if item.review != "predicate":
            return bool(item.review)
        place = f"{spot(path)}?"
        while True:
            try:
                wanted = self.world.judged(place, output.content)
            except RuntimeError:
                wanted = True
            if not self.world.dies(place):
                return wanted

    def judged(self, place: str, seen: Any, name: str, path: str, guard: Guard | None) -> bool:
        """What an evaluator says; where it breaks, the guard's person may have it asked once more."""
        for number in count():
            failure, met = "", False
            while True:
                try:
                    met = self.world.judged(place, seen, number)
                except RuntimeError as error:
                    failure = str(error)
                if not self.world.dies(place):
                    break
            if not failure:
                return met
            if guard is None or not guard(path, name, failure):
                raise Failed(name, failure)
        raise AssertionError

    def guard(self, item: Choice | Nested, path: str, outer: Guard | None) -> Guard | None:
        """Who is asked about a failure inside: by this item's on_error its person, nobody, or whoever is outside."""
        if item.on_error != "pause":
            return outer if item.on_error == "fail" else None
        times: Counter[str] = Counter()

        def ask(failed_path: str, name: str, reason: str) -> bool:
            verb, _ = self.world.asked(path, "error", times[failed_path])
            times[failed_path] += 1
            if verb == "cancel":
                raise Cancelled(f"Workflow cancelled: Step '{item.name}' failed")
            return verb == "retry"

        return ask

    def once_more(self, item: Tree, verb: str, rejections: int) -> bool:
        """What a no causes: once more, or without it; or the run ends."""
        if verb == "cancel" or item.on_reject == "cancel":
            raise Cancelled(f"Workflow cancelled: Step '{item.name}' was rejected")
        if item.on_reject != "retry":
            return False
        if item.limit is not None and rejections >= item.limit:
            raise Cancelled(f"Max retries ({item.limit}) reached for step '{item.name}'")
        return True
