"""What pages and sockets may show to whom; who may decide is `workflows.policy`'s to say.

Reviewers and admins see every run; everybody else sees the runs that they asked for. What is not visible answers
404, so that ids tell nothing.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.shortcuts import get_object_or_404

from workflows import policy
from workflows.models import Requirement, RequirementQuerySet, RunQuerySet, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def visible_runs(person: "User") -> RunQuerySet:
    """The runs that this person may look at, their workflow fetched along."""
    runs = WorkflowRun.objects.select_related("workflow", "requested_by")
    return runs if policy.is_reviewer(person) else runs.filter(requested_by=person.pk)


def visible_requirements(person: "User") -> RequirementQuerySet:
    """The requirements that this person may look at, run and workflow fetched along."""
    requirements = Requirement.objects.select_related("run__workflow", "run__requested_by")
    return requirements if policy.is_reviewer(person) else requirements.filter(run__requested_by=person.pk)


def visible_run(person: "User", run_id: UUID) -> WorkflowRun:
    """One run, or 404."""
    return get_object_or_404(visible_runs(person), id=run_id)
