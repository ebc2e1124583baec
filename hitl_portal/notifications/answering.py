"""Links by which a question is answered without signing in: for messages that go to one person alone."""

from typing import TYPE_CHECKING

from hitl_portal.links.services import issue

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

    from hitl_portal.notifications.composing import Message


def with_answer_links(person: "User", message: "Message") -> "Message":
    """The message with such a link for each question that may have one; the others keep theirs."""
    links: dict[UUID | None, str] = {}
    for item in message.items:
        link = issue(item.requirement, person) if item.requirement is not None and item.asks else None
        if link:
            links[item.note_id] = link
    return message.with_links(links)
