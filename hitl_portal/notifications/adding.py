"""Where one wants to be reached, as one's own page adds it: this browser, or a service."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hitl_portal.accounts.proving import asks_for_proof
from hitl_portal.notifications import services, subscriptions
from hitl_portal.notifications.choosing import shown
from hitl_portal.notifications.subscriptions import Unfit
from hitl_portal.pages import page

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_POST
@page
def browser(request: "PageRequest") -> HttpResponse:
    """Push to the browser that has sent this."""
    agent = request.headers.get("user-agent", "")
    try:
        subscriptions.keep(request.user, request.POST.get("subscription", ""), agent)
    except Unfit as unfit:
        messages.error(request, str(unfit))
    else:
        messages.success(request, _("This browser is told from now on."))
    return redirect("notifications:settings")


@require_POST
@page
def service(request: "PageRequest") -> HttpResponse:
    """A service, by one address."""
    url, name = request.POST.get("url", "").strip(), request.POST.get("name", "")
    given = services.Service(url=url, is_private="is_private" in request.POST)
    if given.is_private and (first := _asks_for_proof(request)) is not None:
        return first
    try:
        services.keep(request.user, given, name)
    except Unfit as unfit:
        # What was typed in is not sent back: it may be a secret.
        return shown(request, service_problem=str(unfit), service_name=name)
    messages.success(request, _("It is added. A try-out shows whether it arrives."))
    return redirect("notifications:settings")


def _asks_for_proof(request: "PageRequest") -> HttpResponse | None:
    """What answers in one's name outlives the session. The address is a secret, and not kept meanwhile."""
    first = asks_for_proof(request, way_back=reverse("notifications:settings"))
    if first is not None:
        messages.info(
            request, _("Show first that it is you. Then add the service again: its address was not kept.")
        )
    return first
