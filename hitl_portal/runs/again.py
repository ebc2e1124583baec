"""Going on from a run with another one: try once more what failed, fork at a step with another input."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hitl_portal import access
from hitl_portal.fields.text import as_json, read_json
from hitl_portal.pages import page
from hitl_portal.refused import in_words
from hitl_portal.runs.timeline import step_name
from hitl_portal.runs.ways import names_of
from workflows import forking, policy, services
from workflows.errors import (
    InvalidInput,
    NotEligible,
    UnkeepableInput,
    UnknownStep,
    WorkflowDisabled,
    WrongStatus,
)

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest
    from workflows.forking import Outlook
    from workflows.models import WorkflowRun

LONGEST = 100_000  # of an input that is changed in a form, in characters
TEXT, JSON = "text", "json"


class ForkForm(forms.Form):
    """What the step is to get. `key` makes of two presses one fork."""

    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    reads = forms.ChoiceField(
        label=gettext_lazy("It is"),
        choices=((TEXT, gettext_lazy("Text")), (JSON, "JSON")),
        widget=forms.RadioSelect,
    )
    given = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("What the step gets"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    def __init__(self, gets: Any, data: Any = None) -> None:
        self.kind = TEXT if isinstance(gets, str) else JSON
        self.text = gets if isinstance(gets, str) else as_json(gets)
        initial = {"key": get_random_string(20), "reads": self.kind, "given": self.text}
        super().__init__(data, initial=initial)
        if len(self.text) > LONGEST:
            del self.fields["given"], self.fields["reads"]

    def clean(self) -> dict[str, Any]:
        """The input as data, under `input`; SAME where nobody has changed it."""
        cleaned: dict[str, Any] = super().clean() or {}
        text = str(cleaned.get("given", self.text)).replace("\r\n", "\n")
        reads = cleaned.get("reads", self.kind)
        if (text, reads) == (self.text.replace("\r\n", "\n"), self.kind):
            return cleaned | {"input": forking.SAME}
        try:
            return cleaned | {"input": read_json(text) if reads == JSON else text}
        except forms.ValidationError as wrong:
            self.add_error("given", wrong)
            return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@page
def retry(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """Ask whether to try again what failed, and do so on POST."""
    run = _changeable(request, run_id)
    try:
        if request.method == "POST":
            new = services.retry_run(run.id, actor=services.Actor.of(request.user))
            messages.success(request, _("It is tried again."))
            return redirect("runs:detail", new.id)
        if not forking.may_retry(run):
            problem = _("This run has not failed, and nobody has ended it.")
            return render(request, "409.html", {"problem": problem}, status=409)
        outlook = forking.retry_outlook(run)
    except NotEligible as refused:
        raise PermissionDenied(in_words(refused)) from None
    except (WrongStatus, UnknownStep, WorkflowDisabled) as refused:
        return render(request, "409.html", {"problem": in_words(refused)}, status=409)
    return render(request, "runs/retry.html", _told(run, outlook))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def fork(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """Change what a step gets (`?path=` says which), see what comes of it, and fork the run on POST."""
    run, path = _changeable(request, run_id), request.GET.get("path", "")
    try:
        if not forking.may_fork(run):
            problem = _("Something is under way in this run: wait until it rests, or end it.")
            return render(request, "409.html", {"problem": problem}, status=409)
        outlook = forking.fork_outlook(run, path)
        form = ForkForm(outlook.gets, request.POST or None)
        if request.method == "POST" and form.is_valid():
            new = _forked(request, run, path, form)
            if new is not None:
                messages.success(request, _("The fork is on its way."))
                return redirect("runs:detail", new.id)
    except NotEligible as refused:
        raise PermissionDenied(in_words(refused)) from None
    except UnknownStep:
        raise Http404 from None
    except (WrongStatus, WorkflowDisabled) as refused:
        return render(request, "409.html", {"problem": in_words(refused)}, status=409)
    told = _told(run, outlook) | {"form": form}
    return render(request, "runs/fork.html", told, status=422 if form.errors else 200)


def _forked(request: "PageRequest", run: "WorkflowRun", path: str, form: ForkForm) -> "WorkflowRun | None":
    """The fork; None where its input is refused, which the form then says."""
    said = form.cleaned_data
    actor = services.Actor.of(request.user)
    try:
        return services.fork_run(run.id, path, actor=actor, given=said["input"], key=said["key"])
    except (UnkeepableInput, InvalidInput) as refused:
        form.add_error("given" if "given" in form.fields else None, str(refused))
        return None


def _changeable(request: "PageRequest", run_id: UUID) -> "WorkflowRun":
    run = access.visible_run(request.user, run_id)
    if not policy.is_admin(request.user):
        raise PermissionDenied(_("Admins do this."))
    return run


def _told(run: "WorkflowRun", outlook: "Outlook") -> dict[str, Any]:
    again = names_of(run, outlook.again)
    return {
        "run": run,
        "outlook": outlook,
        "step": step_name(outlook.path, run.workflow.outline) if outlook.path else "",
        "kept": names_of(run, outlook.kept),
        "again": again,
        "harmful": [each for each in again if each.is_irreversible],
    }
