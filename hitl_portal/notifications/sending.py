"""Sends what was claimed, and says what came of it."""

import logging
from uuid import UUID

from django.conf import settings
from django.utils import translation

from hitl_portal.inbox.models import Preferences
from hitl_portal.notifications import outbox
from hitl_portal.notifications.channels import Undelivered, channels
from hitl_portal.notifications.composing import Message, composed
from hitl_portal.notifications.models import Choices, Dispatch
from hitl_portal.notifications.outbox import Parcel
from hitl_portal.notifications.sifting import sifted
from hitl_portal.notifications.wishes import hours_of

log = logging.getLogger(__name__)


def send(parcel: Parcel) -> None:
    """Look once more at what is in it, send what is left in one message, and record that."""
    choices = Choices.of(parcel.person)
    with translation.override(choices.language or settings.LANGUAGE_CODE):
        kept = sifted(parcel)
        if kept:
            _carry(parcel, kept, choices)


def _carry(parcel: Parcel, kept: list[Dispatch], choices: Choices) -> None:
    zone = hours_of(choices, Preferences.of(parcel.person).time_zone).zone
    message = composed(_id_of(kept), (dispatch.note for dispatch in kept), zone)
    try:
        receipt = _sent(parcel, message)
    except Undelivered as failed:
        log.info("%s: %s", parcel.channel, failed)
        outbox.note_failed(parcel, kept, failed)
        if failed.gone and parcel.address is not None:
            parcel.address.forget()
        return
    log.info("%s: sent", parcel.channel)
    outbox.note_sent(kept, receipt)


def _sent(parcel: Parcel, message: Message) -> str:
    try:
        return channels()[parcel.channel].send(parcel.person, message, parcel.address)
    except Undelivered:
        raise
    except Exception as error:  # it must be recorded, or it would be tried again and again without a pause
        log.exception("%s: a message could not be sent", parcel.channel)
        raise Undelivered(type(error).__name__) from error


def _id_of(kept: list[Dispatch]) -> UUID:
    return kept[0].pk
