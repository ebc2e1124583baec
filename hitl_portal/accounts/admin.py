"""What Django admin shows of allauth's tables: enough to help somebody who has lost a factor, and nothing that could be
forged there. Accounts themselves are Django's own."""

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from hitl_portal.accounts.sessions import end_all

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

for known in (EmailAddress, SocialApp, SocialToken, Authenticator, UserSession, SocialAccount):
    admin.site.unregister(known)


class ToTakeAway(ModelAdmin):
    """Rows that are made by their owners, and can only be looked at and deleted here."""

    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django names it
        """Nobody adds one for somebody else."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nobody changes one."""
        return False


@admin.register(Authenticator)
class FactorAdmin(ToTakeAway):
    """Second factors: who has lost theirs gets them deleted."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = ("user", "type", "created_at", "last_used_at")


@admin.register(UserSession)
class SessionAdmin(ToTakeAway):
    """Who is signed in where; deleting a row ends the session."""

    list_display = ("user", "created_at", "ip", "user_agent")
    fields = ("user", "created_at", "ip", "user_agent")

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:  # noqa: ARG002
        """End it."""
        end_all([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:  # noqa: ARG002
        """End them."""
        end_all(list(queryset))


@admin.register(SocialAccount)
class SingleSignOnAdmin(ToTakeAway):
    """Whom the issuer of single sign-on names: an admin may say whose account that is."""

    list_display = ("user", "provider", "uid", "last_login")
    fields = ("user", "provider", "uid")
    raw_id_fields = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may change accounts may say whose one is."""
        return ModelAdmin.has_add_permission(self, request)
