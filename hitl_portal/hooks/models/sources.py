"""Webhook sources: which programs may post, what each may start, and the secrets they sign with."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hitl_portal.hooks.mapping import LONGEST, check_expression, check_mapping
from hitl_portal.hooks.schemes import SCHEMES, Scheme
from hitl_portal.sealing import Unreadable, seal, unseal
from workflows.ids import new_id
from workflows.models import Workflow

KIBIBYTE = 1024
LARGEST = 10 * KIBIBYTE * KIBIBYTE
PURPOSE = "webhook-source"


class Signs(models.TextChoices):
    """Whose form of signature it is."""

    STANDARD = "standard", _("Standard Webhooks")
    GITHUB = "github", _("GitHub")
    STRIPE = "stripe", _("Stripe")
    SLACK = "slack", _("Slack")


def _lasting(at: datetime) -> Q:
    """Of secrets: those that still sign then."""
    return Q(ends_at=None) | Q(ends_at__gt=at)


class WebhookSource(models.Model):
    """A program that may start runs by signed posts to `/hooks/<name>`: of one workflow, or of others that it names.

    `free_at` and `forged_free_at` are the state of its rate limits (see `throttling`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(
        _("name"), max_length=100, unique=True, help_text=_("The last part of its address.")
    )
    signs = models.CharField(
        _("signatures"),
        max_length=20,
        choices=Signs.choices,
        default=Signs.STANDARD,
        help_text=_("Whose form of signature its posts carry."),
    )
    workflow = models.ForeignKey(
        Workflow,
        on_delete=models.PROTECT,
        related_name="webhook_sources",
        verbose_name=_("workflow"),
        help_text=_("What its posts start."),
    )
    others = models.ManyToManyField(
        Workflow,
        blank=True,
        related_name="other_webhook_sources",
        verbose_name=_("other workflows"),
        help_text=_("What its posts may start instead, by naming it."),
    )
    naming = models.CharField(
        _("which workflow"),
        max_length=LONGEST,
        blank=True,
        help_text=_("An expression that finds the workflow's name in the body, such as $.kind."),
    )
    mapping = models.JSONField(
        _("mapping"),
        null=True,
        blank=True,
        help_text=_("JSON that becomes the input; texts that begin with $ are expressions (JSONPath)."),
    )
    enabled = models.BooleanField(_("enabled"), default=True, help_text=_("Whether its posts are taken."))
    max_bytes = models.PositiveIntegerField(
        _("largest body"),
        default=256 * KIBIBYTE,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST)],
        help_text=_("In bytes; larger posts are refused."),
    )
    per_minute = models.PositiveIntegerField(
        _("posts a minute"),
        default=300,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text=_("More are told to come later. As many may come at once."),
    )
    free_at = models.FloatField(default=0, editable=False)
    forged_free_at = models.FloatField(default=0, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("webhook source")
        verbose_name_plural = _("webhook sources")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page, for admins."""
        return reverse("hooks:source", args=[self.name])

    def clean(self) -> None:
        """Refuse expressions that cannot work."""
        problems: dict[str, ValidationError] = {}
        for name, check in (("mapping", check_mapping), ("naming", check_expression)):
            try:
                if getattr(self, name) not in (None, ""):
                    check(getattr(self, name))
            except ValidationError as wrong:
                problems[name] = wrong
        if problems:
            raise ValidationError(problems)

    @property
    def scheme(self) -> Scheme:
        """How it signs."""
        return SCHEMES[self.signs]

    def valid_secrets(self) -> list[str]:
        """What it may sign with now, the newest first. Raises Unreadable where there are some and none can be read."""
        sealed = list(self.secrets.filter(_lasting(timezone.now())))
        read = [secret.text for secret in sealed if secret.is_readable]
        if sealed and not read:
            raise Unreadable(f"The secrets of {self.name} cannot be read with the keys of now")
        return read

    @property
    def secret(self) -> str:
        """The newest that both sides sign with; empty where there is none. Raises Unreadable after a lost key."""
        return next(iter(self.valid_secrets()), "")

    @property
    def is_readable(self) -> bool:
        """Whether there is a secret that can be decrypted with the keys of now."""
        try:
            return bool(self.secret)
        except Unreadable:
            return False

    def add_secret(self, text: str = "", *, others_end: datetime | None = None) -> str:
        """Keep one more secret, made here where no text is given, and return it.

        The others end at `others_end`, where they do not end before; else they stay.
        """
        if not text:
            assert self.scheme.new_secret is not None, f"{self.signs} gives its secrets itself"
            text = self.scheme.new_secret()
        with transaction.atomic():
            if others_end is not None:
                self.secrets.filter(_lasting(others_end)).update(ends_at=others_end)
            self.secrets.create(sealed=seal(text, PURPOSE))
        return text

    def renew_secret(self) -> str:
        """Give it a new secret, and return that; the old ones no longer sign."""
        return self.add_secret(others_end=timezone.now())


class WebhookSecret(models.Model):
    """One of the secrets of a source, encrypted (see `sealing`): shown when it is made and never again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(WebhookSource, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.source_id} {self.created_at:%Y-%m-%d}"

    @property
    def text(self) -> str:
        """The secret itself. Raises Unreadable after a lost key."""
        return unseal(self.sealed, PURPOSE)

    @property
    def is_readable(self) -> bool:
        """Whether it can be decrypted with the keys of now."""
        try:
            return bool(self.text)
        except Unreadable:
            return False

    @property
    def has_ended(self) -> bool:
        """Whether it signs no longer."""
        return self.ends_at is not None and self.ends_at <= timezone.now()
