"""Grants: whom a requirement, or a whole run, is restricted to; and the conditions by which queries ask for that.

A policy names groups and people. A grant is one such name as a row, so that a query finds what a person may see:
names and not keys, as a policy may name a group before it exists.
"""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from workflows.delegations import absent_for
from workflows.ids import new_id
from workflows.people import groups_of, is_admin, is_reviewer
from workflows.types import Circle

if TYPE_CHECKING:
    from django.contrib.auth.models import User

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


def named(circle: Circle, *, decides: bool) -> list[dict[str, object]]:
    """The fields of a circle's grants, besides what they are about."""
    groups: list[dict[str, object]] = [{"group": group, "decides": decides} for group in circle.groups]
    return groups + [{"username": username, "decides": decides} for username in circle.users]


def to(person: "User") -> Q:
    """The grants that name this person, or somebody whose deputy they are now."""
    condition = Q(group__in=groups_of(person)) | Q(username=person.get_username())
    for absent in absent_for(person):
        condition |= Q(group__in=groups_of(absent)) | Q(username=absent.get_username())
    return condition


def seen_requirements(person: "User") -> Q:
    """Which requirements a person may see: their own, what names them, and as a reviewer what names nobody."""
    if is_admin(person):
        return Q()
    about = Q(requirement=OuterRef("pk")) | Q(requirement=None)
    condition = Q(run__requested_by=person.pk) | Exists(
        Grant.objects.filter(about, to(person), run=OuterRef("run"))
    )
    return condition | Q(is_restricted=False) if is_reviewer(person) else condition


def seen_runs(person: "User") -> Q:
    """Which runs a person may see: likewise; what one question is about is seen in the whole run."""
    if is_admin(person):
        return Q()
    condition = Q(requested_by=person.pk) | Exists(Grant.objects.filter(to(person), run=OuterRef("pk")))
    return condition | Q(is_restricted=False) if is_reviewer(person) else condition
