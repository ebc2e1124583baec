"""What people are told of, how soon, and what is usual where they have said nothing."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What has happened, as the person sees it who is told."""

    WAITS = "waits", _("A question waits for you")
    ASSIGNED = "assigned", _("A question is assigned or delegated to you")
    REMINDER = "reminder", _("A question still waits, or is overdue")
    ESCALATION = "escalation", _("A question is escalated to you")
    EXPIRED = "expired", _("Nobody has decided in time")
    DECIDED = "decided", _("Another has decided what you asked for, hold or have voted on")
    MENTION = "mention", _("Somebody mentions you in a comment")
    COMPLETED = "completed", _("A run of yours is completed")
    FAILED = "failed", _("A run of yours has failed")
    CANCELLED = "cancelled", _("A run of yours was cancelled")


class Mode(models.TextChoices):
    """How soon."""

    IMMEDIATE = "immediate", _("At once")
    DIGEST = "digest", _("Once a day")
    OFF = "off", _("Off")


PAGE = "page"
# These ask for something: once nobody waits for it any more there is nothing to tell.
ASKING = (Kind.WAITS, Kind.ASSIGNED, Kind.REMINDER, Kind.ESCALATION)

# What is usual for a channel that is turned up for oneself, as push and the services are.
USUAL: Mapping[Kind, Mode] = dict.fromkeys((*ASKING, Kind.MENTION, Kind.FAILED), Mode.IMMEDIATE)
# E-mail comes to people who have said nothing at all: what is for them alone at once, the rest together.
USUAL_BY_MAIL: Mapping[Kind, Mode] = {**USUAL, Kind.WAITS: Mode.DIGEST, Kind.EXPIRED: Mode.DIGEST}
ALL_AT_ONCE: Mapping[Kind, Mode] = dict.fromkeys(Kind, Mode.IMMEDIATE)
