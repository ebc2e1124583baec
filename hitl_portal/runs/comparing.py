"""Comparing two runs: what each was given, its way, what its steps gave, what was decided, how long it took."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models.functions import MD5
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hitl_portal import access
from hitl_portal.pages import page
from hitl_portal.places import Place, draw, everywhere, records_of
from hitl_portal.runs.filters import RunFilters
from hitl_portal.runs.outputs import short_data
from hitl_portal.runs.spent import spent_in
from workflows.ids import id_in
from workflows.models import Requirement, Value, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.pages import PageRequest

MOST_STEPS = 300
MOST_CHARACTERS = 8_000  # of an output that is compared word for word
MOST_DIFFERENCES = 30  # that are worked out on one page


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two runs: `content` is what a step gave, by path, where it is short enough; `digests` are of all."""

    run: WorkflowRun
    places: dict[str, Place]
    inputs: Any
    content: dict[str, Any]
    digests: dict[str, str]
    decisions: dict[str, list[Requirement]]
    worked: dict[str, timedelta]
    waited: dict[str, timedelta]


@dataclass(kw_only=True)
class Step:
    """One place as it was in both runs. `change` is same, other, or gone (in one of the two alone)."""

    path: str
    place: Place
    sides: list[Place | None]
    worked: list[timedelta | None]
    waited: list[timedelta | None]
    decisions: list[list[Requirement]]
    change: str = "same"
    before: Any = None
    after: Any = None
    is_shown: bool = False

    @property
    def depth(self) -> int:
        """How deep it stands in the tree."""
        return self.path.count("/")


@dataclass(kw_only=True)
class Comparison:
    """Both runs side by side. `is_cut`: there are more steps than are compared."""

    sides: list[Side]
    steps: list[Step] = field(default_factory=list)
    is_cut: bool = False

    @property
    def is_same_workflow(self) -> bool:
        """They are runs of one workflow."""
        first, second = (side.run.workflow_id for side in self.sides)
        return first == second

    @property
    def others(self) -> int:
        """How many steps are not the same."""
        return sum(1 for step in self.steps if step.change != "same")


def comparison_of(first: WorkflowRun, second: WorkflowRun, person: "User") -> Comparison:
    """Both runs; eight queries for each at most, however much has happened."""
    made = Comparison(sides=[_side(run, person) for run in (first, second)])
    one, other = made.sides
    paths = list(dict.fromkeys([*one.places, *other.places]))
    made.is_cut = len(paths) > MOST_STEPS
    left = MOST_DIFFERENCES
    for path in _in_tree_order(paths[:MOST_STEPS], made.sides):
        step = _step(path, one, other)
        if step.change == "other" and left and path in one.content and path in other.content:
            step.before, step.after = one.content[path], other.content[path]
            step.is_shown = step.before != step.after  # else the media differ, or what else an output says
            left -= step.is_shown
        made.steps.append(step)
    return made


def _side(run: WorkflowRun, person: "User") -> Side:
    drawn = draw(run.workflow.outline, records=records_of(run), is_over=run.is_finished)
    places = {place.path: place for place in everywhere(drawn) if place.record is not None}
    wanted = [place.record.output_id for place in places.values() if place.record and not place.children]
    content, digests, inputs = {}, {}, None
    for row in short_data(_outputs(run, wanted), MOST_CHARACTERS):
        if (row.path, row.slot) == ("", "inputs"):
            inputs = _shown(row, "input") if row.text is not None else None
            continue
        digests[row.path] = row.digest
        if row.text is not None:
            content[row.path] = _shown(row, "content")
    times = spent_in(run, places.values())
    return Side(
        run=run,
        places=places,
        inputs=inputs,
        content=content,
        digests=digests,
        decisions=_decisions(run, person),
        worked={path: time.worked for path, time in times.items()},
        waited={path: time.waited for path, time in times.items() if time.waited},
    )


def _outputs(run: WorkflowRun, wanted: Iterable[UUID | None]) -> Any:
    ids = [key for key in wanted if key is not None][:MOST_STEPS]
    inputs = run.values.filter(path="", slot="inputs").values("id")
    found = run.values.filter(id__in=ids) | run.values.filter(id__in=inputs)
    return found.annotate(digest=MD5("data"))  # to tell outputs apart, also such as are too long to be read


def _shown(row: Any, part: str) -> Any:
    plain = Value(data=row.text).plain()
    return plain.get(part, plain) if isinstance(plain, dict) else plain


def _decisions(run: WorkflowRun, person: "User") -> dict[str, list[Requirement]]:
    seen = access.visible_requirements(person).filter(run=run.id).prefetch_related("decisions")
    found: dict[str, list[Requirement]] = {}
    for requirement in seen.order_by("opened_at", "id")[:MOST_STEPS]:
        found.setdefault(requirement.path, []).append(requirement)
    return found


def _in_tree_order(paths: list[str], sides: list[Side]) -> list[str]:
    """The places of the first run in its order; what only the second has stands after what it follows there."""
    order, last = [path for path in paths if path in sides[0].places], ""
    for path in sides[1].places:
        if path in sides[0].places:
            last = path
        elif path in paths:
            order.insert(order.index(last) + 1 if last in order else 0, path)
            last = path
    return order


def _step(path: str, one: Side, other: Side) -> Step:
    sides = [side.places.get(path) for side in (one, other)]
    place = next(place for place in sides if place is not None)
    step = Step(
        path=path,
        place=place,
        sides=sides,
        worked=[side.worked.get(path) for side in (one, other)],
        waited=[side.waited.get(path) for side in (one, other)],
        decisions=[side.decisions.get(path, []) for side in (one, other)],
    )
    step.change = _change(path, one, other)
    return step


def _change(path: str, one: Side, other: Side) -> str:
    first, second = one.places.get(path), other.places.get(path)
    if first is None or second is None:
        return "gone"
    is_same = first.state == second.state and one.digests.get(path) == other.digests.get(path)
    return "same" if is_same else "other"


@require_safe
@page
def compare(request: "PageRequest") -> HttpResponse:
    """Two runs side by side: `?a=` and `?b=`; with one of them alone, the other one is chosen from the list."""
    keys = [id_in(request.GET.get(name, "")) for name in ("a", "b")]
    known = [key for key in keys if key is not None]
    if not known:
        raise Http404
    first = access.visible_run(request.user, known[0])
    if len(known) == 1:
        wanted = RunFilters(workflow=first.workflow.name, compare=str(first.id))
        return redirect(f"{reverse('runs:list')}?{wanted.query}")
    second = access.visible_run(request.user, known[1])
    made = comparison_of(first, second, request.user)
    return render(
        request, "runs/compare.html", {"made": made, "first": made.sides[0], "second": made.sides[1]}
    )
