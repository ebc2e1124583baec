"""Middleware of the portal."""

from collections.abc import Callable

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware

from workflows import tracing

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

Handler = Callable[[HttpRequest], HttpResponseBase]


@sync_only_middleware
def one_thread_hop(get_response: Handler) -> Handler:
    """Placed last, makes Django run the whole chain in one thread instead of hopping at each middleware."""
    return get_response


@sync_only_middleware
def traced(get_response: Handler) -> Handler:
    """A span around each request, where spans are made; else it is not in the chain. Addresses are told as patterns,
    because they may name somebody."""
    if not tracing.is_on():
        raise MiddlewareNotUsed

    def answering(request: HttpRequest) -> HttpResponseBase:
        method = request.method if request.method in METHODS else "_OTHER"
        parent = request.headers.get(tracing.PARENT)
        said = {"http.request.method": method}
        with tracing.span(f"{method}", said, parent=parent, kind="SERVER") as made:
            response = get_response(request)
            route = request.resolver_match.route if request.resolver_match else ""
            tracing.note({"http.route": f"/{route}", "http.response.status_code": response.status_code})
            if made is not None and route:
                made.update_name(f"{method} /{route}")
        return response

    return answering
