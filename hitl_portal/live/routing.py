"""The websocket addresses of the portal."""

from typing import Any

from django.urls import path

from hitl_portal.live.consumers import LiveConsumer

# Django types the views of an address as HTTP only.
live: Any = LiveConsumer.as_asgi()
websocket_urlpatterns = [path("ws/live/", live)]
