"""What pages say of notes: their title, and where one goes from there."""

from django import template
from django.urls import reverse

from hitl_portal.evidence.revealing import revealed
from hitl_portal.notifications.kinds import Kind
from hitl_portal.notifications.models import Note
from hitl_portal.notifications.vapid import public_key
from hitl_portal.templatetags.wording import headline

register = template.Library()


@register.simple_tag
def push_key() -> str:
    """What browsers subscribe with; one query."""
    return public_key()


@register.filter
def note_title(note: Note) -> str:
    """The question's first line; of a run its workflow and its input in one line."""
    if note.requirement is not None:
        return headline(note.requirement)
    return revealed(
        f"{note.run.workflow.title}: {note.run.summary}" if note.run.summary else note.run.workflow.title
    )


@register.filter
def way(note: Note) -> str:
    """The page of what it is about."""
    if note.requirement_id is None:
        return reverse("runs:detail", args=[note.run_id])
    page = reverse("inbox:detail", args=[note.requirement_id])
    return f"{page}#comments" if note.kind == Kind.MENTION else page
