"""Subject: what is talked about, a requirement or a whole run, for somebody who may see it; and who else may."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from hitl_portal import access
from workflows import services
from workflows.models import Comment, Requirement, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Kind = Literal["requirements", "runs"]
MOST_ASKED, MOST_OFFERED = 40, 8


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the comments are about; `requirement` is None where it is the run."""

    run: WorkflowRun
    requirement: Requirement | None

    @classmethod
    def of(cls, person: "User", kind: Kind, subject_id: UUID) -> "Subject":
        """The subject, or 404 for who may not see it."""
        if kind == "runs":
            return cls(run=access.visible_run(person, subject_id), requirement=None)
        requirement = access.visible_requirements(person).filter(id=subject_id).first()
        if requirement is None:
            raise Http404
        return cls(run=requirement.run, requirement=requirement)

    @property
    def kind(self) -> Kind:
        """What its addresses say."""
        return "requirements" if self.requirement else "runs"

    @property
    def id(self) -> UUID:
        """Of the requirement, or of the run."""
        return self.requirement.id if self.requirement else self.run.id

    @property
    def home(self) -> str:
        """The address of its own page."""
        return reverse("inbox:detail" if self.requirement else "runs:detail", args=[self.id])

    @property
    def comments(self) -> QuerySet[Comment]:
        """What was said about it, the oldest first."""
        return Comment.objects.filter(run=self.run, requirement=self.requirement).order_by("created_at", "id")

    def say(self, text: str, actor: services.Actor) -> Comment:
        """Add a comment. Raises InvalidAnswer, NotEligible."""
        if self.requirement:
            return services.comment_on_requirement(self.requirement.id, text, actor=actor)
        return services.comment_on_run(self.run.id, text, actor=actor)

    def seen_by(self, person: "User") -> bool:
        """Whether somebody else may see it too; a query."""
        if self.requirement:
            return Requirement.objects.visible(person).filter(id=self.requirement.id).exists()
        return WorkflowRun.objects.visible(person).filter(id=self.run.id).exists()

    def people(self, beginning: str, person: "User") -> "list[User]":
        """Who may be mentioned to be told of it: those who may see it, whose name begins so; a query for each asked."""
        known: Any = get_user_model().objects.filter(is_active=True, username__istartswith=beginning)
        asked = known.exclude(pk=person.pk).order_by("username").prefetch_related("groups")[:MOST_ASKED]
        found: list[User] = []
        for one in asked:
            if len(found) < MOST_OFFERED and self.seen_by(one):
                found.append(one)
        return found
