"""The channel of notifications: each person in their own messages with the app, where they have chosen Slack."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from hitl_portal.links.services import issue
from hitl_portal.notifications.channels import Undelivered
from hitl_portal.notifications.kinds import Kind, Mode
from hitl_portal.slack.models import Card
from hitl_portal.slack.people import slack_id_of
from hitl_portal.slack.telling import for_all, for_one
from hitl_portal.slack.web_api import SlackSaid, post_message

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.notifications.composing import Item, Message
    from hitl_portal.notifications.models import Address


class Slack:
    """To the member of the workspace with the address of the person's account. Nobody is told who has not chosen it."""

    name = "slack"
    title = "Slack"
    usual: Mapping[Kind, Mode] = {}
    has_addresses = False

    @property
    def is_on(self) -> bool:
        """An app of Slack is named."""
        return bool(settings.HITL_SLACK_TOKEN)

    def reaches(self, person: "User") -> bool:
        """Their account has a mail address, by which Slack may know them."""
        return bool(person.email)

    def send(self, person: "User", message: "Message", address: "Address | None" = None) -> str:
        """What the last message is called there. What was posted already, before a try that failed, is not again."""
        del address
        try:
            return _sent(person, message)
        except SlackSaid as failed:
            raise Undelivered(str(failed), again=failed.again, wait=failed.wait) from None


def _sent(person: "User", message: "Message") -> str:
    """What asks for something, each as a card that closes; the rest, which has nothing to close, in one message."""
    member, stamp = slack_id_of(person), ""
    asking = [item for item in message.items if item.asks and item.requirement is not None]
    known = Card.objects.filter(note__in=[item.note_id for item in asking])
    posted = set(known.values_list("note", flat=True))
    for item in asking:
        if item.note_id not in posted:
            stamp = _post_card(person, member, item)
    others = [item for item in message.items if item not in asking]
    return post_message(member, **for_all(others).fields)[1] if others else stamp


def _post_card(person: "User", member: str, item: "Item") -> str:
    requirement = item.requirement
    assert requirement is not None
    link = issue(requirement, person)
    said = for_one(replace(item, link=link or item.link), has_answer_link=bool(link))
    room, stamp = post_message(member, **said.fields)
    now = timezone.now()
    Card.objects.create(
        requirement=requirement,
        revision=requirement.revision,
        person=person,
        note=item.note_id,
        room=room,
        stamp=stamp,
        language=get_language() or "",
        status=Card.Status.POSTED,
        until=now,
        created_at=now,
    )
    return stamp
