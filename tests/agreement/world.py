"""What is outside a workflow: what functions give back, what people say, when a process dies.

Everything follows from a seed and from where it happens, never from when: so that two ways of running a tree, in
whatever order they go about it, meet the same world. A way of running keeps one World, which writes down what was
called and asked.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

RESULTS: tuple[Any, ...] = (0, "", False, None, "text", [1, 2], {"a": {"b": None}}, 1.5)
CHANCE_TO_DIE = 0.4
PATIENCE = 3  # rejections of one thing, after which people say yes


@dataclass(frozen=True)
class Result:
    """What a function does at one try: raise, or give back `content` with these flags."""

    content: Any = None
    fails: bool = False
    stop: bool = False
    success: bool = True


@dataclass(kw_only=True)
class World:
    """One world. `calls` and `questions` are what happened in it, in order."""

    seed: str
    mortal: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    _asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    _performed: Counter[str] = field(default_factory=Counter)

    def called(self, path: str, **given: Any) -> None:
        """A function, or a predicate (its path ends with a question mark), is entered."""
        self.calls.append({"path": path, **given})

    def result(self, path: str, number: int, calm: bool) -> Result:
        """What the function at a path does when it is tried for the `number`-th time, from 0."""
        dice = self._dice(path, "result", number)
        if dice.random() < (0 if calm else 0.6):
            return Result(fails=True)
        content = dice.choice((*RESULTS, f"{path}.{number}"))
        return Result(content=content, stop=dice.random() < 0.04, success=dice.random() > 0.05)

    def judged(self, path: str, content: Any) -> bool:
        """What the predicate at a path says about a content; it may raise."""
        self.called(f"{path}?", content=content)
        said = self._dice(path, "judged", repr(content)).choice(("yes", "no", "raise"))
        if said == "raise":
            raise RuntimeError(f"no idea about {path}")
        return said == "yes"

    def asked(
        self, path: str, kind: str, retry_count: int, content: Any = None
    ) -> tuple[str, dict[str, Any]]:
        """A person is asked; what they answer: the verb, and what they say with it."""
        self.questions.append({"path": path, "kind": kind, "retry_count": retry_count, "content": content})
        number = self._asked[path, kind]
        self._asked[path, kind] += 1
        return self._answer(kind, number, self._dice(path, kind, number))

    def dies(self, path: str) -> bool:
        """The process dies after the call at a path was performed, before what it brought is saved."""
        number = self._performed[path]
        self._performed[path] += 1
        return self.mortal and self._dice(path, "dies", number).random() < CHANCE_TO_DIE

    def _answer(self, kind: str, number: int, dice: Random) -> tuple[str, dict[str, Any]]:
        if kind == "error":
            verb = dice.choice(("retry", "retry", "skip", "skip", "cancel")) if number < PATIENCE else "skip"
            return verb, {}
        yes = ("approve", "edit") if kind == "output_review" else ("approve",)
        verb = dice.choice((*yes, *yes, "reject", "reject")) if number < PATIENCE else "approve"
        if dice.random() < 0.03:
            verb = "cancel"
        said: dict[str, dict[str, Any]] = {
            "approve": {"values": {"n": dice.randrange(9)}} if kind == "user_input" else {},
            "edit": {"content": dice.choice((*RESULTS, "edited"))},
            "reject": {"feedback": dice.choice((None, "shorter"))},
        }
        return verb, said.get(verb, {})

    def _dice(self, *about: Any) -> Random:
        return Random(":".join(map(str, (self.seed, *about))))
