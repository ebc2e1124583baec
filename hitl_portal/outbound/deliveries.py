"""The pages of deliveries: the log of an endpoint, one delivery with its tries, sending again, and a ping."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hitl_portal.outbound import outbox
from hitl_portal.outbound.gate import for_admins
from hitl_portal.outbound.models import Attempt, Delivery, Endpoint

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

MOST = 25
MOST_ATTEMPTS = 50
SOON = timedelta(minutes=1)


def log_of(endpoint: Endpoint, number: str) -> dict[str, Any]:
    """The deliveries of an endpoint, each with its last try, a page at a time. Two queries."""
    last = Attempt.objects.filter(delivery=OuterRef("pk"))
    said = {
        "last_at": Subquery(last.values("at")[:1]),
        "last_status": Subquery(last.values("status")[:1]),
        "last_problem": Subquery(last.values("problem")[:1]),
        "last_milliseconds": Subquery(last.values("milliseconds")[:1]),
    }
    deliveries = endpoint.deliveries.defer("body").annotate(**said)
    return {"page": Paginator(deliveries, MOST).get_page(number)}


@require_safe
@for_admins
def delivery(request: "PageRequest", delivery_id: UUID) -> HttpResponse:
    """What was sent, and what came of every try."""
    found = get_object_or_404(Delivery.objects.select_related("endpoint"), id=delivery_id)
    soon = timezone.now() + SOON
    shown = {
        "delivery": found,
        # The page looks again by itself.
        "is_soon": found.endpoint.enabled and found.next_try_at is not None and found.next_try_at < soon,
        "attempts": found.attempts.all()[:MOST_ATTEMPTS],
        "body": json.dumps(json.loads(found.body), indent=2, ensure_ascii=False),
    }
    return render(request, "outbound/delivery.html", shown)


@require_POST
@for_admins
def replay(request: "PageRequest", delivery_id: UUID) -> HttpResponse:
    """Send it again, under the same id."""
    found = get_object_or_404(Delivery.objects.select_related("endpoint"), id=delivery_id)
    outbox.replay(found)
    messages.success(request, _on_its_way(found.endpoint))
    return redirect("outbound:delivery", found.pk)


@require_POST
@for_admins
def ping(request: "PageRequest", endpoint_id: UUID) -> HttpResponse:
    """Send a message without meaning, to see whether it arrives."""
    found = get_object_or_404(Endpoint, id=endpoint_id)
    made = outbox.ping(found)
    messages.success(request, _on_its_way(found))
    return redirect("outbound:delivery", made.pk)


def _on_its_way(endpoint: Endpoint) -> str:
    if not endpoint.enabled:
        return _("It is sent as soon as the endpoint is on.")
    return _("It is on its way.")
