"""Talking about a requirement or a run, and finding where one was mentioned.

A thread is a page of its own; a card and a run's page fetch the same text into themselves.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from hitl_portal.comments.models import mentions_of, read, unread_by
from hitl_portal.comments.remarks import remarks_of
from hitl_portal.comments.subject import Kind, Subject
from hitl_portal.pages import page
from hitl_portal.refused import in_words
from workflows import services
from workflows.errors import InvalidAnswer, NotEligible
from workflows.ids import id_in
from workflows.models import Comment
from workflows.reviewing.commenting import LONGEST

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

MOST = 200  # the newest; the earlier ones are in the log's order in the admin
MOST_MENTIONS = 100
PARTS = {"list": "comments/_remarks.html", "count": "comments/_count.html"}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def thread(request: "PageRequest", kind: Kind, subject_id: UUID) -> HttpResponse:
    """What was said, and a form to say something; `?part=list` and `?part=count` for what changes of it."""
    subject = Subject.of(request.user, kind, subject_id)
    if request.method != "POST":
        return _show(request, subject)
    text = request.POST.get("text", "")
    try:
        subject.say(text, services.Actor.of(request.user))
    except InvalidAnswer:
        problem = _("A comment has 1 to %(most)d characters.") % {"most": LONGEST}
        return _show(request, subject, text=text, problem=problem)
    except NotEligible as refused:
        raise PermissionDenied(in_words(refused)) from None
    return _show(request, subject, said=True) if request.htmx else redirect(_address(subject))


@require_POST
@page
def erase(request: "PageRequest", comment_id: UUID) -> HttpResponse:
    """Take the words of a comment away for good."""
    comment = Comment.objects.filter(pk=comment_id).first()
    if comment is None:
        raise Http404
    kind: Kind = "requirements" if comment.requirement_id else "runs"
    subject = Subject.of(request.user, kind, comment.requirement_id or comment.run_id)
    try:
        services.erase_comment(comment_id, actor=services.Actor.of(request.user))
    except NotEligible:
        raise PermissionDenied(_("Only who wrote it, or an admin, can erase a comment.")) from None
    return _show(request, subject) if request.htmx else redirect(_address(subject))


@require_safe
@page
def people(request: "PageRequest", kind: Kind, subject_id: UUID) -> HttpResponse:
    """Whom one may mention, of those whose name begins so."""
    subject = Subject.of(request.user, kind, subject_id)
    found = subject.people(request.GET.get("q", "")[:150], request.user)
    return render(request, "comments/_people.html", {"people": found})


@require_safe
@page
def mentions(request: "PageRequest") -> HttpResponse:
    """Where one was mentioned, the newest first."""
    found = mentions_of(request.user).select_related("run__workflow", "requirement__run__workflow")
    remarks = remarks_of(found[:MOST_MENTIONS], request.user)
    context = {"remarks": remarks, "unread": sum(remark.is_new for remark in remarks)}
    return render(request, "comments/mentions.html", context)


@require_safe
@page
def count(request: "PageRequest") -> HttpResponse:
    """How many mentions wait to be read, for the bar of every page."""
    return render(request, "comments/_mentions_entry.html", {"count": unread_by(request.user).count()})


@require_POST
@page
def mark_read(request: "PageRequest") -> HttpResponse:
    """Note that mentions were read: those that are named, or all."""
    named = request.POST.getlist("comment")
    read(request.user, [key for text in named if (key := id_in(text))] if named else None)
    if request.htmx:
        return trigger_client_event(HttpResponse(""), "mentions-changed")
    messages.success(request, _("All read."))
    return redirect("comments:mentions")


def _show(
    request: "PageRequest", subject: Subject, *, text: str = "", problem: str = "", said: bool = False
) -> HttpResponse:
    part = request.GET.get("part", "")
    template = PARTS.get(part) or ("comments/_talk.html" if request.htmx else "comments/thread.html")
    total = subject.comments.count()
    remarks = [] if part == "count" else remarks_of(subject.comments[max(0, total - MOST) :], request.user)
    context = {
        "subject": subject,
        "total": total,
        "remarks": remarks,
        "unread": [remark.comment.id for remark in remarks if remark.is_new],
        "earlier": max(0, total - MOST),
        "text": text,
        "problem": problem,
        "said": said,
    }
    return render(request, template, context, status=422 if problem else 200)


def _address(subject: Subject) -> str:
    return reverse("comments:thread", kwargs={"kind": subject.kind, "subject_id": subject.id})
