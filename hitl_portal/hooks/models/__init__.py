"""The tables of webhooks: sources and their secrets, deliveries and their counts."""

from hitl_portal.hooks.models.deliveries import PAYLOAD, Delivery, DeliveryCount
from hitl_portal.hooks.models.sources import PURPOSE, Signs, WebhookSecret, WebhookSource

__all__ = ["PAYLOAD", "PURPOSE", "Delivery", "DeliveryCount", "Signs", "WebhookSecret", "WebhookSource"]
