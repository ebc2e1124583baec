"""Middleware of the portal: what every response says to browsers, and spans."""

from collections.abc import Callable

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils.decorators import sync_only_middleware

from workflows import tracing

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

Handler = Callable[[HttpRequest], HttpResponseBase]

# What no page of ours has use for, whatever gets into it; and what only ours may use.
FORBIDDEN = [
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "window-management",
    "xr-spatial-tracking",
]
OWN = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
# Where a view says something else of these, it knows better.
SAID = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [*(f"{name}=()" for name in FORBIDDEN), *(f"{name}=(self)" for name in OWN)]
    ),
    "X-Frame-Options": "DENY",
}
# The policy for bytes that somebody else may have made: no script, no form, no frame, and no origin of ours.
NOTHING = "default-src 'none'; frame-ancestors 'none'"
LOCKED = f"sandbox; {NOTHING}"


@sync_only_middleware
def hardened(get_response: Handler) -> Handler:
    """Placed first, it has the last word on every response, also on errors and files: what browsers must not do with
    it. The Content Security Policy and what Django's own middleware says come beneath it. Nothing answers TRACE."""

    def answering(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        for name, value in SAID.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Content-Disposition", "").startswith("attachment"):
            response.headers["Content-Security-Policy"] = LOCKED
        return response

    return answering


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
