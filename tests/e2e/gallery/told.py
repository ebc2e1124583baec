"""Endpoints of webhooks for the gallery: one that takes things, one that has switched itself off."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from hitl_portal.outbound import outbox
from hitl_portal.outbound.models import Attempt, Delivery, Endpoint, EventType
from workflows.models import Workflow


def told() -> dict[str, str]:
    """Make them; their pages by name. Nothing is sent: what waits is due in hours."""
    ledger = _endpoint("Ledger", "https://ledger.example/hooks/portal?tenant=north")
    ledger.workflows.set(Workflow.objects.filter(name="refund"))
    for number, status in enumerate((204, 204, 503, None)):
        _delivery(ledger, status, number)
    shop = _endpoint(
        "Old shop", "https://shop.example/a-long-path/that/goes/on/and/on/until/it/wraps/somewhere"
    )
    failed = _delivery(shop, 410, 9)
    shop.switch_off("410 Gone")
    return {
        "endpoint": reverse("outbound:endpoint", args=[ledger.pk]),
        "endpoint-off": reverse("outbound:endpoint", args=[shop.pk]),
        "endpoint-edit": reverse("outbound:edit", args=[ledger.pk]),
        "endpoint-delete": reverse("outbound:delete", args=[shop.pk]),
        "delivery": reverse("outbound:delivery", args=[failed.pk]),
    }


def _endpoint(name: str, url: str) -> Endpoint:
    found = Endpoint.objects.create(name=name, url=url, events=list(EventType.values))
    found.renew_secret()
    return found


def _delivery(endpoint: Endpoint, status: int | None, number: int) -> Delivery:
    made = outbox.ping(endpoint)
    at = timezone.now() - timedelta(minutes=number)
    is_done = status == 204
    Attempt.objects.create(
        delivery=made,
        at=at,
        milliseconds=85 + 40 * number,
        status=status,
        problem="" if status else "No answer within 15 s",
        excerpt="" if is_done or not status else '{"error": "We have moved. <b>Do not call again.</b>"}',
    )
    standing = "delivered" if is_done else ("failed" if status == 410 else "pending")
    again = at + timedelta(hours=12) if standing == "pending" else None
    Delivery.objects.filter(pk=made.pk).update(status=standing, tries=1, created_at=at, next_try_at=again)
    return made
