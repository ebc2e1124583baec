"""Ways on from a run: what can be done about it, and the runs that go on from it or that it goes on from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from hitl_portal import access
from hitl_portal.places import CALL, node_at
from workflows import policy
from workflows.forking import RETRY, may_fork, may_retry
from workflows.models import Requirement, WorkflowRun
from workflows.retention import is_erased

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_FORKS = 10
MOST_KEPT = 50


@dataclass(frozen=True, kw_only=True)
class Ways:
    """What one person can do about a run. `before` is the run that this one goes on from, `decided` what was decided
    there and is kept; `after` are those that go on from this one, the newest first."""

    can_retry: bool
    can_fork: bool
    before: WorkflowRun | None
    decided: list[Requirement]
    after: list[WorkflowRun]


def ways_of(run: WorkflowRun, person: "User") -> Ways:
    """What the page offers; one query, one more for admins, and three more for a run that goes on from another one."""
    after = list(access.visible_runs(person).filter(forked_from=run.id).order_by("-created_at")[:MOST_FORKS])
    may = policy.is_admin(person) and run.workflow.enabled and not is_erased(run)
    before = access.visible_runs(person).filter(id=run.forked_from_id).first() if run.forked_from_id else None
    return Ways(
        can_retry=may and may_retry(run) and all(each.source != RETRY for each in after),
        can_fork=may and may_fork(run),
        before=before,
        decided=_kept_decisions(run, before, person) if before else [],
        after=after,
    )


def _kept_decisions(run: WorkflowRun, before: WorkflowRun, person: "User") -> list[Requirement]:
    """What people decided in the run before, at places that are kept."""
    kept = run.records.filter(started_at__lt=run.created_at, finished_at__isnull=False).values("path")
    where = Q(path__in=kept)
    if run.source == RETRY:  # in a fork, what stands around its step is asked about anew
        steps = run.forked_at.split("/")
        where |= Q(path__in=["/".join(steps[:depth]) for depth in range(1, len(steps))])
    seen = access.visible_requirements(person).filter(where, run=before.id, status=Requirement.Status.APPLIED)
    return list(seen.prefetch_related("decisions").order_by("opened_at", "id")[:MOST_KEPT])


def names_of(run: WorkflowRun, paths: list[str]) -> "list[Named]":
    """The steps among some places, by name; containers are not named besides what is in them."""
    found = []
    for path in paths:
        node = node_at(run.workflow.outline, path)
        if node is not None and path and not node.get("children") and not CALL.search(path):
            found.append(
                Named(name=str(node["name"]), path=path, is_irreversible=bool(node.get("irreversible")))
            )
    return found


@dataclass(frozen=True, kw_only=True)
class Named:
    """A step as a list names it."""

    name: str
    path: str
    is_irreversible: bool
