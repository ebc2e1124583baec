"""Full-text search: by all words or their beginnings, in everything that a row or card tells."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from hitl_portal.inbox import indexing
from hitl_portal.inbox.models import SearchText
from hitl_portal.inbox.search import matching
from tests.hitl_portal.conftest import Ask
from workflows.models import Requirement, Value


def found(text: str) -> list[str]:
    return sorted(Requirement.objects.filter(matching(text)).values_list("message", flat=True))


@pytest.mark.parametrize(
    "text",
    ["grace 249", "GRACE", "gra", "a-1042", "1042", "zürich", "lamp requester refund", "(Müller)"],
)
def test_it_is_found_by_any_words_about_it(ask: Ask, text: str) -> None:
    ask(message="249.50 EUR to Grace Müller, Zürich?", content="order A-1042\nlamp")
    ask(message="Publish?", content="nothing of that")
    assert found(text) == ["249.50 EUR to Grace Müller, Zürich?"]


@pytest.mark.parametrize(
    "text", ["refund absent", "und", "!!!", "' OR 1=1 --", '"', "NEAR(", "text:*&", "\0"]
)
def test_what_does_not_fit_finds_nothing_and_breaks_nothing(ask: Ask, text: str) -> None:
    ask(message="Refund?")
    assert found(text) == []


def test_arguments_of_a_tool_are_searched(ask: Ask) -> None:
    ask("tool_confirmation", "Send it?", tool={"name": "send_mail", "arguments": {"to": "ada@example.com"}})
    assert found("ada@example.com") == ["Send it?"]


def test_what_is_asked_anew_is_found_by_its_new_words(ask: Ask) -> None:
    requirement = ask(message="The first draft")
    Requirement.objects.filter(id=requirement.id).update(message="The second attempt")
    assert found("first") == []
    assert found("second") == ["The second attempt"]


def test_what_was_erased_is_not_found_any_more(ask: Ask) -> None:
    ask(message="Pay?", content="a secret word")
    Value.objects.filter(path="check").update(data='{"content": null}')
    assert found("secret") == []
    assert "secret" not in SearchText.objects.get().text


def test_what_is_gone_leaves_nothing_behind(ask: Ask) -> None:
    requirement = ask(message="Refund?")
    requirement.delete()
    assert found("refund") == []
    assert not SearchText.objects.exists()


def test_triggers_that_a_migration_took_away_come_back_with_what_they_missed(ask: Ask) -> None:
    where = "" if connection.vendor == "sqlite" else " ON workflows_requirement"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER inbox_search_asked{where}")
    ask(message="Refund?")
    assert found("refund") == []
    indexing.keep_installed("default")
    assert found("refund") == ["Refund?"]


def test_rows_that_are_written_by_hand_are_found(ask: Ask, reviewer: User) -> None:
    asked: Any = ask(message="Refund?")
    names = [str(field.column) for field in Requirement._meta.concrete_fields]
    copied = ", ".join(
        {"id": "%s", "key": "'before:1'", "message": "'By hand'"}.get(name, f'"{name}"') for name in names
    )
    columns = ", ".join(f'"{name}"' for name in names)
    new = "f" * 32
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO workflows_requirement ({columns}) SELECT {copied} FROM workflows_requirement", [new]
        )
    assert asked.run.requirements.count() == 2
    assert found("hand") == ["By hand"]
