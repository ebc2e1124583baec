"""Everything that a run's page tells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hitl_portal.places import Place, draw
from hitl_portal.runs.timeline import Line, line_of
from workflows import policy
from workflows.models import Requirement, Value, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_LINES = 300


@dataclass(frozen=True, kw_only=True)
class Story:
    """One run as one person sees it. `earlier` counts the events before the first line."""

    run: WorkflowRun
    places: list[Place]
    lines: list[Line]
    earlier: int
    requirements: list[Requirement]
    inputs: Any
    output: Any
    can_cancel: bool


def story_of(run: WorkflowRun, person: "User") -> Story:
    """The page's content, in seven queries."""
    requirements = list(run.requirements.prefetch_related("decisions"))
    newest = list(run.events.order_by("-sequence")[:MOST_LINES])
    given = Value.objects.filter(run=run, path="", slot="inputs").first()
    inputs = given.plain() if given else None
    made = run.output.plain() if run.output else None
    return Story(
        run=run,
        places=draw(
            run.workflow.outline,
            records=run.records.select_related("output").defer("memo"),
            waiting=[requirement for requirement in requirements if requirement.is_open],
        ),
        lines=[line_of(event) for event in reversed(newest)],
        earlier=run.events.count() - len(newest) if len(newest) == MOST_LINES else 0,
        requirements=requirements,
        inputs=inputs.get("input") if isinstance(inputs, dict) else inputs,
        output=made.get("content", made) if isinstance(made, dict) else made,
        can_cancel=not run.is_finished and policy.may_cancel(person, run),
    )
