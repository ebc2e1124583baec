"""The page of a run's time: when each step was at work and when it waited, as a drawing that is a table too."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hitl_portal import access
from hitl_portal.pages import page
from hitl_portal.places import draw, records_of
from hitl_portal.runs.drawing import drawing_of
from hitl_portal.runs.spent import waits_of

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

EVEN = "even"


@require_safe
@page
def time(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """The time of one run. With `?axis=even` no stretch is folded; `?part=1` is what changes while it is open."""
    run, now = access.visible_run(request.user, run_id), timezone.now()
    places = draw(run.workflow.outline, records=records_of(run), is_over=run.is_finished)
    folded = request.GET.get("axis") != EVEN
    drawing = drawing_of(run, places, waits_of(run, now), now=now, folded=folded)
    template = "runs/_time.html" if request.GET.get("part") else "runs/time.html"
    return render(request, template, {"run": run, "drawing": drawing})
