"""The audit page: what is sealed, what the last verification found, one run verified at once; receipts to take away."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hitl_portal import access
from hitl_portal.audit.forms import RunForm
from hitl_portal.pages import page
from workflows import policy
from workflows.audit.issuing import NoReceipt, receipt_of
from workflows.audit.keys import trusted_keys
from workflows.audit.sealing import unsealed
from workflows.audit.verifying import Broken, Whole, verify_runs
from workflows.models import Checkpoint, Decision, Verification

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

MOST_CHECKPOINTS = 20


@require_safe
@page
def audit(request: "PageRequest") -> HttpResponse:
    """What is sealed, and what was found last."""
    _admins_only(request)
    return render(request, "audit/page.html", _standing() | {"form": RunForm(request.GET or None)})


@require_POST
@page
def verify(request: "PageRequest") -> HttpResponse:
    """Verify the chain of one run now."""
    _admins_only(request)
    form = RunForm(request.POST)
    if not form.is_valid():
        return render(request, "audit/page.html", _standing() | {"form": form}, status=422)
    run = access.visible_run(request.user, form.cleaned_data["run"])
    found, problem = Whole(), ""
    try:
        verify_runs([run.id], found)
    except Broken as broken:
        problem = str(broken)
    result = {"run": run, "events": found.events, "problem": problem}
    return render(request, "audit/page.html", _standing() | {"form": form, "result": result})


@require_safe
@page
def keys(request: "PageRequest") -> HttpResponse:
    """The public keys, one a line: for whoever checks receipts. No secret, but for people who are signed in."""
    del request
    text = "\n".join(sorted(trusted_keys())) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@page
def receipt(request: "PageRequest", decision_id: UUID) -> HttpResponse:
    """The signed receipt of a decision, as a file, for everybody who may see what was decided."""
    seen = access.visible_requirements(request.user)
    decisions = Decision.objects.select_related("requirement__run__workflow").filter(requirement__in=seen)
    decision = get_object_or_404(decisions, id=decision_id)
    try:
        issued = receipt_of(decision)
    except NoReceipt:
        raise Http404(_("The decision is from before there were receipts.")) from None
    response = JsonResponse(issued, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="receipt-{decision.id}.json"'
    return response


def _admins_only(request: "PageRequest") -> None:
    if not policy.is_admin(request.user):
        raise PermissionDenied(_("Admins see this."))


def _standing() -> dict[str, Any]:
    """In four queries."""
    return {
        "checkpoints": Checkpoint.objects.order_by("-number")[:MOST_CHECKPOINTS],
        "unsealed": unsealed().count(),
        "verification": Verification.objects.first(),
        "keys": sorted(trusted_keys()),
    }
