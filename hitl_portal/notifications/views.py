"""What one was told: the list, the bell, and what was read."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hitl_portal.live import personal
from hitl_portal.notifications.models import Note
from hitl_portal.pages import page
from workflows.ids import id_in

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

MOST = 30
MOST_COUNTED = 99


@require_safe
@page
def listed(request: "PageRequest") -> HttpResponse:
    """The newest first; `?show=unread` for what is new alone."""
    notes = Note.objects.seen_by(request.user).filter(in_page=True)
    notes = notes.select_related("run__workflow", "run__requested_by", "requirement")
    wanted = notes.unread() if request.GET.get("show") == "unread" else notes
    shown = {
        "page": Paginator(wanted, MOST).get_page(request.GET.get("page", "1")),
        "unread": notes.unread().count(),
        "only_unread": wanted is not notes,
        "query": "show=unread&" if wanted is not notes else "",
    }
    template = "notifications/_notes.html" if request.htmx else "notifications/list.html"
    return render(request, template, shown)


@require_safe
@page
def bell(request: "PageRequest") -> HttpResponse:
    """How much is new, for the head of every page, which fetches it: not one of them costs a query for it."""
    unread = Note.objects.seen_by(request.user).unread()[: MOST_COUNTED + 1].count()
    shown = {"count": unread, "many": f"{MOST_COUNTED}+" if unread > MOST_COUNTED else unread}
    return render(request, "notifications/_bell.html", shown)


@require_POST
@page
def mark_read(request: "PageRequest") -> HttpResponse:
    """These, or all."""
    notes = Note.objects.filter(person=request.user, read_at=None)
    if "all" not in request.POST:
        notes = notes.filter(
            pk__in=[found for text in request.POST.getlist("note") if (found := id_in(text))]
        )
    if notes.update(read_at=timezone.now()):
        personal.call()
    if "quietly" in request.POST:
        return HttpResponse(status=204)
    if "all" in request.POST:
        messages.success(request, _("All read."))
    return redirect("notifications:list")
