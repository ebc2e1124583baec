"""A workflow's tree as pages draw it: the registered outline, joined with what has happened at each place.

The outline knows no rounds: between a loop and its body stands the number of the iteration, between a router and
its choices the number of the try (`refine/3/draft`). Of a loop only the last rounds are drawn, so that a page
costs the same however long the loop has run. What an agent or team does (`answer/2.0:pay`: its third turn, the first
call in it) is not drawn at all: that is its transcript.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.db.models import F
from django.db.models.fields.json import KeyTransform

from workflows.models import Requirement, StepRecord, WorkflowRun
from workflows.types import StepStatus, StepType

Node = Mapping[str, Any]

MOST_ROUNDS = 20
MOST_IN_LOOPS = 600
ITERATION, TRY, BRANCH = "Iteration", "Try", "Branch"  # places that are no node of their own
NUMBERED = (StepType.LOOP, StepType.ROUTER)
MEMBERS = (StepType.AGENT, StepType.TEAM)
# How the place of a call by an agent begins; a second colon follows where a member of its team is called.
CALL = re.compile(r"\d+\.\d+:")
INSIDE = r"/[0-9]+\.[0-9]+:"


@dataclass(kw_only=True)
class Place:
    """One node of the tree, or one round of it. `earlier` counts the rounds before the first that is drawn.

    `is_passed`: the run went another way, or ended before it came here; `is_over`: it ended.
    """

    name: str
    path: str
    kind: str = ""
    children: list["Place"] = field(default_factory=list)
    record: StepRecord | None = None
    waiting: list[Requirement] = field(default_factory=list)
    is_current: bool = False
    is_passed: bool = False
    is_over: bool = False
    is_irreversible: bool = False
    number: int | None = None
    most: int | None = None
    earlier: int = 0

    @property
    def state(self) -> str:
        """One word for its icon: a record's status, "ahead" where the run has not been, or "passed"."""
        if self.waiting or self.is_current:
            return "waiting"
        if self.record is None:
            return "passed" if self.is_passed else "ahead"
        if StepStatus(self.record.status).finished:
            return str(self.record.status)
        if self.is_over:
            return "passed"
        has_begun = self.children or getattr(self.record, "begun", None) is not None
        return "running" if has_begun else str(self.record.status)

    @property
    def is_open(self) -> bool:
        """Something inside it is not over."""
        return self.state in ("waiting", "running") or any(child.is_open for child in self.children)

    @property
    def is_worth_opening(self) -> bool:
        """A small drawing shows what is inside: not of what is over, or was never taken."""
        return bool(self.children) and (self.is_open or self.state in ("ahead", "pending"))


def node_at(outline: Node, path: str) -> Node | None:
    """The outline's node for the path of a record, of a round, or of a requirement; None where it has none."""
    node: Node | None = outline
    is_round = False
    for segment in path.split("/") if path else ():
        if node is None:
            return None
        call = CALL.match(segment)
        is_round = not call and not is_round and node.get("kind") in NUMBERED
        if call:
            node = _called(node, segment[call.end() :])
        elif is_round:
            node = node if segment.isdigit() else None
        else:
            node = next((child for child in node.get("children", ()) if _segment(child) == segment), None)
    return node


def step_path(path: str) -> str:
    """The path of the step: of what an agent or team does inside one, the step that runs it."""
    return re.split(INSIDE, path, maxsplit=1)[0]


def records_of(run: WorkflowRun, most: int = MOST_IN_LOOPS) -> list[StepRecord]:
    """What has happened: all of it outside loops, the newest inside them; nothing of what agents do. Two queries at
    most.

    Everything inside a round is younger than the round: one whose own record is there is there as a whole.
    """
    records = run.records.annotate(route=F("memo__route"), begun=KeyTransform("begun:0", "memo"))
    records = records.exclude(path__regex=INSIDE).defer("memo")
    inside = "|".join(_loops(run.workflow.outline, ""))
    if not inside:
        return list(records)
    pattern = f"^({inside})/"
    newest = records.filter(path__regex=pattern).order_by("-started_at", "-id")[:most]
    return [*records.exclude(path__regex=pattern), *reversed(newest)]


def rounds_before(run: WorkflowRun, path: str, before: int, most: int = MOST_ROUNDS) -> Place | None:
    """The last rounds of a loop or router before one, which are not drawn with the rest; None where it is none.
    One query."""
    node = node_at(run.workflow.outline, path)
    if node is None or node.get("kind") not in NUMBERED or before < 2:
        return None
    numbers = "|".join(str(number) for number in range(max(1, before - most), before))
    records = run.records.annotate(route=F("memo__route"), begun=KeyTransform("begun:0", "memo"))
    found = records.filter(path__regex=f"^{re.escape(path)}/({numbers})(/|$)").exclude(path__regex=INSIDE)
    tree = _Tree(found.defer("memo"), (), current=None, is_over=run.is_finished, rounds=most)
    return tree.place(node, path, is_passed=False)


def draw(
    outline: Node,
    *,
    records: Iterable[StepRecord] = (),
    waiting: Iterable[Requirement] = (),
    current: str | None = None,
    is_over: bool = False,
    rounds: int = MOST_ROUNDS,
) -> list[Place]:
    """The places below the root, in order. `is_over`: nothing that has no record will get one."""
    tree = _Tree(records, waiting, current=current, is_over=is_over, rounds=rounds)
    return [tree.place(node, node["path"], is_passed=is_over) for node in outline.get("children", ())]


def everywhere(places: Iterable[Place]) -> Iterator[Place]:
    """The places and everything inside them, in order."""
    for place in places:
        yield place
        yield from everywhere(place.children)


class _Tree:
    """Everything that is known of a run, by path."""

    def __init__(
        self,
        records: Iterable[StepRecord],
        waiting: Iterable[Requirement],
        *,
        current: str | None,
        is_over: bool,
        rounds: int,
    ) -> None:
        self.records = {record.path: record for record in records}
        self.waiting: dict[str, list[Requirement]] = defaultdict(list)
        for requirement in waiting:
            self.waiting[step_path(requirement.path)].append(requirement)
        self.numbers: dict[str, list[int]] = defaultdict(list)
        for path in self.records:
            parent, _, segment = path.rpartition("/")
            if segment.isdigit():
                self.numbers[parent].append(int(segment))
        self.current, self.is_over, self.rounds = current, is_over, rounds

    def place(self, node: Node, path: str, *, is_passed: bool) -> Place:
        """The place of a node at `path`; `is_passed` counts where it has no record."""
        place = self._at(node, path)
        place.kind = StepType.WORKFLOW if node.get("workflow") else node["kind"]
        place.is_passed = is_passed and place.record is None
        place.is_irreversible = bool(node.get("irreversible"))
        is_over = place.is_passed or self._is_done(place)
        if node["kind"] in NUMBERED and self.numbers[path]:
            self._add_rounds(place, node, is_over=is_over)
        else:
            place.children = self._inside(node, path, is_over=is_over)
        return place

    def _at(self, node: Node, path: str) -> Place:
        return Place(
            name=node["name"],
            path=path,
            record=self.records.get(path),
            waiting=self.waiting.get(path, []),
            is_current=path == self.current,
            is_over=self.is_over,
            most=node.get("max_iterations"),
        )

    def _is_done(self, place: Place) -> bool:
        """Nothing inside it begins any more."""
        return self.is_over or (place.record is not None and StepStatus(place.record.status).finished)

    def _inside(self, node: Node, path: str, *, is_over: bool) -> list[Place]:
        """The children of a node at `path`, which may be a round of it."""
        steps = (child for child in node.get("children", ()) if child["kind"] not in MEMBERS)
        below = [(child, f"{path}/{_segment(child)}") for child in steps]
        route = getattr(self.records.get(path), "route", None)
        is_condition = node["kind"] == StepType.CONDITION
        is_over = is_over or (is_condition and any(at in self.records for _, at in below))
        places = [
            self.place(child, at, is_passed=is_over or (route is not None and _segment(child) not in route))
            for child, at in below
        ]
        for branch in places if is_condition else ():
            branch.kind = BRANCH
        return places

    def _add_rounds(self, place: Place, node: Node, *, is_over: bool) -> None:
        numbers = sorted(self.numbers[place.path])
        shown = numbers[-self.rounds :]
        place.number, place.earlier = numbers[-1], shown[0] - 1
        rounds = [self._round(place, node, number, is_over=is_over) for number in shown]
        is_only_try = node["kind"] == StepType.ROUTER and numbers == [1]
        place.children = rounds[0].children if is_only_try else rounds

    def _round(self, place: Place, node: Node, number: int, *, is_over: bool) -> Place:
        made = self._at(node, f"{place.path}/{number}")
        made.kind, made.number = ITERATION if node["kind"] == StepType.LOOP else TRY, number
        made.children = self._inside(node, made.path, is_over=is_over or self._is_done(made))
        return made


def _called(node: Node, name: str) -> Node | None:
    """The member of a team, or the tool, that a call names; no outline lists the tools."""
    if not name.startswith(":"):
        return {"name": unquote(name), "kind": StepType.TOOL, "path": "", "children": ()}
    return next((child for child in node.get("children", ()) if _segment(child) == name[1:]), None)


def _segment(node: Node) -> str:
    return str(node["path"].rpartition("/")[2])


def _loops(node: Node, path: str) -> Iterator[str]:
    """A pattern for the path of each outermost loop."""
    for child in node.get("children", ()):
        at = f"{path}/" if path else ""
        at += re.escape(_segment(child))
        if child["kind"] == StepType.LOOP:
            yield at
        else:
            yield from _loops(child, f"{at}/[0-9]+" if child["kind"] == StepType.ROUTER else at)
