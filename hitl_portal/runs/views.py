"""Run pages: one run, starting one and ending one."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hitl_portal import access
from hitl_portal.pages import page
from hitl_portal.places import everywhere, rounds_before
from hitl_portal.refused import in_words
from hitl_portal.runs.outputs import outputs_of, whole
from hitl_portal.runs.spent import spent_in
from hitl_portal.runs.story import irreversible_ones, speech_of, story_of
from hitl_portal.runs.timeline import step_name
from hitl_portal.runs.transcript import MOST_TURNS, talk_at
from hitl_portal.runs.ways import ways_of
from workflows import policy, repair, services
from workflows.errors import NotEligible, RunFinished, WorkflowDisabled, WrongStatus

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_safe
@page
def detail(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """One run: its tree, its story, what was asked and decided, what came out."""
    return render(request, "runs/detail.html", _told(request, run_id))


@require_safe
@page
def body(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """What changes of a run's page while it is open."""
    return render(request, "runs/_body.html", _told(request, run_id))


def _told(request: "PageRequest", run_id: UUID) -> dict[str, Any]:
    """What the page of a run tells: its story, the ways on from it, and what became of the time of each place."""
    run = access.visible_run(request.user, run_id)
    story = story_of(run, request.user)
    times = spent_in(run, everywhere(story.places)) if story.places else {}
    return {"story": story, "ways": ways_of(run, request.user), "times": times}


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
        raise PermissionDenied(in_words(refused)) from None
    except RunFinished as late:
        return render(request, "409.html", {"problem": in_words(late)}, status=409)
    messages.success(request, _("The run ends."))
    return redirect("runs:detail", run.id)


@require_POST
@page
def repoint(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """Have a run whose definition changed tried with the definition of now."""
    run = access.visible_run(request.user, run_id)
    try:
        repair.retry_changed(run.id, actor=services.Actor.of(request.user))
    except NotEligible:
        raise PermissionDenied(_("Admins do this.")) from None
    except WrongStatus as late:
        return render(request, "409.html", {"problem": in_words(late)}, status=409)
    messages.success(request, _("A worker tries it again."))
    return redirect("runs:detail", run.id)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def restart(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """Ask whether to start a run anew, and start it on POST."""
    run = access.visible_run(request.user, run_id)
    if not policy.is_admin(request.user):
        raise PermissionDenied(_("Admins do this."))
    if request.method != "POST":
        return render(request, "runs/restart.html", {"run": run, "done": irreversible_ones(run)})
    try:
        fresh = repair.restart_run(run.id, actor=services.Actor.of(request.user))
    except NotEligible as refused:
        raise PermissionDenied(in_words(refused)) from None
    except (WrongStatus, WorkflowDisabled) as refused:
        return render(request, "409.html", {"problem": in_words(refused)}, status=409)
    messages.success(request, _("The run is started anew."))
    return redirect("runs:detail", fresh.id)


@require_safe
@page
def output(request: "PageRequest", run_id: UUID, value_id: UUID) -> HttpResponse:
    """What one step gave, where it is too long for the run's page."""
    run = access.visible_run(request.user, run_id)
    value = get_object_or_404(run.values, id=value_id)
    step = step_name(value.path, run.workflow.outline)
    return render(request, "runs/output.html", {"run": run, "step": step, "output": whole(value)})


@require_safe
@page
def rounds(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """Earlier rounds of a loop: `?path=` says of which, `?before=` the round that they come before."""
    run = access.visible_run(request.user, run_id)
    text = request.GET.get("before", "")
    found = rounds_before(
        run, request.GET.get("path", ""), int(text) if text.isdecimal() and len(text) < 9 else 0
    )
    if found is None:
        raise Http404
    outputs = outputs_of(run, everywhere(found.children))
    story = {"run": run, "talks": {}, "outputs": outputs}
    told = {
        "story": story,
        "ways": ways_of(run, request.user),
        "times": spent_in(run, everywhere(found.children)),
    }
    return render(request, "runs/rounds.html", told | {"place": found})


@require_safe
@page
def speech(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """What agents are saying right now, for a page that is open."""
    run = access.visible_run(request.user, run_id)
    return render(request, "runs/_speech.html", {"speech": speech_of(run)})


@require_safe
@page
def talk(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """All that one agent said and did, some turns at a time: `?path=` says which, `?from=` the first turn."""
    run = access.visible_run(request.user, run_id)
    text = request.GET.get("from", "0")
    first = int(text) if text.isdecimal() and len(text) < 9 else 0
    found = talk_at(run, request.GET.get("path", ""), first)
    if found is None:
        raise Http404
    around = {"before": max(0, first - MOST_TURNS) if first else None}
    around |= {"after": first + MOST_TURNS if first + MOST_TURNS < found.total else None}
    return render(request, "runs/talk.html", {"run": run, "talk": found} | around)
