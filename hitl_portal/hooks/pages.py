"""The pages on which admins look after webhook sources: their settings, secrets and last deliveries.

A new secret stands in the answer to the post that made it, and nowhere else: no cookie, no session, no second time.
"""

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hitl_portal.addresses import public
from hitl_portal.hooks import log, receiving
from hitl_portal.hooks.forms import SecretForm, SourceForm
from hitl_portal.hooks.models import Delivery, WebhookSecret, WebhookSource
from hitl_portal.hooks.trying import tried
from hitl_portal.pages import page
from hitl_portal.problems import Problem
from workflows import policy, services
from workflows.errors import WrongStatus
from workflows.models import Workflow

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

PAGE_SIZE = 25


@require_safe
@page
def sources(request: "PageRequest") -> HttpResponse:
    """All of them."""
    _admins_only(request)
    found = WebhookSource.objects.select_related("workflow").annotate(last=Max("deliveries__received_at"))
    return render(request, "hooks/sources.html", {"sources": found})


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: "PageRequest") -> HttpResponse:
    """Make a source; its first secret is shown in the answer."""
    _admins_only(request)
    form = SourceForm(request.POST or None)
    if request.method != "POST" or _is_trial(request) or not form.is_valid():
        return _form_page(request, form)
    made = form.save()
    if made.scheme.new_secret is None:
        messages.success(request, _("The source is made."))
        return redirect(made)
    return _source_page(request, made, made_secret=made.add_secret())


@require_safe
@page
def source(request: "PageRequest", source: str) -> HttpResponse:
    """One source: its address, secrets and last deliveries."""
    _admins_only(request)
    return _source_page(request, _found(source))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def change(request: "PageRequest", source: str) -> HttpResponse:
    """Change a source, or try what it would make of a payload."""
    _admins_only(request)
    found = _found(source)
    initial = {"payload": _example(found, request.GET.get("delivery", ""))}
    form = SourceForm(request.POST or None, instance=found, initial=initial)
    if request.method != "POST" or _is_trial(request) or not form.is_valid():
        return _form_page(request, form, name=source)
    changed = form.save(commit=False)
    changed.save(update_fields=[name for name in form.changed_data if name not in ("others", "payload")])
    form.save_m2m()
    messages.success(request, _("The source is saved."))
    return redirect(changed)


@require_POST
@page
def add_secret(request: "PageRequest", source: str) -> HttpResponse:
    """Keep one more secret. One that is made here is shown in the answer."""
    _admins_only(request)
    found = _found(source)
    form = SecretForm(request.POST, source=found)
    if not form.is_valid():
        return _source_page(request, found, form=form)
    given = form.cleaned_data["text"]
    secret = found.add_secret(given, others_end=form.others_end)
    if given:
        messages.success(request, _("The secret is kept."))
        return redirect(found)
    return _source_page(request, found, made_secret=secret)


@require_POST
@page
def end_secret(request: "PageRequest", secret_id: UUID) -> HttpResponse:
    """End a secret now: what it signs is refused from here on."""
    _admins_only(request)
    secret = get_object_or_404(WebhookSecret.objects.select_related("source"), id=secret_id)
    if not secret.has_ended:
        secret.ends_at = timezone.now()
        secret.save(update_fields=["ends_at"])
    messages.success(request, _("The secret signs no longer."))
    return redirect(secret.source)


@require_safe
@page
def delivery(request: "PageRequest", webhook_delivery_id: UUID) -> HttpResponse:
    """One delivery: what was posted, without secrets, and what came of it."""
    _admins_only(request)
    return _delivery_page(request, _line(webhook_delivery_id))


@require_POST
@page
def replay(request: "PageRequest", webhook_delivery_id: UUID) -> HttpResponse:
    """Do again what a kept payload asks for; the run is started by whoever replays it."""
    _admins_only(request)
    line = _line(webhook_delivery_id)
    try:
        once = str(UUID(request.POST.get("once", "")))
    except ValueError:
        once = str(uuid4())
    try:
        run = receiving.replay(line, once, services.Actor.of(request.user))
    except (Problem, WrongStatus) as refused:
        return _delivery_page(request, line, problem=refused)
    messages.success(request, _("The payload was replayed."))
    return redirect("runs:detail", run.id)


def _admins_only(request: "PageRequest") -> None:
    if not policy.is_admin(request.user):
        raise PermissionDenied(_("Admins see this."))


def _found(name: str) -> WebhookSource:
    return get_object_or_404(WebhookSource.objects.select_related("workflow"), name=name)


def _line(id: UUID) -> Delivery:
    found = Delivery.objects.select_related("source__workflow", "run__workflow", "replay_of")
    line = get_object_or_404(found, id=id)
    if line.run_id is not None:
        log.forget_erased()
        line.refresh_from_db(fields=["headers", "excerpt", "sealed_body"])
    return line


def _is_trial(request: "PageRequest") -> bool:
    return request.POST.get("do") == "try"


def _form_page(request: "PageRequest", form: SourceForm, name: str = "") -> HttpResponse:
    trial = tried(form) if _is_trial(request) else None
    context = {"form": form, "name": name, "trial": trial, "is_trial": _is_trial(request)}
    context["takes"] = Workflow.objects.exclude(input_schema=None).order_by("name")
    refused = request.method == "POST" and not _is_trial(request)
    return render(request, "hooks/form.html", context, status=422 if refused else 200)


def _source_page(
    request: "PageRequest", source: WebhookSource, *, made_secret: str = "", form: SecretForm | None = None
) -> HttpResponse:
    log.forget_erased()
    secrets = list(source.secrets.all())
    is_refused = request.GET.get("show") == "refused"
    lines = Paginator(log.newest(source, refused=is_refused), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "source": source,
        "address": public("hooks:receive", source.name),
        "made_secret": made_secret,
        "secrets": secrets,
        "signs": any(secret.is_readable and not secret.has_ended for secret in secrets),
        "form": form or SecretForm(source=source, has_secrets=bool(secrets)),
        "others": source.others.all(),
        "lines": lines,
        "is_refused": is_refused,
        "counts": source.counts.order_by("outcome"),
    }
    return render(request, "hooks/source.html", context, status=422 if form else 200)


def _delivery_page(request: "PageRequest", line: Delivery, problem: Exception | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "line": line,
        "source": line.source,
        "once": uuid4(),
        "problem": problem,
        "is_again": bool(line.message_id) and line.run_id is not None,
    }
    return render(request, "hooks/delivery.html", context, status=409 if problem else 200)


def _example(source: WebhookSource, id: str) -> str:
    """What a delivery has posted, as it may be shown, to try the mapping on: the newest that is whole."""
    lines = source.deliveries.filter(is_signed=True).exclude(excerpt="")
    try:
        lines = lines.filter(id=UUID(id)) if id else lines
        line = lines.first()
        json.loads(line.excerpt if line else "")
    except ValueError:
        return ""
    return line.excerpt if line else ""
