"""What pages and sockets may show to whom; who may decide is `workflows.policy`'s to say.

Admins see everything, requesters what they asked for, reviewers what is not restricted to others; whom a policy
names sees what it names them for (see `workflows.grants`). What is not visible answers 404, so that ids tell nothing.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from workflows.grants import sees
from workflows.models import Requirement, RequirementQuerySet, RunQuerySet, Value, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def visible_runs(person: "User") -> RunQuerySet:
    """The runs that this person may look at, their workflow fetched along."""
    return WorkflowRun.objects.visible(person).select_related("workflow", "requested_by")


def visible_requirements(person: "User") -> RequirementQuerySet:
    """The requirements that this person may look at, run and workflow fetched along."""
    seen = Requirement.objects.visible(person)
    return seen.select_related("run__workflow", "run__requested_by", "assignee")


def visible_requirement(person: "User", requirement_id: UUID) -> Requirement:
    """One requirement, or 404; run and workflow fetched along, and nothing else: quicker than to ask for many."""
    found = get_object_or_404(Requirement.objects.select_related("run__workflow"), id=requirement_id)
    if sees(person, found.run, found, found.run.grants.all()):
        return found
    raise Http404


def visible_run(person: "User", run_id: UUID) -> WorkflowRun:
    """One run, or 404."""
    return get_object_or_404(visible_runs(person), id=run_id)


def visible_value(person: "User", value_id: UUID) -> Value:
    """Something that a run was given or produced, its run and workflow fetched along, or 404.

    Who may see a question, but not the whole of its run, sees what its card shows: its evidence and the run's input.
    """
    value = get_object_or_404(Value.objects.select_related("run__workflow"), id=value_id)
    if not (visible_runs(person).filter(id=value.run_id).exists() or _is_on_a_card(value, person)):
        raise Http404
    return value


def _is_on_a_card(value: Value, person: "User") -> bool:
    is_input = (value.path, value.slot) == ("", "inputs")
    shown = Q(run=value.run_id) if is_input else Q(run=value.run_id, evidence=value.id)
    return visible_requirements(person).filter(shown).exists()
