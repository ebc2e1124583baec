"""What the workers' sweep does for accounts: forget sessions that are over, and counts of attempts that count no more.

The settings name `sweep` in HITL_SWEEPERS.
"""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from hitl_portal.seldom import Seldom


def forget() -> int:
    """Delete what is over; how many rows that were."""
    now = timezone.now()
    over = Session.objects.filter(expire_date__lt=now).delete()[0]
    left = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()[0]
    table = connection.ops.quote_name(settings.CACHES["default"]["LOCATION"])
    with connection.cursor() as cursor:
        expired = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [expired])  # noqa: S608  the settings name it
        return int(over + left + cursor.rowcount)


sweep = Seldom(forget)
