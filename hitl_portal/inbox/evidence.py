"""What a person looks at: the value that the requirement names, or what stands inside it.

The output of a group says only where the outputs inside it are; a reviewer wants to see the last of those, which
is also what flows on, and what an edit replaces.
"""

import json

from workflows.models import Requirement, StepRecord, Value


def evidence_of(requirement: Requirement) -> Value | None:
    """The value with the content that is asked about; a query more where it stands inside."""
    value = requirement.evidence
    path = _inner_path(value) if value else None
    if path is None:
        return value
    inside = StepRecord.objects.filter(run=requirement.run_id, path__startswith=f"{path}/", memo={})
    last = inside.exclude(output=None).order_by("finished_at", "id").select_related("output").last()
    return last.output if last else value


def _inner_path(value: Value) -> str | None:
    data = json.loads(value.data)
    inner = data.get("inner") if isinstance(data, dict) else None
    return inner["path"] if isinstance(inner, dict) and "edit" not in inner else None
