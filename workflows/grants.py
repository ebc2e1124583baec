"""Grants: whom a requirement, or a whole run, is restricted to; and the conditions by which queries ask for that.

A policy names groups and people. A grant is one such name as a row, so that a query finds what a person may see:
names and not keys, as a policy may name a group before it exists.
"""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from workflows.delegations import Delegation, absent_for
from workflows.ids import new_id
from workflows.people import groups_of, is_admin, is_reviewer
from workflows.types import Circle, ReviewPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import User

    from workflows.models import Requirement, WorkflowRun

NAME = 200


class Grant(models.Model):
    """One group or person who may see a run, or one requirement in it; `decides`: who may decide it as well.

    `requirement` is null where the workflow's policy names them, for the whole run.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey("workflows.WorkflowRun", on_delete=models.CASCADE, related_name="grants")
    requirement = models.ForeignKey(
        "workflows.Requirement", null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    group = models.CharField(max_length=NAME, blank=True)
    username = models.CharField(max_length=NAME, blank=True)
    decides = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(group="") ^ Q(username=""), name="grant_to_a_group_or_to_a_person"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["requirement", "group"], name="grant_of_requirement"),
            models.Index(fields=["run", "group"], name="grant_of_run"),
            models.Index(fields=["group"], name="grant_to_group"),
            models.Index(fields=["username"], name="grant_to_person"),
        ]

    def __str__(self) -> str:
        return self.group or self.username


def restrict(run: "WorkflowRun", policy: ReviewPolicy) -> None:
    """Name those whom the policy of a new run's workflow names; nothing where it names nobody."""
    rows = [
        Grant(run=run, **fields)
        for circle in (policy.deciders, policy.viewers)
        for fields in (named(circle, decides=False) if circle else ())
    ]
    if not rows:
        return
    using = run._state.db
    Grant.objects.using(using).bulk_create(rows)
    if policy.deciders:
        run.is_restricted = True
        run.save(using=using, update_fields=["is_restricted"])


def named(circle: Circle, *, decides: bool) -> list[dict[str, object]]:
    """The fields of a circle's grants, besides what they are about."""
    groups: list[dict[str, object]] = [{"group": group, "decides": decides} for group in circle.groups]
    return groups + [{"username": username, "decides": decides} for username in circle.users]


def seen_requirements(person: "User") -> Q:
    """Which requirements a person may see: their own, what names them, and as a reviewer what names nobody."""
    groups = groups_of(person)
    if is_admin(person, groups):
        return Q()
    about = Q(requirement=OuterRef("pk")) | Q(requirement=None)
    named_here = Grant.objects.filter(about, _to(person, groups), run=OuterRef("run"))
    condition = Q(run__requested_by=person.pk) | Q(Exists(named_here))
    # First, what is true of most: databases stop there.
    return Q(is_restricted=False) | condition if is_reviewer(person, groups) else condition


def seen_runs(person: "User") -> Q:
    """Which runs a person may see: likewise; who may see one question of a run that names them sees the whole run."""
    groups = groups_of(person)
    if is_admin(person, groups):
        return Q()
    named_here = Grant.objects.filter(_to(person, groups), run=OuterRef("pk"))
    condition = Q(requested_by=person.pk) | Q(Exists(named_here))
    # First, what is true of most: databases stop there.
    return Q(is_restricted=False) | condition if is_reviewer(person, groups) else condition


def sees(
    person: "User", run: "WorkflowRun", requirement: "Requirement | None", named: "Iterable[Grant]"
) -> bool:
    """Whether an active person may see a requirement, or without one a run: as the queries above say, for many people
    at once.

    `named` are the grants of the run. Costs no query where groups are fetched along and absences known
    (`delegations.know_absences`).
    """
    groups = groups_of(person)
    if is_admin(person, groups) or run.requested_by_id == person.pk:
        return True
    if is_reviewer(person, groups) and not (requirement or run).is_restricted:
        return True
    about = [
        grant for grant in named if requirement is None or grant.requirement_id in (None, requirement.pk)
    ]
    return any(_names(grant, voice) for voice in (person, *absent_for(person)) for grant in about)


def _names(grant: Grant, person: "User") -> bool:
    return grant.username == person.get_username() or grant.group in groups_of(person)


def _to(person: "User", groups: set[str]) -> Q:
    """The grants that name this person, or somebody whose deputy they are now."""
    away = Delegation.objects.current(timezone.now()).filter(deputy=person.pk, person__is_active=True)
    own = Q(group__in=groups) | Q(username=person.get_username())
    return (
        own
        | Q(group__in=away.values("person__groups__name"))
        | Q(username__in=away.values("person__username"))
    )
