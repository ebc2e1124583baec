"""What a page missed between the number it has seen and its connection."""

from django.contrib.auth.models import User

from hitl_portal import access
from hitl_portal.live.mailbox import LIMIT, Message, message_of, resync
from workflows import tail


def missed(person: User, after: int) -> list[Message]:
    """The messages after that number that the person may see; one resync when they are too many, or it is not ours.

    A number beyond the end of the log comes from another database: the page is told where this one stands.
    """
    newest = tail.latest()
    if after > newest:
        return [resync(newest)]
    events = tail.unseen(after).filter(run__in=access.visible_runs(person)).order_by("sequence")[: LIMIT + 1]
    messages = [message_of(event) for event in events]
    return messages if len(messages) <= LIMIT else [resync(newest)]
