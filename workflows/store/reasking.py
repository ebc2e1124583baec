"""Re-asking: a question whose answer was void is open again, at the next revision, with what is asked now."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from workflows.audit.bound import bound
from workflows.engine.needs import Ask
from workflows.models import Grant, Requirement
from workflows.store.asking import asked, granted
from workflows.store.writing import REQUIREMENTS, Writing
from workflows.types import ReviewPolicy

# What `asked` gives, in order.
NAMES = REQUIREMENTS.names
ASKED = NAMES[NAMES.index("kind") : NAMES.index("evidence")]


def ask_anew(
    requirement: Requirement, ask: Ask, policy: ReviewPolicy, writing: Writing, now: datetime
) -> tuple[UUID, str]:
    """Open it; its id and its digest. The run is held. Its clock and its reminders begin anew."""
    using = requirement._state.db
    changes = dict(zip(ASKED, asked(ask, policy, now), strict=True))
    changes |= {"revision": F("revision") + 1, "release_at": None}
    Requirement.objects.using(using).filter(id=requirement.id).update(**changes)
    Grant.objects.using(using).filter(requirement=requirement.id).delete()
    writing.insert_grants(granted(requirement.run_id, requirement.id, policy))
    return requirement.id, bound(ask, policy.to_dict())
