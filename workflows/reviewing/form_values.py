"""Form values: what was filled in, as it is kept: nothing that was hidden, known people, files put away."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model

from workflows.engine.filled import PUT_AWAY, put_away
from workflows.errors import InvalidAnswer
from workflows.models import Requirement, Value
from workflows.types import Action, Answer, File, RequirementKind, UserInputField
from workflows.types.fields import shown_fields


def settled(requirement: Requirement, answer: Answer) -> Answer:
    """An answer that fits its fields, as it is kept: call it where the answer is written, in that transaction.

    A file becomes a value of the run, and the answer refers to it. Raises InvalidAnswer for people that nobody knows
    and for files that are not there.
    """
    asked = requirement.details.get("fields") or ()
    if requirement.kind != RequirementKind.user_input or answer.action is not Action.approve or not asked:
        return answer
    fields = [UserInputField.of(field) for field in asked]
    shown = {field.name: field for field in shown_fields(fields, answer.values)}
    hidden = {field.name for field in fields} - shown.keys()
    values = {name: value for name, value in answer.values.items() if name not in hidden}
    _refuse_strangers(requirement, shown, values)
    for name, field in shown.items():
        if field.field_type == "file" and values.get(name):
            values[name] = _put_away(requirement, name, values[name])
    return replace(answer, values=values)


def forget_files(requirement: Requirement, values: Mapping[str, Any]) -> None:
    """Take the files of an answer away for good."""
    slots = [value["slot"] for value in values.values() if isinstance(value, dict) and "slot" in value]
    _kept(requirement).filter(slot__in=slots, slot__startswith=PUT_AWAY).delete()


def _refuse_strangers(
    requirement: Requirement, fields: Mapping[str, UserInputField], values: Mapping[str, Any]
) -> None:
    named: dict[str, list[str]] = {}
    for name, field in fields.items():
        if "user" in (field.field_type, field.items) and values.get(name):
            named[name] = values[name] if isinstance(values[name], list) else [values[name]]
    if not named:
        return
    everybody = {one for names in named.values() for one in names}
    people = get_user_model().objects.using(requirement._state.db).filter(is_active=True)
    known = set(people.filter(username__in=everybody).values_list("username", flat=True))
    problems = {
        name: f"Field '{name}': nobody is called {', '.join(sorted(set(names) - known))}"
        for name, names in named.items()
        if not set(names) <= known
    }
    if problems:
        raise InvalidAnswer(problems)


def _put_away(requirement: Requirement, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What stands for a file; one that was put away before is still there."""
    if "data" not in given:
        slot = str(given.get("slot", ""))
        if not (slot.startswith(PUT_AWAY) and _kept(requirement).filter(slot=slot).exists()):
            raise InvalidAnswer({name: f"Field '{name}': the file is not here; send its data"})
        return dict(given)
    reference, slot, data = put_away(File.from_dict(given))
    _kept(requirement).get_or_create(
        slot=slot, defaults={"run_id": requirement.run_id, "path": requirement.path, "data": data}
    )
    return reference


def _kept(requirement: Requirement) -> Any:
    rows = Value.objects.using(requirement._state.db)
    return rows.filter(run=requirement.run_id, path=requirement.path)
