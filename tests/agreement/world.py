"""What is outside a workflow: what functions give back, what people say, when a process dies.

Everything follows from a seed and from where it happens, never from when: so that two ways of running a tree, in
whatever order they go about it, meet the same world. A way of running keeps one World, which writes down what was
called and asked.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

# Inside a Parallel of this name nobody ends the run: how far the other branches come would depend on time.
SIDE_BY_SIDE = "side by side"
# A tool of this name is wanted alone: its refusal may end the run, as nothing else waits then.
ALONE = "alone"
RESULTS: tuple[Any, ...] = (0, "", False, None, "text", [1, 2], {"a": {"b": None}}, 1.5)
CHANCE_TO_DIE = 0.4
TOOL = re.compile(r"/\d+\.\d+:[^/]*$")  # the place of a call of a tool
PATIENCE = 3  # rejections of one thing, after which people say yes


@dataclass(frozen=True)
class Result:
    """What a function does at one try: raise, or give back `content` with these flags."""

    content: Any = None
    fails: bool = False
    stop: bool = False
    success: bool = True


@dataclass(frozen=True)
class Routes:
    """What a person can choose from."""

    names: tuple[str, ...]
    several: bool


@dataclass(frozen=True)
class Wanted:
    """What a model wants a tool to be used with."""

    args: dict[str, Any]


@dataclass(kw_only=True)
class World:
    """One world. `calls` and `questions` are what happened in it, in order."""

    seed: str
    mortal: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    _keys: dict[str, list[str]] = field(default_factory=dict)
    _asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    _performed: Counter[str] = field(default_factory=Counter)

    def numbered(self, key: str) -> tuple[str, int]:
        """Where a call is made that has an idempotency key, and for which time there; the numbers of rounds are in
        the key alone. One that is made again under the same key is the same call."""
        place = key.split(":", 1)[1].rpartition(":")[0]
        known = self._keys.setdefault(place, [])
        if key not in known:
            known.append(key)
        return place, known.index(key)

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

    def replies(self, path: str, number: int, calm: bool) -> str:
        """How the model at a path takes being asked for the `number`-th time: "well", or how it fails."""
        dice = self._dice(path, "replies", number)
        return (
            "well" if calm or dice.random() < 0.7 else dice.choice(("raises", "raises for good", "is silent"))
        )

    def judged(self, place: str, content: Any, number: int | None = None) -> bool:
        """What the predicate at a place says, for the `number`-th time or about a content; it may raise."""
        self.called(place, content=content)
        said = self._dice(place, repr(content) if number is None else number).choice(("yes", "no", "raise"))
        if said == "raise":
            raise RuntimeError(f"no idea about {place}")
        return said == "yes"

    def selected(self, place: str, names: list[str], content: Any, number: int) -> list[str]:
        """What the selector at a place chooses for the `number`-th time; it may raise."""
        self.called(place, content=content)
        dice = self._dice(place, number)
        if dice.random() < 0.1:
            raise RuntimeError(f"no idea about {place}")
        return dice.sample([*names, "unknown"], dice.randint(0, len(names)))

    def asked(
        self,
        path: str,
        kind: str,
        retry_count: int,
        content: Any = None,
        offer: "Routes | Wanted | int | None" = None,
    ) -> tuple[str, dict[str, Any]]:
        """A person is asked; what they answer: the verb, and what they say with it.

        `offer` is what they can choose from, what a model wants, or how often they may say retry; None: as often as
        they like.
        """
        self.questions.append({"path": path, "kind": kind, "retry_count": retry_count, "content": content})
        number = self._asked[path, kind]
        self._asked[path, kind] += 1
        verb, said = self._answer(kind, number, self._dice(path, kind, number))
        if verb == "cancel" and _side_by_side(path):
            verb = "skip" if kind == "error" else "reject"
        if verb == "retry" and isinstance(offer, int) and retry_count >= offer:
            verb = "skip"
        if verb == "approve" and isinstance(offer, Routes):
            said["choices"] = self._chosen(offer, self._dice(path, "chosen", number))
        if isinstance(offer, Wanted) and verb in ("approve", "edit"):
            said = self._filled(kind, verb, offer, self._dice(path, "filled", number))
        return verb, said

    def dies(self, path: str) -> bool:
        """The process dies after the call at a path was performed, before what it brought is saved."""
        number = self._performed[path]
        self._performed[path] += 1
        return self.mortal and self._dice(path, "dies", number).random() < CHANCE_TO_DIE

    def _answer(self, kind: str, number: int, dice: Random) -> tuple[str, dict[str, Any]]:
        if kind == "error":
            verb = dice.choice(("retry", "retry", "skip", "skip", "cancel")) if number < PATIENCE else "skip"
            return verb, {}
        yes = ("approve", "edit") if kind.endswith(("_review", "tool_confirmation")) else ("approve",)
        verb = dice.choice((*yes, *yes, "reject", "reject")) if number < PATIENCE else "approve"
        if dice.random() < 0.03:
            verb = "cancel"
        said: dict[str, dict[str, Any]] = {
            "approve": {"values": {"n": dice.randrange(9)}} if kind == "user_input" else {},
            "edit": {"content": dice.choice((*RESULTS, "edited"))},
            "reject": {"feedback": dice.choice((None, "shorter"))},
        }
        return verb, said.get(verb, {})

    def _filled(self, kind: str, verb: str, wanted: Wanted, dice: Random) -> dict[str, Any]:
        """What a person says who lets a tool be used."""
        n = dice.randrange(10, 20)
        match kind:
            case "tool_confirmation":
                return {"content": wanted.args | {"n": n}} if verb == "edit" else {}
            case "tool_input":
                return {"values": {"n": n}}
            case "external_execution":
                return {"content": dice.choice([result for result in RESULTS if result is not None])}
        chosen = {}
        for question in wanted.args["questions"]:
            labels = [option["label"] for option in question["options"]]
            most = len(labels) if question["multi_select"] else 1
            chosen[question["question"]] = dice.sample(labels, dice.randint(1, most))
        return {"values": chosen}

    def _chosen(self, routes: Routes, dice: Random) -> tuple[str, ...]:
        names = list(dict.fromkeys(routes.names))
        return tuple(dice.sample(names, dice.randint(1, len(names) if routes.several else 1)))

    def _dice(self, *about: Any) -> Random:
        return Random(":".join(map(str, (self.seed, *about))))


def _side_by_side(path: str) -> bool:
    """Something else may wait or happen at the same time: then nobody ends the run here."""
    is_tool = TOOL.search(path) is not None
    return SIDE_BY_SIDE in path or "::" in path or (is_tool and not path.endswith(f":{ALONE}"))
