"""Webhook sources: which programs may post, each with a secret of its own."""

import secrets
from base64 import b64encode

from django.db import models
from django.utils.translation import gettext_lazy as _

from hitl_portal.sealing import Unreadable, seal, unseal
from workflows.ids import new_id
from workflows.models import Workflow

KIBIBYTE = 1024
SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64
PURPOSE = "webhook-source"


class WebhookSource(models.Model):
    """A program that may start runs of one workflow by signed posts to `/hooks/<name>`.

    `sealed_secret` is encrypted (see `sealing`); the secret is shown when it is made and never again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(max_length=100, unique=True, help_text=_("The last part of its address."))
    workflow = models.ForeignKey(
        Workflow,
        on_delete=models.PROTECT,
        related_name="webhook_sources",
        help_text=_("What its posts start."),
    )
    enabled = models.BooleanField(default=True, help_text=_("Whether its posts are taken."))
    max_bytes = models.PositiveIntegerField(
        "largest body", default=256 * KIBIBYTE, help_text=_("In bytes; larger posts are refused.")
    )
    sealed_secret = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """What both sides sign with, in the form of Standard Webhooks; raises Unreadable after a lost key."""
        return unseal(self.sealed_secret, PURPOSE)

    @property
    def is_readable(self) -> bool:
        """Whether its secret can be decrypted with the keys of now."""
        try:
            return bool(self.secret)
        except Unreadable:
            return False

    def renew_secret(self) -> str:
        """Give it a new secret, unsaved, and return that; the old one no longer signs."""
        secret = "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        self.sealed_secret = seal(secret, PURPOSE)
        return secret
