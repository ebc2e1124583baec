"""Run pages: the list, one run, starting one and ending one."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hitl_portal import access
from hitl_portal.pages import page
from hitl_portal.runs.forms import StartForm
from hitl_portal.runs.story import story_of
from workflows import policy, services
from workflows.errors import NotEligible, RunFinished, UnknownWorkflow, WorkflowDisabled
from workflows.types import RunStatus

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

PAGE_SIZE = 50
FILTERS = [status for status in RunStatus if status is not RunStatus.regenerated]


@require_safe
@page
def runs(request: "PageRequest") -> HttpResponse:
    """Every run that this person may see, the newest first; `?status=` shows those in one state."""
    visible = access.visible_runs(request.user)
    status = request.GET.get("status", "")
    if status in FILTERS:
        visible = visible.filter(status=status)
    listed = Paginator(visible, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "runs/list.html", {"runs": listed, "status": status, "statuses": FILTERS})


@require_safe
@page
def detail(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """One run: its tree, its story, what was asked and decided, what came out."""
    story = story_of(access.visible_run(request.user, run_id), request.user)
    return render(request, "runs/detail.html", {"story": story})


@require_safe
@page
def body(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """What changes of a run's page while it is open."""
    story = story_of(access.visible_run(request.user, run_id), request.user)
    return render(request, "runs/_body.html", {"story": story})


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: "PageRequest") -> HttpResponse:
    """Choose a workflow, give it an input, start it."""
    form = StartForm(request.POST or None, initial={"workflow": request.GET.get("workflow")})
    if request.method != "POST" or not form.is_valid():
        return render(request, "runs/new.html", {"form": form}, status=422 if form.errors else 200)
    try:
        run = services.start_run(
            form.cleaned_data["workflow"].name,
            form.cleaned_data["input"],
            actor=services.Actor.of(request.user),
            source="portal",
        )
    except (UnknownWorkflow, WorkflowDisabled) as refused:
        form.add_error("workflow", str(refused))
        return render(request, "runs/new.html", {"form": form}, status=422)
    messages.success(request, _("The run is started."))
    return redirect("runs:detail", run.id)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def cancel(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """Ask whether to end a run, and end it on POST."""
    run = access.visible_run(request.user, run_id)
    if not policy.may_cancel(request.user, run):
        raise PermissionDenied(_("Admins end runs, and whoever asked for them."))
    if request.method != "POST":
        return render(request, "runs/cancel.html", {"run": run})
    try:
        services.cancel_run(run.id, actor=services.Actor.of(request.user))
    except NotEligible as refused:
        raise PermissionDenied(str(refused)) from None
    except RunFinished as late:
        return render(request, "409.html", {"problem": str(late)}, status=409)
    messages.success(request, _("The run ends."))
    return redirect("runs:detail", run.id)
