"""Erasing: what somebody said with a decision is taken away for good; that they decided, when and which way, stays.

The log has a digest of the words, and stays whole (decision 18).
"""

from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction

from workflows import policy
from workflows.acting import Actor, append_event, locked
from workflows.audit.words import are_erased
from workflows.errors import NotEligible, WrongStatus
from workflows.models import Decision, Requirement
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
