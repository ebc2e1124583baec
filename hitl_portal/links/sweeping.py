"""What the workers' sweep does for answer links: forget, once in a while, those that ended long ago."""

from datetime import timedelta

from django.utils import timezone

from hitl_portal.links.services import forget
from hitl_portal.seldom import Seldom

KEPT = timedelta(days=90)  # so long a link that has ended says why


def forget_old() -> int:
    """How many links were forgotten."""
    return forget(timezone.now() - KEPT)


sweep = Seldom(forget_old)
