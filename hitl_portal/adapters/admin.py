"""Django admin of other frameworks' servers: registered here, with a bearer nobody reads again; and their pauses."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hitl_portal.adapters import answering
from hitl_portal.adapters.models import Pause, Server
from workflows.admin import ForAdmins, ReadOnly, administrates

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Server]
else:
    ModelForm = forms.ModelForm


class ServerForm(ModelForm):
    """A server, and what it is shown to be let in."""

    bearer = forms.CharField(
        required=False,
        max_length=5000,
        label=_("Bearer token"),
        help_text=_("Kept encrypted, and never shown. Leave this empty, and it stays as it is."),
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    no_bearer = forms.BooleanField(required=False, label=_("It needs no bearer token (any more)"))

    class Meta:
        model = Server
        fields = ["name", "speaks", "url", "places", "policy", "every", "enabled"]
        labels = {"url": _("Address")}

    def clean_bearer(self) -> str:
        text: str = self.cleaned_data["bearer"].strip()
        if not text.isascii() or not text.isprintable():
            raise forms.ValidationError(_("A bearer token has no such characters."))
        return text

    def clean(self) -> dict[str, Any] | None:
        """A token is for the host that it was given for: no other one is shown it unasked."""
        said = super().clean()
        known, now = self.instance.url, self.cleaned_data.get("url", "")  # saved, and sent
        is_said = self.cleaned_data.get("bearer") or self.cleaned_data.get("no_bearer")
        if self.instance.sealed and _origin(known) != _origin(now) and not is_said:
            self.add_error(
                "bearer", _("That is another host: give the token for it, or say that it needs none.")
            )
        return said

    def save(self, commit: bool = True) -> Server:
        """Seal what was given."""
        if self.cleaned_data["bearer"] or self.cleaned_data["no_bearer"]:
            self.instance.set_bearer("" if self.cleaned_data["no_bearer"] else self.cleaned_data["bearer"])
        return super().save(commit)


def _origin(url: str) -> list[str]:
    """All before the path, of addresses that may not be any."""
    return url.strip().lower().split("/")[:3]


@admin.register(Server)
class ServerAdmin(ForAdmins):
    """Which servers are looked at, and what went wrong with the last look."""

    form = ServerForm
    list_display = ["name", "speaks", "url", "enabled", "problem", "next_look_at"]
    list_filter = ["enabled", "speaks"]
    search_fields = ["name", "url"]
    readonly_fields = ["problem", "next_look_at", "seen_until"]
    actions = ["look_now"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_add_permission(request)

    @admin.action(description=_("Look at selected servers now, at everything"), permissions=["change"])
    def look_now(self, request: HttpRequest, servers: QuerySet[Server]) -> None:
        """A worker does, at its next round."""
        servers.update(next_look_at=timezone.now(), seen_until=None)
        self.message_user(request, gettext("A worker looks at them now."))


@admin.register(Pause)
class PauseAdmin(ReadOnly):
    """What was brought in, and whether the answer has arrived."""

    list_display = ["found_at", "server", "place", "far_run", "status", "tries", "next_try_at", "problem"]
    list_filter = ["status", "server"]
    list_select_related = ["server"]
    search_fields = ["far_run", "session"]
    date_hierarchy = "found_at"
    actions = ["try_again"]

    @admin.action(description=_("Try again to answer what was given up"), permissions=["view"])
    def try_again(self, request: HttpRequest, pauses: QuerySet[Pause]) -> None:
        """From now on for two days."""
        tried = sum(answering.again(pause) for pause in pauses.select_related("server"))
        said = gettext("Tried again: %(number)d.")
        self.message_user(request, said % {"number": tried})
