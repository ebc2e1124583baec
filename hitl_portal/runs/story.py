"""Everything that a run's page tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, Q, When

from hitl_portal.evidence.exhibits import Exhibit
from hitl_portal.places import Place, draw, everywhere, node_at, records_of
from hitl_portal.runs.outputs import Output, short_data
from hitl_portal.runs.timeline import Line, line_of, step_name
from hitl_portal.runs.transcript import Talk, talks_of
from workflows import policy
from workflows.models import Requirement, RunEvent, StepRecord, Value, WorkflowRun
from workflows.repair import RESTART, RESTARTABLE
from workflows.retention import is_erased
from workflows.speech import being_said
from workflows.types import RunStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_LINES = 120
MOST_ASKED = 100


@dataclass(frozen=True, kw_only=True)
class Said:
    """What an agent has said so far of the turn that it is at. `name` is that of its step, or of the member."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Story:
    """One run as one person sees it. `earlier` counts the events before the first line; `is_cut`: older
    requirements are not listed; `gone` is what ran at places that the definition does not have any more; `talks` is
    what agents said and did, by the path of their step, `speech` what they are saying; `can_mend` and `can_restart` are
    for admins."""

    run: WorkflowRun
    places: list[Place]
    gone: list[StepRecord]
    talks: dict[str, list[Talk]]
    speech: list[Said]
    outputs: dict[UUID, Output]
    lines: list[Line]
    earlier: int
    requirements: list[Requirement]
    is_cut: bool
    inputs: Exhibit | None
    output: Exhibit | None
    restarted_as: str
    restart_of: str
    can_cancel: bool
    can_mend: bool
    can_restart: bool

    @property
    def is_changed(self) -> bool:
        """The run's definition is another one now, and it stands at a place that is not there."""
        return self.run.status == RunStatus.definition_changed


def story_of(run: WorkflowRun, person: "User") -> Story:
    """The page's content, in at most fourteen queries (for admins fifteen), however much has happened."""
    requirements = _asked(run)
    newest = list(run.events.order_by("-sequence")[:MOST_LINES])
    records, outline = records_of(run), run.workflow.outline
    places = draw(
        outline,
        records=records,
        waiting=[requirement for requirement in requirements if requirement.is_open],
        is_over=run.is_finished,
    )
    outputs, inputs = _values_of(run, places)
    restarted_as = _restarted_as(newest)
    is_admin = policy.is_admin(person)
    by_id: dict[UUID | None, Requirement] = {requirement.id: requirement for requirement in requirements}
    return Story(
        run=run,
        places=places,
        gone=[record for record in records if record.path and node_at(outline, record.path) is None],
        talks=talks_of(run),
        speech=speech_of(run),
        outputs=outputs,
        lines=[line_of(event, outline, by_id) for event in reversed(newest)],
        earlier=run.events.count() - len(newest) if len(newest) == MOST_LINES else 0,
        requirements=requirements,
        is_cut=len(requirements) == MOST_ASKED,
        inputs=inputs,
        output=outputs[run.output_id].exhibit if run.output_id in outputs else None,
        restarted_as=restarted_as,
        restart_of=run.external_id if run.source == RESTART else "",
        can_cancel=not run.is_finished and policy.may_cancel(person, run),
        can_mend=is_admin and run.status == RunStatus.definition_changed,
        can_restart=is_admin and run.status in RESTARTABLE and not restarted_as and not is_erased(run),
    )


def speech_of(run: WorkflowRun) -> list[Said]:
    """What is being said right now; a query where anything can be."""
    said = being_said(run.id) if run.status == RunStatus.running else {}
    return [Said(name=step_name(path, run.workflow.outline), text=text) for path, text in said.items()]


def irreversible_ones(run: WorkflowRun) -> list[Place]:
    """What has been done for good in this run."""
    places = everywhere(draw(run.workflow.outline, records=records_of(run)))
    return [place for place in places if place.is_irreversible and place.state == "completed"]


def _asked(run: WorkflowRun) -> list[Requirement]:
    """What waits, and what was asked last before that; in the order of asking."""
    is_open = Case(When(status=Requirement.Status.OPEN, then=0), default=1)
    listed = run.requirements.order_by(is_open, "-opened_at", "-id").prefetch_related("decisions")
    return sorted(listed[:MOST_ASKED], key=lambda requirement: (requirement.opened_at, requirement.id))


def _values_of(run: WorkflowRun, places: Iterable[Place]) -> tuple[dict[UUID, Output], Exhibit | None]:
    """The outputs that the page shows, by id, and what the run was given; in one query."""
    shown = [place.record.output_id for place in everywhere(places) if place.record and not place.children]
    always = Q(id=run.output_id) | Q(path="", slot="inputs")
    rows = run.values.filter(always | Q(id__in=[each for each in shown if each]))
    outputs: dict[UUID, Output] = {}
    inputs = None
    for row in short_data(rows, always=always):
        outputs[row.id] = Output.of(row.id, row.size, row.text, row.slot)
        if (row.path, row.slot) == ("", "inputs"):
            inputs = Exhibit.of_inputs(Value(id=row.id, data=row.text), run)
    return outputs, inputs


def _restarted_as(newest: Iterable[RunEvent]) -> str:
    """The run that stands for it now; an event near the end says so."""
    return next((str(event.data["restarted_as"]) for event in newest if event.type == "RunRestarted"), "")
