"""Coverage for admins: what can never be decided, with links to where that is changed; how much of it, and when
the workers last looked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hitl_portal.pages import page
from hitl_portal.people import tallied
from workflows import policy
from workflows.coverage import Finding, findings
from workflows.models import CoverageCheck, Workflow

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

PAGE_SIZE = 50
OF_GROUPS = ("empty group", "nobody", "quorum too large", "four eyes", "split votes", "escalation to nobody")
OF_POLICY = (*OF_GROUPS, "not there", "after hours", "broken policy")


@dataclass(frozen=True, kw_only=True)
class Item:
    """What is wrong at one place, for how many that wait; `remedies`: addresses of the pages that help, by name."""

    workflow: str
    path: str
    waiting: int
    details: list[str]
    remedies: dict[str, str]


@require_safe
@page
def coverage(request: "PageRequest") -> HttpResponse:
    """Everything that is wrong now, of the workflows first."""
    _refuse_others(request)
    found = findings()
    tallied.remember(len(found))
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    workflows = {workflow.name: workflow for workflow in Workflow.objects.defer("outline")}
    staff = request.user.is_staff
    items = [_item(list(at_place), workflows, staff=staff) for _place, at_place in groupby(shown, _place_of)]
    context = {"items": items, "shown": shown, "total": len(found), "last": CoverageCheck.objects.first()}
    return render(request, "people/coverage.html", context)


@require_safe
@page
def count(request: "PageRequest") -> HttpResponse:
    """The entry for the navigation, counted anew where that was long ago."""
    _refuse_others(request)
    if tallied.known() is None:
        tallied.remember(len(findings()))
    return render(request, "parts/coverage_count.html", {"count": tallied.known()})


def _refuse_others(request: "PageRequest") -> None:
    if not policy.is_admin(request.user):
        raise PermissionDenied(_("Only admins see this."))


def _place_of(finding: Finding) -> tuple[str, str, UUID | None]:
    return finding.workflow, finding.path, finding.requirement_id


def _item(at_place: list[Finding], workflows: Mapping[str, Workflow], *, staff: bool) -> Item:
    first, workflow = at_place[0], workflows.get(at_place[0].workflow)
    remedies = [_remedies(finding, workflow, staff=staff) for finding in at_place]
    return Item(
        workflow=workflow.title if workflow else first.workflow,
        path=first.path,
        waiting=first.count,
        details=[finding.detail for finding in at_place],
        remedies=dict(chain.from_iterable(remedies)),
    )


def _remedies(finding: Finding, workflow: Workflow | None, *, staff: bool) -> Iterator[tuple[str, str]]:
    """Where what is wrong can be changed; Django admin's pages are for staff."""
    if finding.requirement_id is not None:
        opened = _("Open one of them") if finding.count > 1 else _("Open the requirement")
        yield opened, reverse("inbox:detail", args=[finding.requirement_id])
    if finding.problem == "all away":
        yield _("See who is away"), reverse("people:absences")
    if not staff:
        return
    if finding.problem in OF_GROUPS:
        yield _("Change who is in a group"), reverse("admin:auth_group_changelist")
    if finding.problem == "not there":
        yield _("Look at the people"), reverse("admin:auth_user_changelist")
    if workflow is not None and finding.problem in OF_POLICY:
        yield (
            _("Change the workflow's policy"),
            reverse("admin:workflows_workflow_change", args=[workflow.pk]),
        )
