"""Erasing: what somebody said with a decision is taken away for good; that they decided, when and which way, stays.
So is everything that one person said.

The log has a digest of the words, and stays whole (decision 18).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction

from workflows import policy
from workflows.acting import Actor, append_event, locked
from workflows.audit.words import are_erased
from workflows.errors import NotEligible, WrongStatus
from workflows.models import Comment, Decision, Requirement
from workflows.reviewing.commenting import erase_comment

if TYPE_CHECKING:
    from django.contrib.auth.models import User
from workflows.reviewing.form_values import forget_files

# The run still has to go on with it.
NEEDED = (Requirement.Status.OPEN, Requirement.Status.DECIDED)


def erase_words(decision_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Decision:
    """Take feedback and form values of a decision away: for admins, once the run has gone on with it.

    Nothing where they are erased. Outputs that were made of them are values of the run, and stay. Raises NotEligible,
    WrongStatus.
    """
    with transaction.atomic(using=using):
        decision = Decision.objects.using(using).get(id=decision_id)
        requirement = locked(decision.requirement_id, using)
        if not policy.is_admin(actor.person):
            raise NotEligible("Only an admin can erase what was said with a decision")
        if requirement.status in NEEDED and decision.revision == requirement.revision:
            raise WrongStatus("The run has not gone on with this decision yet")
        if are_erased(decision):
            return decision
        forget_files(requirement, decision.answer.get("values") or {})
        decision.feedback, decision.answer, decision.salt = "", {"action": decision.action}, ""
        decision.save(update_fields=["feedback", "answer", "salt"])
        data = {"decision": str(decision.id)}
        append_event(requirement.run, "DecisionErased", actor, requirement=requirement, data=data)
    return decision


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What was erased of one person's words; `needed`: decisions that their runs have not gone on with yet."""

    decisions: int = 0
    comments: int = 0
    needed: int = 0


def erase_words_of(person: "User", *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Erased:
    """Take everything away that one person has said: comments, and the words of their decisions; each by itself, so
    that what was done stays done. For admins. Raises NotEligible."""
    if not policy.is_admin(actor.person):
        raise NotEligible("Only an admin can erase what somebody said")
    given = Decision.objects.using(using).filter(person=person.pk).exclude(salt="")
    comments = Comment.objects.using(using).filter(author=person.pk, erased_at=None)
    needed = erased = 0
    for decision_id in list(given.values_list("id", flat=True)):
        try:
            erase_words(decision_id, actor=actor, using=using)
            erased += 1
        except WrongStatus:
            needed += 1
    said = list(comments.values_list("id", flat=True))
    for comment_id in said:
        erase_comment(comment_id, actor=actor, using=using)
    return Erased(decisions=erased, comments=len(said), needed=needed)
