"""API tokens: what programs show to act for a person."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from hitl_portal.throttling import admit
from workflows.ids import new_id

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PREFIX = "hitl_"  # so that who finds one in a text knows what it is
RANDOM_BYTES = 32
SHOWN = len(PREFIX) + 6  # of the token's beginning, to know one from another
NOTED_EVERY = timedelta(minutes=1)


class Scope(models.TextChoices):
    """What a token may do."""

    READ = "read", _("Read")
    START = "start", _("Start, ask, and end")
    DECIDE = "decide", _("Decide")


class TokenQuerySet(models.QuerySet["ApiToken"]):
    """The named queries of tokens."""

    def valid(self, token: str) -> "ApiToken | None":
        """The one that a program shows, where it holds now, its person fetched along; one query."""
        digest = digest_of(token)
        lasting = self.filter(
            Q(digest=digest), Q(revoked_at=None), Q(expires_at__gt=timezone.now()), Q(person__is_active=True)
        )
        found = lasting.select_related("person").first()
        return found if found is not None and constant_time_compare(found.digest, digest) else None

    def make(
        self, person: "User", name: str, scopes: list[str], expires_at: datetime
    ) -> tuple["ApiToken", str]:
        """A new one, and its text, which is nowhere kept."""
        text = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
        made = self.create(
            person=person,
            name=name,
            scopes=[scope.value for scope in Scope if scope in scopes],
            expires_at=expires_at,
            begins=text[:SHOWN],
            digest=digest_of(text),
        )
        return made, text


class ApiToken(models.Model):
    """A program's way in. Only a digest of it is kept: 256 random bits need no salt, and no slow hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    scopes = models.JSONField(default=list)
    begins = models.CharField(max_length=20, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    free_at = models.FloatField(default=0, editable=False)  # see `hitl_portal.throttling`

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_valid(self) -> bool:
        """It opens something now."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def scope_names(self) -> list[str]:
        """What it may do, in words."""
        return [str(Scope(scope).label) for scope in self.scopes]

    def allows(self, scope: Scope) -> bool:
        """Whether it has a scope."""
        return scope.value in self.scopes

    def note_use(self) -> None:
        """Write down that it is used now; at most once a minute."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= NOTED_EVERY:
            ApiToken.objects.filter(pk=self.pk).update(last_used_at=now)

    def count_start(self) -> None:
        """Count that something is started or asked with it. Raises Problem `too-many` for one too many a minute."""
        most = settings.HITL_TOKEN_STARTS_PER_MINUTE
        admit(
            ApiToken.objects.filter(pk=self.pk), "free_at", most, f"A token may start {most} times a minute"
        )

    def revoke(self) -> None:
        """It opens nothing from now on."""
        ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
