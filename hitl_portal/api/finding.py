"""Finding a run by what its caller calls it."""

from uuid import UUID

from django.db.models import Q


def called(run_id: str, of: str = "") -> Q:
    """The condition for a run with this id, or to which a script gave it as a name; `of` is a prefix of its fields."""
    by_script = Q(**{f"{of}source": "script", f"{of}external_id": run_id})
    try:
        return by_script | Q(**{f"{of}id": UUID(run_id)})
    except ValueError:
        return by_script
