"""The second opinion: what a tree means, told as straightforwardly as the documentation tells it.

One recursive walk that asks, calls and goes on; it cannot pause, save or resume. Written from the documentation and
not from the engine, of which it imports nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from typing import Any

from tests.agreement.meaning import (
    CUT_OFF,
    MOST_DEATHS,
    Cancelled,
    Context,
    Failed,
    Guard,
    Output,
    State,
    as_text,
    spot,
)
from tests.agreement.naive_talks import Conversation, message
from tests.agreement.trees import Beside, Choice, Group, Leaf, Nested, Rounds, Routes, Talk, Tree, places
from tests.agreement.world import Routes as Offer
from tests.agreement.world import World


class Naive:
    """One evaluation in one world."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, State()
        self.tried: Counter[str] = Counter()
        self.deaths: Counter[str] = Counter()
        self.turns: Counter[str] = Counter()

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
        if isinstance(item, Routes):
            return self.routes(item, path, context)
        verb, said = self.consented(item, path, context)
        if verb == "else" and isinstance(item, Choice):
            return self.choice(item, path, context, said_yes=False)
        if verb != "approve":
            return None
        if isinstance(item, Leaf | Talk | Nested):
            return self.reviewed(item, path, context, context.notes | said)
        return self.composite(item, path, context)

    def composite(self, item: Group | Choice | Rounds | Beside, path: str, context: Context) -> Output | None:
        """Do what is never reviewed as a whole."""
        match item:
            case Group():
                return self.group(item, path, context)
            case Choice():
                return self.choice(item, path, context, said_yes=True if item.before else None)
            case Rounds():
                return self.rounds(item, path, context)
            case Beside():
                return self.beside(item, path, context)

    def consented(self, item: Tree, path: str, context: Context) -> tuple[str, dict[str, Any]]:
        """What people said in the end before it, and what they filled in."""
        for rejections in count():
            if not item.before:
                break
            verb, said = self.world.asked(path, item.before, rejections, context.seen)
            if verb == "approve":
                filled = {"kept": "default"} if isinstance(item, Leaf | Talk) else {}
                return verb, {"user_input": filled | said["values"]} if item.before == "user_input" else {}
            if isinstance(item, Choice) and verb == "reject" and item.on_reject == "else":
                return "else", {}
            if not self.once_more(item, verb, rejections):
                return "reject", {}
        return "approve", {}

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
        inside = Context(context.state, input=given, notes=notes, guard=self.guard(nested, path, context))
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
        guard = self.guard(choice, path, context)
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
        outputs, failure = self.absorbed(items, places(items, f"{path}/{branch}"), inside)
        if failure and choice.on_error == "fail":
            raise failure
        text = f"Condition {choice.name} completed with {len(outputs)} results ({branch} branch)"
        return Output.over(text, outputs)

    def met(self, choice: Choice, path: str, context: Context, guard: Guard | None) -> bool:
        """What the evaluator says."""
        if choice.evaluator is not None:
            return choice.evaluator
        place = f"{path}?if"
        met: bool = self.consulted(
            place,
            lambda number: self.world.judged(place, context.seen, number),
            lambda reason: bool(guard and guard(path, choice.name, reason)),
            choice.name,
        )
        return met

    def rounds(self, loop: Rounds, path: str, context: Context) -> Output | None:
        """Round after round."""
        everything: list[Output] = []
        notes, last = context.notes, None
        for number in range(1, loop.most + 1):
            inside = replace(context, notes=notes)
            if loop.forwards and last is not None:
                inside = replace(inside, last=last, input=last.deepest)
            outputs = self.sequence(loop.children, places(loop.children, f"{path}/{number}"), inside)
            everything += outputs
            last = outputs[-1] if outputs else last
            verb, said = self.after_round(loop, path, number, outputs)
            if verb == "edit":
                whole = Output.over(None, everything)
                return Output(said["content"], whole.success, whole.stop)
            if verb == "skip":
                return None
            if verb == "over":
                break
            given = said.get("feedback")
            notes = context.notes | ({} if given is None else {"rejection_feedback": given})
        text = f"Loop {loop.name} completed {number} iterations with {len(everything)} total steps"
        return Output.over(text, everything)

    def after_round(
        self, loop: Rounds, path: str, number: int, outputs: list[Output]
    ) -> tuple[str, dict[str, Any]]:
        """Whether the loop is over, by itself or because of a person."""
        if any(output.stop for output in outputs) or number == loop.most:
            return "over", {}
        if loop.ends and self.ends(f"{spot(path)}?end", outputs, number):
            return "over", {}
        if not loop.reviewed:
            return "again", {}
        seen = outputs[-1].deepest if outputs else None
        verb, said = self.world.asked(f"{path}/{number}", "iteration_review", number - 1, seen)
        if verb == "approve":
            return "over", {}
        if verb == "edit":
            return "edit", said
        return ("again", said) if self.once_more(loop, verb, number - 1) else ("skip", {})

    def ends(self, place: str, outputs: list[Output], number: int) -> bool:
        """What the end condition says; one that breaks, or takes processes down, does not say so."""
        for _ in range(MOST_DEATHS):
            try:
                met = self.world.judged(place, [output.content for output in outputs], number)
            except RuntimeError:
                met = False
            if not self.world.dies(place):
                return met
        return False

    def routes(self, router: Routes, path: str, context: Context) -> Output | None:
        """The chosen ones, chosen again by hand as long as a reviewer sends the result back."""
        chosen = self.first_route(router, path, context)
        notes = dict(context.notes)
        for redo in count():
            if redo:
                chosen = self.picked(router, path, redo)
            if chosen is None:
                return None
            output = self.routed(router, f"{path}/{redo + 1}", chosen, replace(context, notes=notes))
            if not router.review:
                return output
            verb, said = self.world.asked(path, "output_review", redo, output.deepest)
            if verb == "approve":
                return output
            if verb == "edit":
                return Output(said["content"], output.success, output.stop)
            if not self.once_more(router, verb, redo):
                return None
            notes |= {"rejection_feedback": said.get("feedback"), "previous_output": output.deepest}
        raise AssertionError

    def first_route(self, router: Routes, path: str, context: Context) -> list[int] | None:
        """What is proposed, or chosen by hand; None when the answer is no."""
        by_hand, chosen = router.by_hand, list[int]()
        if router.before or not by_hand:
            chosen = self.proposed(router, path, context)
        if router.before:
            verb, _ = self.world.asked(path, router.before, 0, context.seen)
            if verb != "approve":
                if not self.once_more(router, verb, 0):
                    return None
                by_hand = True
        return self.picked(router, path, 0) if by_hand else chosen

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
        found: list[str] = self.consulted(
            place,
            lambda number: self.world.selected(place, names, context.seen, number),
            lambda reason: bool(context.guard and context.guard(path, router.name, reason)),
            router.name,
        )
        return list(dict.fromkeys(last[name] for name in found if name in last))

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
        self, item: Leaf | Talk | Nested, path: str, context: Context, notes: dict[str, Any]
    ) -> Output | None:
        """Do it, and have it reviewed until it is accepted."""
        for rejections in count():
            output, accepted = self.performed(item, path, context, notes, rejections)
            if accepted or not self.wants_review(item, path, output):
                return output
            verb, said = self.world.asked(path, "output_review", rejections, output.deepest)
            if verb == "approve":
                return output
            if verb == "edit":
                return Output(said["content"], output.success, output.stop)
            if not self.once_more(item, verb, rejections):
                return None
            notes = notes | {"rejection_feedback": said.get("feedback"), "previous_output": output.deepest}
        raise AssertionError

    def performed(
        self, item: Leaf | Talk | Nested, path: str, context: Context, notes: dict[str, Any], redo: int
    ) -> tuple[Output, bool]:
        """Its output; whether a person has accepted its failure already."""
        match item:
            case Leaf():
                return self.settled(item, path, context, lambda: self.tries(item, path, context, notes))
            case Talk():
                told = message(context, notes)
                return Conversation(self, item, path, context, told, outermost=item).held()
            case Nested():
                return self.nested(item, path, context, notes, redo)

    def settled(
        self, item: Leaf | Talk, path: str, context: Context, tries: Callable[[], tuple[Any, str]]
    ) -> tuple[Any, bool]:
        """Try until it comes back, or until its failure is accepted; whether a person has done that."""
        for retries in count():
            result, reason = tries()
            if result is not None:
                return result, False
            asks = reason == CUT_OFF or (item.on_error == "pause" and not item.skip_on_failure)
            verb = item.on_error
            if asks:
                verb, _ = self.world.asked(path, "error", retries, context.seen, item.limit)
            if verb == "cancel":
                raise Cancelled(f"Workflow cancelled: Step '{item.name}' failed")
            if verb == "fail" and not item.skip_on_failure:
                if context.guard is None or not context.guard(path, item.name, reason):
                    raise Failed(item.name, reason)
            elif verb != "retry":
                skipped = f"Step {item.name} failed but skipped"
                text = skipped if item.skip_on_failure else f"Step skipped due to error: {reason}"
                return Output(text, success=False), asks
        raise AssertionError

    def tries(
        self, leaf: Leaf, path: str, context: Context, notes: dict[str, Any]
    ) -> tuple[Output | None, str]:
        """The program's own tries."""
        output, reason = None, ""
        for _ in range(leaf.tries + 1):
            output, reason = self.call(leaf, path, context, notes)
            if output is not None or reason == CUT_OFF:
                break
        return output, reason

    def call(
        self, leaf: Leaf, path: str, context: Context, notes: dict[str, Any]
    ) -> tuple[Output | None, str]:
        """Its output, or why there is none."""
        while True:
            self.world.called(
                path,
                input=context.input,
                previous=context.seen,
                outputs={name: [output.content, output.success] for name, output in context.outputs.items()},
                notes=dict(notes),
                state=dict(context.state.kept),
            )
            if not self.world.dies(path):
                break
            if self.given_up(path, repeatable=leaf.repeatable):
                return None, CUT_OFF
        number = self.came_back(path)
        result = self.world.result(path, number, leaf.calm)
        if result.fails:
            return None, f"{path} failed"
        context.state.change({path: number, "who": path})
        return Output(result.content, result.success, result.stop), ""

    def given_up(self, path: str, *, repeatable: bool) -> bool:
        """A process died with the call at a path: whether a person has to say if it is made again."""
        self.deaths[path] += 1
        return self.deaths[path] >= MOST_DEATHS or not repeatable

    def came_back(self, path: str) -> int:
        """The number, from 0, of the call at a path that has come back."""
        del self.deaths[path]
        self.tried[path] += 1
        return self.tried[path] - 1

    def wants_review(self, item: Leaf | Talk | Nested, path: str, output: Output) -> bool:
        """Whether people want to see it; a predicate that breaks, or takes processes down, says yes."""
        if item.review != "predicate":
            return bool(item.review)
        place = f"{spot(path)}?"
        for _ in range(MOST_DEATHS):
            try:
                wanted = self.world.judged(place, output.content)
            except RuntimeError:
                wanted = True
            if not self.world.dies(place):
                return wanted
        return True

    def consulted(
        self, place: str, ask: Callable[[int], Any], once_more: Callable[[str], bool], name: str
    ) -> Any:
        """What an evaluator or a selector says; where it breaks, a person may have it asked once more."""
        for number in count():
            failure, answer = "", None
            for _ in range(MOST_DEATHS):
                try:
                    answer = ask(number)
                except RuntimeError as error:
                    failure = str(error)
                if not self.world.dies(place):
                    break
            else:
                failure = CUT_OFF
            if not failure:
                return answer
            if not once_more(failure):
                raise Failed(name, failure)
        raise AssertionError

    def guard(self, item: Choice | Nested, path: str, context: Context) -> Guard | None:
        """Who is asked about a failure inside: by this item's on_error its person, nobody, or whoever is outside."""
        if item.on_error != "pause":
            return context.guard if item.on_error == "fail" else None
        times: Counter[str] = Counter()

        def ask(failed_path: str, name: str, reason: str) -> bool:
            verb, _ = self.world.asked(path, "error", times[failed_path], context.seen, item.limit)
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
