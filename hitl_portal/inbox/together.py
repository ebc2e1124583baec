"""Several at once: the page that lists what is about to be answered together, and what became of each."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hitl_portal.inbox import bulk as batches
from hitl_portal.inbox.address import suffix
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.held import note
from hitl_portal.pages import page
from workflows.models import Requirement
from workflows.types import Action, Answer

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_http_methods(["GET", "HEAD", "POST"])
@page
def bulk(request: "PageRequest") -> HttpResponse:
    """What was ticked, sorted into what is alike; sent from there, each is decided by itself."""
    desk = Desk.of(request.user)
    if request.method != "POST":
        return _ask(request, desk)
    items = batches.chosen(desk, request.POST.getlist("item"))
    listed = batches.revisions(items, request.POST.getlist("item"))
    if request.POST.get("action") == batches.CLAIM:
        return _tell(request, batches.claim(request, listed))
    answer = _answer(request, listed)
    if answer is None:
        return _ask(request, desk, problem=_("Say what should change: it is passed on."))
    outcomes = batches.decide(request, listed, answer)
    for outcome in outcomes:
        if outcome.decision is not None:
            note(request, outcome.decision.requirement)
    return _tell(request, outcomes)


def _ask(request: "PageRequest", desk: Desk, problem: str = "") -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    do = given.get("do", "")
    items = batches.chosen(desk, given.getlist("item"))
    if not items or do not in (*batches.ACTIONS, batches.CLAIM):
        return redirect("inbox:list")
    alike, left_out = batches.sorted_out(desk, items, do)
    context = {
        "batches": alike,
        "left_out": left_out,
        "do": do,
        "back": suffix(request) if request.method == "GET" else "",
        "problem": problem,
        "feedback": given.get("feedback", ""),
    }
    return render(request, "inbox/bulk.html", context, status=422 if problem else 200)


def _answer(request: HttpRequest, items: Iterable[Requirement]) -> Answer | None:
    """What was pressed; None where it needs words and there are none."""
    action, feedback = request.POST.get("action", ""), request.POST.get("feedback", "").strip()
    if action not in {str(known) for known in Action}:
        return None
    if not feedback and batches.needs_feedback(items, Action(action)):
        return None
    return Answer(action=Action(action), feedback=feedback or None)


def _tell(request: "PageRequest", outcomes: list[batches.Outcome]) -> HttpResponse:
    done = [outcome for outcome in outcomes if not outcome.problem]
    return render(request, "inbox/bulk_done.html", {"outcomes": outcomes, "done": done})
