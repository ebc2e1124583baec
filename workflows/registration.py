"""Registration: writes a definition into the table that everybody reads, whoever has its code."""

from django.db import DEFAULT_DB_ALIAS

from workflows.engine.plan import Plan
from workflows.models import Workflow


def register_plan(plan: Plan, using: str = DEFAULT_DB_ALIAS) -> Workflow:
    """Write one definition; nothing is written where the row says the same already."""
    facts = {
        "title": plan.title,
        "description": plan.description,
        "fingerprint": plan.fingerprint,
        "outline": plan.outline,
        "input_schema": plan.input_schema,
    }
    rows = Workflow.objects.using(using)
    row = rows.filter(name=plan.name).first()
    if row is not None and all(getattr(row, name) == value for name, value in facts.items()):
        return row
    return rows.update_or_create(name=plan.name, defaults=facts)[0]
