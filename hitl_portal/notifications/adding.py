"""Where one wants to be reached, as one's own page adds it: this browser."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hitl_portal.notifications import subscriptions
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
