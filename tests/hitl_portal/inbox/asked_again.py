"""The same thing asked more than once in a run, as the engine asks it."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from workflows.models import Decision, Requirement, Value, WorkflowRun
from workflows.types import Action


def asked(run: WorkflowRun, number: int, kind: str = "output_review", **fields: Any) -> Requirement:
    """The `number`-th time, counted from one, so many seconds after the first."""
    path, content = fields.pop("path", "pay"), fields.pop("content", None)
    key = fields.pop("key", f"review:{number - 1}")
    details = {"path": path, "key": key, "kind": kind, "step_name": "pay", "step_type": "Step"}
    details |= {"on_reject": "retry", "max_retries": 2, "retry_count": number - 1}
    evidence = None
    if content is not None:
        data = json.dumps({"content": content})
        evidence = Value.objects.create(run=run, path=path, slot=f"call:{number - 1}.0", data=data)
    return Requirement.objects.create(
        run=run,
        path=path,
        key=key,
        kind=kind,
        step_name="pay",
        details=details | fields,
        evidence=evidence,
        opened_at=timezone.now() - timedelta(hours=1) + timedelta(seconds=number),
    )


def rejected(
    requirement: Requirement, person: User, feedback: str = "", action: str = Action.reject
) -> Decision:
    """Somebody said no to it, and the run went on with that."""
    requirement.status = Requirement.Status.APPLIED
    requirement.save()
    return Decision.objects.create(
        requirement=requirement,
        revision=requirement.revision,
        action=action,
        person=person,
        actor=person.username,
        channel="portal",
        feedback=feedback,
        answer={"action": str(action), "feedback": feedback},
        decided_at=timezone.now(),
    )
