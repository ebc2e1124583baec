"""Sends one card that was claimed: posts it, closes it, or shows a link to who has pressed a button."""

import logging

from django.conf import settings
from django.utils import translation

from hitl_portal.slack import outbox
from hitl_portal.slack.models import Card
from hitl_portal.slack.people import person_of
from hitl_portal.slack.telling import for_room, over, to_presser
from hitl_portal.slack.web_api import SlackSaid, call, post_message

log = logging.getLogger(__name__)


def send(card: Card) -> None:
    """Send it, and record what came of it."""
    try:
        with translation.override(card.language or settings.LANGUAGE_CODE):
            _carry(card)
    except SlackSaid as failed:
        log.info("a card in %s: %s", card.room, failed)
        outbox.note_failed(card, failed)
    except Exception as error:  # it must be recorded, or it would be tried again and again without a pause
        log.exception("a card in %s could not be sent", card.room)
        outbox.note_failed(card, SlackSaid(type(error).__name__))


def _carry(card: Card) -> None:
    if card.presser:
        _answer(card)
    elif card.status == Card.Status.ENDING:
        call("chat.update", channel=card.room, ts=card.stamp, **over(card.requirement, card.person).fields)
        outbox.note_done(card)
    elif card.requirement.is_open:
        room, stamp = post_message(card.room, **for_room(card.requirement).fields)
        outbox.note_posted(card, room, stamp)
    else:
        outbox.note_done(card)  # it was decided before anybody could read of it


def _answer(card: Card) -> None:
    said = to_presser(card.requirement, person_of(card.presser))
    call("chat.postEphemeral", channel=card.room, user=card.presser, **said.fields)
    outbox.note_done(card)
