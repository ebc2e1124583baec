"""The pages of endpoints: who is told, of what, with which secrets, switched on or off."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hitl_portal.outbound.deliveries import log_of
from hitl_portal.outbound.forms import EndpointForm
from hitl_portal.outbound.gate import for_admins
from hitl_portal.outbound.models import Delivery, Endpoint, EventType
from workflows.models import Workflow

if TYPE_CHECKING:
    from django.http import QueryDict

    from hitl_portal.pages import PageRequest

form_methods = require_http_methods(["GET", "HEAD", "POST"])
WAITS, GIVEN_UP = Delivery.Status.PENDING, Delivery.Status.FAILED


@require_safe
@for_admins
def listed(request: "PageRequest") -> HttpResponse:
    """All of them, with what waits and what was given up."""
    waiting = Count("deliveries", filter=Q(deliveries__status=WAITS))
    failing = Count("deliveries", filter=Q(deliveries__status=GIVEN_UP))
    endpoints = Endpoint.objects.annotate(waiting=waiting, given_up=failing).order_by("name")
    return render(request, "outbound/list.html", {"endpoints": endpoints})


@form_methods
@for_admins
def new(request: "PageRequest") -> HttpResponse:
    """Make one, and show its secret this once."""
    form = EndpointForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        made = form.save()
        return _with_secret(request, made)
    return _form(request, form)


@require_safe
@for_admins
def endpoint(request: "PageRequest", endpoint_id: UUID) -> HttpResponse:
    """One, with the last deliveries."""
    workflows = Prefetch("workflows", Workflow.objects.only("title"))
    found = get_object_or_404(Endpoint.objects.prefetch_related("secrets", workflows), id=endpoint_id)
    labels = dict(EventType.choices)
    shown = {
        "endpoint": found,
        "events": [(name, labels[name]) for name in EventType.values if name in found.events],
        "rotating": sum(secret.signs for secret in found.secrets.all()) > 1,
    }
    return render(request, "outbound/endpoint.html", shown | log_of(found, request.GET.get("page", "1")))


@form_methods
@for_admins
def edit(request: "PageRequest", endpoint_id: UUID) -> HttpResponse:
    """Change one."""
    found = get_object_or_404(Endpoint, id=endpoint_id)
    form = EndpointForm(_posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The endpoint is saved."))
        return redirect("outbound:endpoint", found.pk)
    return _form(request, form, endpoint=Endpoint.objects.get(id=endpoint_id))


@require_POST
@for_admins
def switch(request: "PageRequest", endpoint_id: UUID) -> HttpResponse:
    """On or off, as the button says: twice is once."""
    found = get_object_or_404(Endpoint, id=endpoint_id)
    if request.POST.get("to") == "on":
        found.switch_on()
        messages.success(request, _("The endpoint is on: it is told of what happens from now on."))
    else:
        found.switch_off()
        messages.success(request, _("The endpoint is off: nothing is sent to it."))
    return redirect("outbound:endpoint", found.pk)


@require_POST
@for_admins
def renew(request: "PageRequest", endpoint_id: UUID) -> HttpResponse:
    """A new secret, shown this once; the old one signs along for a day."""
    return _with_secret(request, get_object_or_404(Endpoint, id=endpoint_id))


@require_POST
@for_admins
def retire(request: "PageRequest", endpoint_id: UUID) -> HttpResponse:
    """Let all secrets but the newest sign no more, now."""
    found = get_object_or_404(Endpoint, id=endpoint_id)
    found.secrets.filter(retires_at__gt=timezone.now()).delete()
    messages.success(request, _("Only the newest secret signs now."))
    return redirect("outbound:endpoint", found.pk)


@form_methods
@for_admins
def delete(request: "PageRequest", endpoint_id: UUID) -> HttpResponse:
    """Ask, then delete it with its log."""
    found = get_object_or_404(Endpoint, id=endpoint_id)
    if request.method != "POST":
        return render(request, "outbound/delete.html", {"endpoint": found})
    found.delete()
    messages.success(request, _("The endpoint is deleted."))
    return redirect("outbound:list")


def _posted(request: "PageRequest") -> "QueryDict | None":
    return request.POST if request.method == "POST" else None


def _with_secret(request: "PageRequest", endpoint: Endpoint) -> HttpResponse:
    # No redirect: the secret would have to be kept somewhere meanwhile. Pages are never cached.
    shown = {"endpoint": endpoint, "secret": endpoint.renew_secret()}
    return render(request, "outbound/secret.html", shown)


def _form(request: "PageRequest", form: EndpointForm, **more: Any) -> HttpResponse:
    return render(request, "outbound/form.html", {"form": form, **more}, status=422 if form.errors else 200)
