"""Leaving: open sockets end, or tell less, as soon as somebody signs out, leaves a group, or may not come in any more.

Before each message it is looked at anyway (see `audience`). This has the sockets look when nothing else happens.
"""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models.signals import m2m_changed, post_delete, post_save

from hitl_portal.live import presence
from workflows import bus


def watch() -> None:
    """From now on, in this process."""
    named = "sockets look"
    post_delete.connect(look, sender=Session, dispatch_uid=named)
    post_save.connect(look, sender=User, dispatch_uid=named)
    m2m_changed.connect(look, sender=User.groups.through, dispatch_uid=named)


def look(update_fields: Any = None, **_: Any) -> None:
    """Have them look; a sign-in changes nothing for them."""
    if set(update_fields or ()) != {"last_login"}:
        bus.tell(channel=presence.CHANNEL)
