"""The websocket addresses of the portal."""

from typing import Any

# Django types the views of an address as HTTP only.
websocket_urlpatterns: list[Any] = []
