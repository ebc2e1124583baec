"""Expiring: silence is an answer too, the one that the question's on_timeout says."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import policy
from workflows.acting import TIMER, locked
from workflows.engine.needs import Ask
from workflows.errors import AlreadyDecided
from workflows.models import Requirement
from workflows.reviewing.deciding import close
from workflows.types import Action, Answer, InputErrors, OnTimeout

ACTIONS = {
    OnTimeout.approve: Action.approve,
    OnTimeout.reject: Action.reject,
    OnTimeout.skip: Action.skip,
}


def expire_overdue(run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> None:
    """Answer the run's overdue requirements as their on_timeout says. For whoever has claimed the run."""
    now = timezone.now()
    overdue = Requirement.objects.using(using).open().filter(run=run_id, timeout_at__lte=now)
    for requirement_id in overdue.values_list("id", flat=True):
        # Where a person was faster, their answer stands.
        with transaction.atomic(using=using), suppress(AlreadyDecided):
            expire(locked(requirement_id, using), now)


def expire(requirement: Requirement, now: datetime) -> None:
    """Answer one, whose run is locked. Raises AlreadyDecided."""
    close(requirement, answer_of_silence(requirement), TIMER, now)


def answer_of_silence(requirement: Requirement) -> Answer:
    """What nobody's answer means; where that does not fit the question, the end of the run."""
    ask = Ask.from_dict(requirement.details)
    action = ACTIONS.get(ask.on_timeout or OnTimeout.cancel, Action.cancel)
    if action is Action.approve and policy.admins_only(requirement):  # silence is no admin's decision
        action = Action.cancel
    answer = Answer(action=action, feedback="Timed out")
    if answer.action is not Action.approve:
        return answer
    values_given = {field["name"]: field["value"] for field in ask.fields if field.get("value") is not None}
    answer = replace(answer, values=values_given)
    try:
        ask.check(answer)
    except InputErrors:  # a form without defaults, a route without a choice: nothing to approve
        return replace(answer, action=Action.cancel)
    return answer
