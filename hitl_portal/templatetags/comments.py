"""The place of comments on a card or a run's page: a fold that says how many there are, and fetches them itself."""

from typing import Any

from django import template

from workflows.models import Comment, Requirement, WorkflowRun

register = template.Library()


@register.inclusion_tag("comments/_fold.html")
def comments_on(subject: Requirement | WorkflowRun) -> dict[str, Any]:
    """Folded while nobody has said anything; one query."""
    if isinstance(subject, Requirement):
        kind, said = "requirements", Comment.objects.filter(requirement=subject)
    else:
        kind, said = "runs", Comment.objects.filter(run=subject, requirement=None)
    return {"kind": kind, "id": subject.id, "total": said.count()}
