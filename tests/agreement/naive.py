"""The second opinion: what a tree means, told as straightforwardly as the documentation tells it.

One recursive walk that asks, calls and goes on; it cannot pause, save or resume. Written from the documentation and
not from the engine, of which it imports nothing.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.agreement.trees import Group, Leaf, Tree, places
from tests.agreement.world import World

CUT_OFF = "The process that ran this step died before it could report what came of it."


@dataclass
class Output:
    """What a place brought."""

    content: Any
    success: bool = True
    stop: bool = False
    inner: list["Output"] = field(default_factory=list)

    @property
    def deepest(self) -> Any:
        """The content of the last thing inside."""
        return self.inner[-1].deepest if self.inner else self.content


@dataclass
class Context:
    """What ran before: outputs by name, and the last of them."""

    outputs: dict[str, Output] = field(default_factory=dict)
    last: Output | None = None


class Cancelled(Exception):
    """A person ended the run."""


class Failed(Exception):
    """A step with on_error=fail has failed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Step '{name}' failed: {reason}")
        self.reason = reason


class Naive:
    """One evaluation in one world."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, dict[str, Any]()
        self.tried: Counter[str] = Counter()

    def run(self, items: tuple[Tree, ...]) -> tuple[str, Any]:
        """Status and content of the whole."""
        try:
            outputs = self.sequence(items, "", Context())
        except Cancelled as cancelled:
            return "CANCELLED", str(cancelled)
        except Failed as failed:
            return "ERROR", str(failed)
        return "COMPLETED", outputs[-1].deepest if outputs else None

    def sequence(self, items: tuple[Tree, ...], path: str, before: Context) -> list[Output]:
        """One after another, until one says stop."""
        context = Context(dict(before.outputs), before.last)
        outputs: list[Output] = []
        for item, place in zip(items, places(items, path), strict=True):
            output = self.item(item, place, context)
            if output is None:
                continue
            outputs.append(output)
            context.outputs[item.name] = context.last = output
            if output.stop:
                break
        return outputs

    def item(self, item: Tree, path: str, context: Context) -> Output | None:
        """Ask before it, then do it."""
        notes: dict[str, Any] = {}
        rejections = 0
        while item.before:
            seen = context.last.deepest if context.last else None
            verb, said = self.world.asked(path, item.before, rejections, seen)
            if verb == "approve":
                if item.before == "user_input":
                    notes["user_input"] = {"kept": "default"} | said["values"]
                break
            if not self.once_more(item, verb, rejections):
                return None
            rejections += 1
        if isinstance(item, Group):
            return self.group(item, path, context)
        return self.step(item, path, context, notes)

    def group(self, group: Group, path: str, context: Context) -> Output:
        """Its children, and a summary."""
        try:
            outputs = self.sequence(group.children, path, context)
        except Failed as failed:
            return Output(f"Steps execution failed: {failed.reason}", success=False)
        return Output(
            f"Steps {group.name} completed with {len(outputs)} results",
            success=all(output.success for output in outputs),
            stop=any(output.stop for output in outputs),
            inner=outputs,
        )

    def step(self, leaf: Leaf, path: str, context: Context, notes: dict[str, Any]) -> Output | None:
        """Do it, and have it reviewed until it is accepted."""
        rejections = 0
        while True:
            output = self.attempt(leaf, path, context, notes)
            if not self.reviewed(leaf, path, output):
                return output
            verb, said = self.world.asked(path, "output_review", rejections, output.content)
            if verb == "approve":
                return output
            if verb == "edit":
                return Output(said["content"], output.success, output.stop)
            if not self.once_more(leaf, verb, rejections):
                return None
            notes |= {"rejection_feedback": said["feedback"], "previous_output": output.content}
            rejections += 1

    def attempt(self, leaf: Leaf, path: str, context: Context, notes: dict[str, Any]) -> Output:
        """Call it until it comes back, or until its failure is accepted."""
        retries = 0
        while True:
            reason = ""
            for _ in range(leaf.tries + 1):
                output, reason = self.call(leaf, path, context, notes)
                if output is not None:
                    return output
                if reason == CUT_OFF:
                    break
            asks = reason == CUT_OFF or (leaf.on_error == "pause" and not leaf.skip_on_failure)
            verb = self.world.asked(path, "error", retries)[0] if asks else leaf.on_error
            if verb == "cancel":
                raise Cancelled(f"Workflow cancelled: Step '{leaf.name}' failed")
            if verb == "fail" and not leaf.skip_on_failure:
                raise Failed(leaf.name, reason)
            if verb != "retry":
                skipped = f"Step {leaf.name} failed but skipped"
                text = skipped if leaf.skip_on_failure else f"Step skipped due to error: {reason}"
                return Output(text, success=False)
            retries += 1

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
                previous=context.last.deepest if context.last else None,
                outputs={name: [output.content, output.success] for name, output in context.outputs.items()},
                notes=dict(notes),
                state=dict(self.state),
            )
            died = self.world.dies(path)
            if died and not leaf.repeatable:
                return None, CUT_OFF
        result = self.world.result(path, number, leaf.calm)
        if result.fails:
            return None, f"{path} failed"
        self.state[path] = number
        return Output(result.content, result.success, result.stop), ""

    def reviewed(self, leaf: Leaf, path: str, output: Output) -> bool:
        """Whether people want to see it; a predicate that breaks says yes."""
        if leaf.review != "predicate":
            return bool(leaf.review)
        while True:
            try:
                wanted = self.world.judged(path, output.content)
            except RuntimeError:
                wanted = True
            if not self.world.dies(f"{path}?"):
                return wanted

    def once_more(self, item: Tree, verb: str, rejections: int) -> bool:
        """What a no causes: once more, or without it; or the run ends."""
        if verb == "cancel" or item.on_reject == "cancel":
            raise Cancelled(f"Workflow cancelled: Step '{item.name}' was rejected")
        if item.on_reject != "retry":
            return False
        if item.limit is not None and rejections >= item.limit:
            raise Cancelled(f"Max retries ({item.limit}) reached for step '{item.name}'")
        return True
