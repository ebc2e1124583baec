"""The page on which one says how one wants to be told; where, how soon, and when not."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hitl_portal.inbox.models import Preferences
from hitl_portal.notifications import outbox
from hitl_portal.notifications.channels import channels
from hitl_portal.notifications.forms import ChoicesForm
from hitl_portal.notifications.models import Address, Choices, Dispatch, Mute
from hitl_portal.notifications.wishes import hours_of
from hitl_portal.pages import page

if TYPE_CHECKING:
    from uuid import UUID

    from hitl_portal.pages import PageRequest

MOST = 50
SOON = timedelta(minutes=1)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def choose(request: "PageRequest") -> HttpResponse:
    """See them and change them."""
    choices = Choices.of(request.user)
    if "as_it_comes" in request.POST:
        Choices.objects.filter(person=request.user).delete()
        Mute.objects.filter(person=request.user).delete()
        messages.success(request, _("Everything is as it comes again."))
        return redirect("notifications:settings")
    form = ChoicesForm(request.user, choices, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.keep()
        messages.success(request, _("Saved."))
        return redirect("notifications:settings")
    return shown(request, form)


def shown(request: "PageRequest", form: ChoicesForm | None = None, **more: object) -> HttpResponse:
    """The page, with what was filled in wrong."""
    choices = Choices.of(request.user)
    zone = hours_of(choices, Preferences.of(request.user).time_zone).zone.key
    context = {
        "form": form or ChoicesForm(request.user, choices),
        "ways": ways_of(request),
        "zone": zone.replace("_", " "),
        "schemes": sorted(settings.HITL_APPRISE_SCHEMES),
        **more,
    }
    is_wrong = bool(more) or (form is not None and form.is_bound)
    return render(request, "notifications/settings.html", context, status=422 if is_wrong else 200)


@require_safe
@page
def sent(request: "PageRequest") -> HttpResponse:
    """What was sent to oneself lately, where, and what came of it."""
    mine = Dispatch.objects.filter(person=request.user)
    soon = timezone.now() + SOON
    is_soon = mine.filter(status=Dispatch.Status.PENDING, next_try_at__lt=soon).exists()
    rows = mine.select_related("note__run__workflow", "note__requirement", "address")[:MOST]
    titles = {name: channel.title for name, channel in channels().items()}
    found = [(row, titles.get(row.channel, row.channel)) for row in rows]
    return render(request, "notifications/sent.html", {"rows": found, "is_soon": is_soon})


@require_POST
@page
def try_out(request: "PageRequest", channel: str) -> HttpResponse:
    """Send oneself a message without meaning, down a channel that needs no address."""
    known = channels().get(channel)
    if known is None or known.has_addresses or not known.is_on or not known.reaches(request.user):
        raise Http404
    outbox.try_out(request.user, channel)
    return _on_its_way(request)


@require_POST
@page
def try_address(request: "PageRequest", address_id: "UUID") -> HttpResponse:
    """The same to one of one's addresses."""
    address = get_object_or_404(Address.objects.there(), person=request.user, pk=address_id)
    outbox.try_out(request.user, address.channel, address)
    return _on_its_way(request)


@require_POST
@page
def remove(request: "PageRequest", address_id: "UUID") -> HttpResponse:
    """Send nothing there any more; what waits for it is gone too."""
    get_object_or_404(Address, person=request.user, pk=address_id).delete()
    messages.success(request, _("It is removed."))
    return redirect("notifications:settings")


def ways_of(request: "PageRequest") -> list[dict[str, object]]:
    """Each channel as the page shows it: whether it is open, whether it reaches the person, and where."""
    mine: dict[str, list[Address]] = {}
    for address in Address.objects.there().filter(person=request.user).defer("sealed"):
        mine.setdefault(address.channel, []).append(address)
    return [
        {
            "channel": channel,
            "templates": [f"notifications/ways/{channel.name}.html", "notifications/ways/_head.html"],
            "is_on": channel.is_on,
            "reaches": channel.has_addresses or channel.reaches(request.user),
            "addresses": mine.get(channel.name, []),
        }
        for channel in channels().values()
    ]


def _on_its_way(request: "PageRequest") -> HttpResponse:
    messages.success(request, _("It is on its way; what came of it stands in the log."))
    return redirect("notifications:sent")
