"""Erasing words in Django admin: a page that lists whose words would go, then each through its service, and logged.

That something was said, by whom and when, stays, and so does the log's chain: it has digests of words, not words.
"""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from workflows import services
from workflows.admin.rights import ForAdmins, administrates
from workflows.errors import DecisionRefused, WrongStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST = 100
LONGEST = 200


class Erasing(ForAdmins):
    """Rows with words of people, and an action that takes them away after it has asked."""

    actions = ["erase_selected"]
    what_stays = ""

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Who sees the action; the service checks it again."""
        return administrates(request)

    @admin.action(
        description=_("Erase the words of selected %(verbose_name_plural)s…"), permissions=["erase"]
    )
    def erase_selected(self, request: HttpRequest, rows: QuerySet[Any]) -> TemplateResponse | None:
        """Ask first; once that is confirmed, erase each."""
        if "confirmed" not in request.POST:
            return self._ask(request, rows)
        for row in rows[:MOST]:
            try:
                said = self.erase(row, services.Actor.of(cast("User", request.user), "admin"))
            except (DecisionRefused, WrongStatus) as refused:
                self.message_user(request, f"{self.named(row)}: {refused}.", messages.WARNING)
            else:
                self.message_user(request, f"{self.named(row)}: {said}.", messages.SUCCESS)
                self._log(request, row)
        return None

    def erase(self, row: Any, actor: services.Actor) -> str:
        """Erase what this row has; what was done, in words."""
        raise NotImplementedError

    def named(self, row: Any) -> str:
        """What to call it where its words are not to be seen."""
        return str(row)

    def _log(self, request: HttpRequest, row: Any) -> None:
        """As Django admin does, but that a row's own name may hold the words."""
        LogEntry.objects.create(
            user=cast("User", request.user),
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=self.named(row)[:LONGEST],
            action_flag=CHANGE,
            change_message="Words erased.",
        )

    def _ask(self, request: HttpRequest, rows: QuerySet[Any]) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Erase these words for good?",
            "opts": self.opts,
            "rows": [(row.pk, self.named(row)) for row in rows[:MOST]],
            "left_out": max(0, rows.count() - MOST),
            "what_stays": self.what_stays,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/erase.html", context)
