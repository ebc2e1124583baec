"""What every template may use."""

from django.http import HttpRequest


def csp_nonce(request: HttpRequest) -> dict[str, object]:
    """Give the request's nonce under the name that django-htmx's tags (and Django 6) look for."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
