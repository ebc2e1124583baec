"""Middleware of the portal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware

Handler = Callable[[HttpRequest], HttpResponseBase]


@sync_only_middleware
def one_thread_hop(get_response: Handler) -> Handler:
    """Placed last, makes Django run the whole chain in one thread instead of hopping at each middleware."""
    return get_response
