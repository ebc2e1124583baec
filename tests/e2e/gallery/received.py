"""Sources of webhooks for the gallery: one with secrets, a mapping and a log, one that waits for its secret."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from hitl_portal.hooks import log
from hitl_portal.hooks.models import Delivery, WebhookSource
from hitl_portal.hooks.schemes import Message
from workflows.models import Workflow

HEADERS = {
    "content-type": "application/json",
    "user-agent": "Till/3.1",
    "x-shop": "north",
    "webhook-id": "msg_1",
}
BODY = b'{"order": {"id": "A-1050", "total": 120.5, "customer": "Edsger Dijkstra"}, "api_key": "a secret"}'


def received() -> dict[str, str]:
    """Make them; their pages by name."""
    refund = Workflow.objects.get(name="refund")
    mapping = {"order": "$.order.id", "amount": "$.order.total", "customer": "$.order.customer"}
    till = WebhookSource.objects.create(name="till", workflow=refund, mapping=mapping, naming="$.kind")
    till.others.set(Workflow.objects.filter(name__in=["release", "support"]))
    till.renew_secret()
    till.add_secret(others_end=timezone.now() + timedelta(days=1))
    billing = WebhookSource.objects.create(name="billing", workflow=refund, signs="stripe", enabled=False)
    _line(till, "bad-signature", 401, detail="The webhook headers do not sign this body")
    _line(till, "greeted", 200, is_signed=True)
    refused = _line(
        till, "workflow-disabled", 409, is_signed=True, detail="The workflow 'refund' is switched off"
    )
    return {
        "source": till.get_absolute_url(),
        "source-change": reverse("hooks:change", args=[till.name]),
        "source-waiting": billing.get_absolute_url(),
        "source-delivery": reverse("hooks:delivery", args=[refused.pk]),
    }


def _line(
    source: WebhookSource, outcome: str, status: int, *, is_signed: bool = False, detail: str = ""
) -> Delivery:
    message = Message(headers=HEADERS, body=BODY)
    entry = log.Entry(
        source=source, message=message, id="msg_1", payload={}, is_signed=is_signed, is_read=True
    )
    return log.write(entry, outcome, status, detail)
