"""The ASGI entry: pages and tools over HTTP, and websockets for signed-in people from our own origin only."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

from hitl_portal.serving import pages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hitl_portal.settings")

# Loads the apps, which the routes below import models from.
served = pages()

from hitl_portal.addresses import below  # noqa: E402
from hitl_portal.bodies import bounded  # noqa: E402
from hitl_portal.live.origins import from_own_pages  # noqa: E402
from hitl_portal.live.routing import websocket_urlpatterns  # noqa: E402
from hitl_portal.mcp.mount import with_tools  # noqa: E402

application = below(
    settings.PUBLIC.path,
    ProtocolTypeRouter(
        {
            "http": bounded(with_tools(served)),
            "websocket": from_own_pages(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        }
    ),
)
