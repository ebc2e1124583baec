"""Who sees the pages of outgoing webhooks: admins."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from hitl_portal.pages import page
from workflows import policy

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate["PageRequest", Parameters], HttpResponse]


def for_admins(view: View[Parameters]) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponse]:
    """Only for admins who are signed in: 403 for others, also where there is nothing."""

    @page
    @wraps(view)
    def guarded(
        request: "PageRequest", /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if not policy.is_admin(request.user):
            raise PermissionDenied(_("Admins see this."))
        return view(request, *args, **kwargs)

    return guarded
