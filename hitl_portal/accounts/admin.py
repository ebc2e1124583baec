"""What Django admin shows of allauth's tables: enough to help somebody who has lost a factor, and nothing that could be
forged there. Accounts themselves are Django's own."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from hitl_portal import security_log
from hitl_portal.accounts.sessions import end_all
from workflows.admin import ForAdmins, administrates
from workflows.admin.rights import never

for known in (EmailAddress, SocialApp, SocialToken, Authenticator, UserSession, SocialAccount):
    admin.site.unregister(known)


class ToTakeAway(ForAdmins):
    """Rows that are made by their owners, and can only be looked at and deleted here; a superuser's by superusers."""

    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")
    has_add_permission = has_change_permission = never

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For admins; of single rows, for whom their owner is not above."""
        is_theirs = obj is None or not obj.user.is_superuser or cast("User", request.user).is_superuser
        return is_theirs and (administrates(request) or super().has_delete_permission(request, obj))


@admin.register(Authenticator)
class FactorAdmin(ToTakeAway):
    """Second factors: who has lost theirs gets them deleted."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = ("user", "type", "created_at", "last_used_at")

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Delete it, and say so in the security log."""
        super().delete_model(request, obj)
        security_log.took_factor(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        """Delete them, and say so of each."""
        gone = list(queryset)
        super().delete_queryset(request, queryset)
        for factor in gone:
            security_log.took_factor(request, factor)


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
    """Whom the issuer of single sign-on names; without the row they are found anew, by their e-mail address."""

    list_display = ("user", "provider", "uid", "last_login")
    fields = ("user", "provider", "uid")
