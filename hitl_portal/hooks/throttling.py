"""What a webhook source may post a minute. Forged posts are counted apart, so that a stranger cannot use that up."""

from typing import Literal

from hitl_portal import throttling
from hitl_portal.hooks.models import WebhookSource

Column = Literal["free_at", "forged_free_at"]


def admit(source: WebhookSource, *, column: Column = "free_at") -> None:
    """Count a post. Raises Problem `too-many`, with Retry-After, for one more than the source may send."""
    row, most = WebhookSource.objects.filter(pk=source.pk), source.per_minute
    throttling.admit(row, column, most, f"This source may post {most} times a minute")
