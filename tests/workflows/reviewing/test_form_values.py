"""What was filled in, as it is kept: files put away, known people, nothing that was hidden."""

import base64
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, admin, ask, requester, reviewer, workflow
from workflows import services
from workflows.errors import InvalidAnswer
from workflows.models import Decision, Requirement, Value
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

__all__ = ["admin", "ask", "requester", "reviewer", "workflow"]  # fixtures

FIELDS: list[dict[str, Any]] = [
    {"name": "kind", "allowed_values": ["letter", "parcel"]},
    {"name": "scan", "field_type": "file", "required": False, "max_size": 10},
    {"name": "to", "field_type": "user", "required": False},
    {"name": "weight", "field_type": "int", "maximum": 5, "when": {"kind": "parcel"}},
]
SCAN = {"name": "a.txt", "content_type": "text/plain", "data": base64.b64encode(b"hello").decode()}


def fill(requirement: Requirement, person: User, **values: Any) -> dict[str, Any]:
    """Decide with these values; what is kept of them."""
    answer = Answer(action=Action.approve, values=values)
    decision = resolve(requirement.id, revision=1, answer=answer, actor=Actor.of(person))
    kept: dict[str, Any] = decision.answer["values"]
    return kept


def test_a_file_is_a_value_of_the_run(ask: Ask, reviewer: User) -> None:
    asked = ask("user_input", fields=FIELDS)
    kept = fill(asked, reviewer, kind="letter", scan=SCAN)["scan"]
    assert (kept["name"], kept["size"], "data" in kept) == ("a.txt", 5, False)
    value = Value.objects.get(run=asked.run, path=asked.path, slot=kept["slot"])
    assert "aGVsbG8=" in value.data


@pytest.mark.parametrize(
    "scan",
    [
        SCAN | {"data": base64.b64encode(b"hello world").decode()},
        SCAN | {"data": "?"},
        {"name": "a.txt", "slot": "file:of-another-run"},
        {"name": "a.txt", "slot": "inputs"},
        {"name": "a.txt", "slot": "call:0.0"},
        "a.txt",
    ],
)
def test_a_file_that_is_too_large_broken_or_not_here_is_refused(ask: Ask, reviewer: User, scan: Any) -> None:
    asked = ask("user_input", fields=FIELDS)
    Value.objects.create(run=asked.run, path=asked.path, slot="call:0.0", data='{"content": "no file"}')
    with pytest.raises(InvalidAnswer) as refused:
        fill(asked, reviewer, kind="letter", scan=scan)
    assert list(refused.value.by_field) == ["scan"]
    assert not Decision.objects.exists()


def test_a_person_must_be_known_and_active(ask: Ask, reviewer: User, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_active=False)
    asked = ask("user_input", fields=FIELDS)
    for name in ("admin", "nobody"):
        with pytest.raises(InvalidAnswer, match=f"nobody is called {name}"):
            fill(asked, reviewer, kind="letter", to=name)
    assert fill(asked, reviewer, kind="letter", to="reviewer")["to"] == "reviewer"


def test_what_is_hidden_is_not_kept(ask: Ask, reviewer: User) -> None:
    asked = ask("user_input", fields=FIELDS)
    assert fill(asked, reviewer, kind="letter", weight="heavy") == {"kind": "letter"}


def test_limits_are_the_service_s_too(ask: Ask, reviewer: User) -> None:
    asked = ask("user_input", fields=FIELDS)
    with pytest.raises(InvalidAnswer) as refused:
        fill(asked, reviewer, kind="parcel", weight=6)
    assert refused.value.by_field == {"weight": "Field 'weight' must be at most 5"}


def test_erasing_words_takes_files_away(ask: Ask, reviewer: User, admin: User) -> None:
    asked = ask("user_input", fields=FIELDS)
    fill(asked, reviewer, kind="letter", scan=SCAN)
    Requirement.objects.update(status=Requirement.Status.APPLIED)
    services.erase_words(Decision.objects.get().id, actor=Actor.of(admin))
    assert not Value.objects.filter(slot__startswith="file:").exists()
