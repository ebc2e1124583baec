"""How processes hear of each other: Redis where the settings name one, and who reads the event log for others."""

import asyncio
from datetime import timedelta
from typing import Any

from channels.exceptions import InvalidChannelLayerError
from channels.layers import channel_layers
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor.findings import Check, Finding, failed, ok, skipped
from hitl_portal.live.doorbell import LAYER
from hitl_portal.outbound.models import Endpoint, Position
from workflows import tail
from workflows.models import RunEvent

PATIENCE = 5.0
GROUP = "hitl.doctor"
BEHIND = timedelta(seconds=60)


def doorbell() -> Finding:
    """Ring through Redis, and hear it."""
    if not settings.HITL_REDIS_URL:
        return skipped(_("No Redis is set (HITL_REDIS_URL), and none is needed: processes ask the database."))
    try:
        layer = channel_layers.make_backend(LAYER)
        asyncio.run(_rung(layer))
    except InvalidChannelLayerError as missing:
        return failed(str(missing), _("Install hitl-portal[redis] for web and workers."))
    except Exception as error:  # what is raised depends on the layer's package, which is an extra
        found = _("Redis did not pass on a ring: %(kind)s: %(error)s.")
        return failed(
            found % {"kind": type(error).__name__, "error": error},
            _("Look at HITL_REDIS_URL and at Redis. Until then pages look by themselves every five seconds."),
        )
    return ok(_("A ring through Redis was heard."))


async def _rung(layer: Any) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            await layer.group_send(GROUP, {"type": "ring"})
            await layer.receive(channel)
            await layer.group_discard(GROUP, channel)
    finally:
        await layer.flush()


def event_log() -> Finding:
    """Whether who tells endpoints of events keeps up with the log."""
    newest, position = tail.latest(), Position.objects.first()
    if position is None or not Endpoint.objects.filter(enabled=True).exists():
        return ok(_("The log ends at %(newest)d; no endpoint is to be told of it.") % {"newest": newest})
    unread = RunEvent.objects.filter(sequence__gt=position.sequence)
    late = unread.filter(created_at__lt=timezone.now() - BEHIND).count()
    if late:
        return failed(
            _("%(late)d events of the log were not passed on for more than a minute.") % {"late": late},
            _("The sweep of the workers does that: look whether a worker runs, and at its log."),
        )
    return ok(_("The log ends at %(newest)d, and everything in it was passed on.") % {"newest": newest})


DOORBELL = Check(
    name="doorbell",
    title=gettext_lazy("Doorbell"),
    looked_at=gettext_lazy("Sends a message through Redis and waits for it."),
    look=doorbell,
)
EVENT_LOG = Check(
    name="event-log",
    title=gettext_lazy("Event log"),
    looked_at=gettext_lazy("Compares how far outgoing webhooks have read the log with where it ends."),
    look=event_log,
)
