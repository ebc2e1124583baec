"""Signing: what a passkey is to sign, asked for by the card before it sends the answer; and that answer."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import JsonResponse
from django.views.decorators.http import require_POST

from hitl_portal.inbox.address import wanted
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.pages import page
from hitl_portal.signed.deciding import Deed, offered
from hitl_portal.signed.deciding import decided as decided_signed
from workflows import policy, services
from workflows.errors import DecisionRefused
from workflows.models import Decision

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

# What the form sends along once a passkey has signed.
OFFERED, SIGNATURE = "offered", "signature"


@require_POST
@page
def offer(request: "PageRequest", requirement_id: UUID) -> JsonResponse:
    """What to sign of what the form says. Nothing where it needs no signature, or is refused: then the form itself,
    sent, says why."""
    requirement = Desk.of(request.user, wanted(request)).find(requirement_id)
    form = DecisionForm(requirement, request.POST, request.FILES)
    if not (requirement.is_open and form.is_valid() and is_asked(form)):
        return JsonResponse({})
    try:
        made = offered(_deed(request, form))
    except DecisionRefused:
        return JsonResponse({})
    return JsonResponse({"publicKey": made.asked, OFFERED: made.sealed})


def is_asked(form: DecisionForm) -> bool:
    """Whether the valid form's answer counts only with a signature."""
    return policy.needs_signature(form.requirement, form.answer())


def decided(request: "PageRequest", form: DecisionForm) -> Decision:
    """The answer, with its signature where one was sent. Raises what `services.resolve` raises, and NotSigned."""
    deed = _deed(request, form)
    signature = request.POST.get(SIGNATURE)
    if signature:
        return decided_signed(deed, request.POST.get(OFFERED, ""), signature)
    return services.resolve(deed.requirement.id, revision=deed.revision, answer=deed.answer, actor=deed.actor)


def _deed(request: "PageRequest", form: DecisionForm) -> Deed:
    return Deed(
        requirement=form.requirement,
        revision=form.cleaned_data["revision"],
        answer=form.answer(),
        actor=services.Actor.of(request.user),
    )
