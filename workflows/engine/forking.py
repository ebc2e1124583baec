"""Forking: what a new run begins with that goes on in the middle of another one: its records, cut off at one place.

What is done before that place is kept, also beside it in parallel branches; the place itself, and everything after
it, is as if it had never been reached. Works on records as data and on the outline: it needs no code of the author's.

    root ── done ── group ── done             kept as they are
                      └──── PLACE ── later    PLACE begins anew, with another input; what was later is gone

What stands around the place goes back to where it stood then, and remembers that it was forked: approvals of it that
people gave hold for what they were given for, and are asked anew.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from workflows.engine.filled import slots_in
from workflows.engine.plan import AGAIN, GIVEN, join
from workflows.engine.primitives.router import LEFT
from workflows.engine.record import FAILURE, FORKED, STOPS
from workflows.engine.snapshot import Saved
from workflows.types import StepStatus, StepType

Node = Mapping[str, Any]

# What a group remembers of the children that are done, and of how it ended.
OF_CHILDREN = ("last", "kept", "failed", "stop", "broken")
OF_END = ("over", "edited", "feedback", "end", "output", "failure", "told:completed")
# Answers that count the times that something was done: dropped from that time on, and those that begin the next one.
TIMES = re.compile(
    r"(?:bound:|told:)?(?P<name>review\??|output|edited|completed|started|continued|route):(?P<n>\d+)"
)
BEGINS = ("started", "continued", "route")
# What agents do has no place of its own in the tree.
INSIDE_A_STEP = re.compile(r"\d+\.\d+:|handed:")
CONSENT = re.compile(r"(?:bound:)?before:\d+$")
ERROR = re.compile(r"(?:bound:)?error:(?P<path>.*):\d+|granted:(?P<again>.*)")


class NoSuchPlace(Exception):
    """The run has not been at that place, or its definition does not have it (any more)."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """A place around the one at which a run is cut, and the way on from it. `redo` counts the earlier times."""

    node: Node
    path: str
    segment: str
    kind: str
    redo: int = 0


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What the new run begins with. `whole` are the places that are kept as they are, with all of their values;
    `slots` the values of the others that are kept; `again` what had begun in the old run and is not kept; `gets` the
    path of what the place is given (see `content_at`), None for the run's own input."""

    records: list[Saved]
    whole: set[str]
    slots: dict[str, set[str]]
    again: list[str]
    gets: str | None

    @property
    def done(self) -> list[str]:
        """What has finished and is kept."""
        finished = (record for record in self.records if StepStatus(record.status).finished)
        return [record.path for record in finished]


def cut(outline: Node, saved: Iterable[Saved], path: str, *, mark: str = "", given: bool = False) -> Cut:
    """A run's records as they were before it came to a place; `given`: something else is put in place of its input.

    `mark` tells this fork from others. Without one nothing is changed: approvals of the place, where it failed, and of
    what stands around it stay as they are. Raises NoSuchPlace.
    """
    records = {record.path: record for record in saved}
    around = levels(outline, path, records)
    before = {where for where in records if _is_before(where, path, around, records)}
    rewound = [_rewound(level, records, before, path, mark) for level in around]
    fresh = _fresh(records[path], given=given, consented=not (mark or given))
    slots = {record.path: _slots(record) for record in rewound} | {path: _slots(fresh) - {GIVEN}}
    return Cut(
        records=[*rewound, *(records[where] for where in records if where in before), fresh],
        whole=before,
        slots=slots,
        again=[where for where in records if (where not in before and where not in slots) or where == path],
        gets=_gets(around, {record.path: record for record in rewound}),
    )


def uncut(saved: Iterable[Saved]) -> Cut:
    """All of a run, for one that goes on where the other one stopped."""
    records = list(saved)
    return Cut(records=records, whole={record.path for record in records}, slots={}, again=[], gets=None)


def failed_at(saved: Iterable[Saved]) -> str | None:
    """The place whose failure ended a run; None where it ended for another reason."""
    closed = [record.path for record in saved if record.slot == FAILURE]
    path, found = "", None
    while True:
        inside = [where for where in closed if where.rpartition("/")[0] == path and where]
        if not inside or INSIDE_A_STEP.match(inside[-1].rpartition("/")[2]):
            return found
        path = found = inside[-1]


def levels(outline: Node, path: str, records: Mapping[str, Saved]) -> list[Level]:
    """Everything around a place, from the outside in. Raises NoSuchPlace where it is no node, or was not reached."""
    found, node, at, kind = list[Level](), outline, "", "group"
    if not path or path not in records:
        raise NoSuchPlace(f"The run has not been at '{path}'")
    for segment in path.split("/"):
        level = Level(
            node=node, path=at, segment=segment, kind=kind, redo=_redo(kind, segment, records.get(at))
        )
        found.append(level)
        at = join(at, segment)
        node, kind = _inside(level)
        if at not in records:
            raise NoSuchPlace(f"The run has not been at '{at}'")
    if kind in ("round", "branch"):
        raise NoSuchPlace(f"'{path}' is a part of a step, and no step")
    return found


def _inside(level: Level) -> tuple[Node, str]:
    """The node on the way on from a level, and what sort of level it is."""
    is_round = (level.kind in (StepType.LOOP, StepType.ROUTER) and level.segment.isdigit()) or (
        level.kind == StepType.WORKFLOW and level.segment.startswith(AGAIN)
    )
    if is_round:
        return level.node, "round"
    child = next((child for child in level.node["children"] if _segment(child) == level.segment), None)
    if child is None:
        raise NoSuchPlace(f"The definition has no '{level.segment}' at '{level.path}'")
    if child.get("workflow"):
        return child, StepType.WORKFLOW
    if child["kind"] in (StepType.STEP, StepType.AGENT, StepType.TEAM):
        return child, "leaf"
    if level.kind == StepType.CONDITION:
        return child, "branch"
    return child, "group" if child["kind"] == StepType.STEPS else child["kind"]


def _redo(kind: str, segment: str, record: Saved | None) -> int:
    """The time, from 0, that stands under a segment."""
    if kind == StepType.ROUTER and segment.isdigit():
        left = record.memo.get(LEFT, 0) if record else 0
        return max(0, int(segment) - 1 - int(left))
    if kind == StepType.WORKFLOW and segment.startswith(AGAIN):
        return int(segment.removeprefix(AGAIN))
    return 0


def _is_before(where: str, path: str, around: list[Level], records: Mapping[str, Saved]) -> bool:
    """Whether a place was done, or begun, before another one was reached; or goes on beside it."""
    if f"{where}/".startswith(f"{path}/") or f"{path}/".startswith(f"{where}/") or not where:
        return False
    for level, inner in pairwise([*around, None]):
        assert level is not None
        if inner is None or not where.startswith(f"{inner.path}/"):
            segment = (where.removeprefix(level.path).removeprefix("/")).partition("/")[0]
            return _comes_before(level, segment, records[level.path])
    return False


def _comes_before(level: Level, other: str, record: Saved) -> bool:
    match level.kind:
        case StepType.PARALLEL:
            return True
        case StepType.LOOP | StepType.ROUTER:
            return other.isdigit() and int(other) < int(level.segment)
        case StepType.CONDITION:
            return False
        case _ if _is_repeated(level):
            return not other.startswith(AGAIN) or int(other.removeprefix(AGAIN)) < level.redo
    return other in _earlier(level, record)


def _earlier(level: Level, record: Saved) -> list[str]:
    """The segments before the way on, in a group that runs one after another."""
    lineup = record.memo.get("route") or [_segment(child) for child in level.node["children"]]
    if level.segment not in lineup:
        raise NoSuchPlace(f"The definition has no '{level.segment}' at '{level.path}'")
    return list(lineup[: lineup.index(level.segment)])


def _rewound(level: Level, records: Mapping[str, Saved], before: set[str], path: str, mark: str) -> Saved:
    """The record of what stands around, as it was when the way on was taken."""
    record = records[level.path]
    memo = {key: value for key, value in record.memo.items() if _stays(key, level, before, path, records)}
    cursor, about = _progress(level, records)
    memo |= about
    if mark:
        memo[FORKED] = [*memo.get(FORKED, []), mark]
    if level.kind == StepType.ROUTER:
        memo[LEFT] = int(level.segment) - 1 - level.redo
    return replace(
        record, status=StepStatus.pending.value, cursor=cursor, memo=memo, in_flight=None, slot=None
    )


def _stays(key: str, level: Level, before: set[str], path: str, records: Mapping[str, Saved]) -> bool:
    """Whether an answer was there when the way on was taken."""
    if key in OF_CHILDREN:
        return _is_repeated(level)
    if key in OF_END:
        return False
    if counted := TIMES.fullmatch(key.partition(".")[0]):
        return int(counted["n"]) < level.redo + (counted["name"] in BEGINS)
    if failed := ERROR.fullmatch(key):
        where = failed["path"] or failed["again"]
        return where in before or (where in records and f"{path}/".startswith(f"{where}/") and where != path)
    return True


def _progress(level: Level, records: Mapping[str, Saved]) -> tuple[int, dict[str, Any]]:
    """How many children were done for good when the way on was taken, and what the group knew of them."""
    path, record = level.path, records[level.path]
    match level.kind:
        case StepType.LOOP:
            return _rounds(path, int(level.segment) - 1, records)
        case StepType.PARALLEL:
            segments = [
                _segment(child) for child in level.node["children"] if _segment(child) != level.segment
            ]
            done = [segment for segment in segments if _is_done(records.get(join(path, segment)))]
            about = _known(path, done, records)
            about.pop("last", None)  # which of the branches is the last, is found when all are done
            return len(done), about
        case StepType.ROUTER | StepType.CONDITION:
            return 0, {}
        case _ if _is_repeated(level):
            return record.cursor, {}
    earlier = _earlier(level, record)
    return len(earlier), _known(path, earlier, records)


def _known(path: str, segments: Iterable[str], records: Mapping[str, Saved]) -> dict[str, Any]:
    """What a group knows of children that are done: the last output, how many there are, whether one failed."""
    known: dict[str, Any] = {}
    for segment in segments:
        child = records.get(join(path, segment))
        if child is None or not _is_done(child):
            raise NoSuchPlace(f"The definition has '{segment}' at '{path}' now, where the run has not been")
        if child.slot is not None:
            known |= {"last": child.path, "kept": known.get("kept", 0) + 1}
            if child.status == StepStatus.failed:
                known["failed"] = True
        if child.memo.get(STOPS):
            known["stop"] = True
    return known


def _rounds(path: str, number: int, records: Mapping[str, Saved]) -> tuple[int, dict[str, Any]]:
    """What a loop knows after so many iterations."""
    known: dict[str, Any] = {}
    for each in range(1, number + 1):
        inside = records[join(path, str(each))].memo
        kept = known.get("kept", 0) + inside.get("kept", 0)
        known |= {name: inside[name] for name in ("last", "failed") if name in inside} | {"kept": kept}
    said = records[join(path, str(number))].memo.get("review:0") if number else None
    feedback = said["answer"].get("feedback") if said else None
    return number, known if feedback is None else known | {"feedback": feedback}


def _is_done(record: Saved | None) -> bool:
    return record is not None and StepStatus(record.status).finished


def _fresh(record: Saved, *, given: bool, consented: bool) -> Saved:
    """The record of the place itself: nothing has happened there yet but, where it failed, that people let it begin."""
    memo = {GIVEN: True} if given else {}
    if consented and record.slot == FAILURE:
        memo |= {key: value for key, value in record.memo.items() if CONSENT.match(key)}
    return Saved(
        path=record.path,
        name=record.name,
        kind=record.kind,
        status=StepStatus.pending,
        tries=0,
        cursor=0,
        memo=memo,
    )


def _slots(record: Saved) -> set[str]:
    """The values that a record still refers to."""
    found = {GIVEN} if GIVEN in record.memo else set()
    for answer in record.memo.values():
        if isinstance(answer, Mapping) and answer.get("success"):
            found.add(answer["success"][0])
        elif isinstance(answer, Mapping) and answer.get("answer"):
            found |= slots_in(answer["answer"].get("values") or {})
    return found


def _gets(around: list[Level], rewound: Mapping[str, Saved]) -> str | None:
    """The path of what a place is given: what ran before it in its own workflow, else that one's input."""
    for level in reversed(around):
        memo = rewound[level.path].memo
        counts = level.node.get("forward_output") if level.kind == StepType.LOOP else not _is_repeated(level)
        if counts and "last" in memo:
            return str(memo["last"])
        if GIVEN in memo:
            return join(level.path, GIVEN)
    return None


def _is_repeated(level: Level) -> bool:
    """The way on leads to one of the times that a nested workflow was done again."""
    return level.kind == StepType.WORKFLOW and level.segment.startswith(AGAIN)


def content_at(path: str, records: Mapping[str, Saved], read: Callable[[str, str], Mapping[str, Any]]) -> Any:
    """The deepest content, as data with its tags, of what is kept at a path; `read` gives the value of (path, slot)."""
    around, _, segment = path.rpartition("/")
    if segment == GIVEN:
        return read(around, GIVEN).get("content")
    record = records.get(path)
    if record is None or record.slot is None:
        return None
    data = read(path, record.slot)
    inner = data.get("inner")
    if inner is None or "edit" in inner:
        return data.get("content") if inner is None else inner["edit"]
    last = _last_inside(inner, records)
    return data.get("content") if last is None else content_at(last, records, read)


def _last_inside(inner: Mapping[str, Any], records: Mapping[str, Saved]) -> str | None:
    rounds = inner["iterations"]
    groups = (
        [inner["path"]] if rounds is None else [join(inner["path"], str(n)) for n in range(rounds, 0, -1)]
    )
    lasts = (records[group].memo.get("last") for group in groups if group in records)
    return next((str(last) for last in lasts if last is not None), None)


def _segment(node: Node) -> str:
    return str(node["path"].rpartition("/")[2])
