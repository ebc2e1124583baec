"""Forms of described fields: what is typed becomes values, and what is wrong is told at its field."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from hitl_portal.fields.forms import FieldsForm
from tests.hitl_portal.conftest import SignIn
from workflows.types import File


class Form(FieldsForm):
    """Fields of a test."""


def form(*fields: dict[str, Any], files: dict[str, Any] | None = None, **typed: Any) -> Form:
    data = QueryDict(mutable=True)
    for name, text in typed.items():
        data.setlist(f"a-{name}", text if isinstance(text, list) else [text])
    uploads = MultiValueDict({f"a-{name}": [upload] for name, upload in (files or {}).items()})
    made = Form(data, uploads, prefix="a")
    made.describe(fields)
    return made


def value(field: dict[str, Any], typed: Any) -> Any:
    made = form({"name": "f"} | field, f=typed)
    assert made.is_valid(), made.errors
    return made.cleaned_data["f"]


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ({"field_type": "str"}, " two  spaces ", " two  spaces "),
        ({"field_type": "text"}, "a\r\nb", "a\nb"),
        ({"field_type": "int"}, "7", 7),
        ({"field_type": "float"}, "7.5", 7.5),
        ({"field_type": "bool"}, "False", False),
        ({"field_type": "date"}, "2026-01-31", "2026-01-31"),
        ({"field_type": "time"}, "17:30", "17:30:00"),
        ({"allowed_values": [1, 2]}, "2", 2),
        ({"field_type": "choices", "allowed_values": [1, "b"]}, ["b", "1"], ["b", 1]),
        ({"field_type": "list", "items": "int"}, "1\r\n\r\n 2 ", [1, 2]),
        ({"field_type": "list", "items": "str"}, "a\nb", ["a", "b"]),
        ({"field_type": "list"}, "[1, {}]", [1, {}]),
        ({"field_type": "json"}, "null ", None),
        ({"field_type": "dict"}, '{"a": 1}', {"a": 1}),
        ({"field_type": "int | str"}, "7", 7),
        ({"field_type": "int | str"}, "seven", "seven"),
        ({"field_type": "int | str"}, "[7]", "[7]"),
        ({"field_type": "str | dict"}, '{"a": 1}', {"a": 1}),
    ],
)
def test_what_is_typed_becomes_a_value_of_the_type(field: dict[str, Any], typed: Any, expected: Any) -> None:
    found = value(field, typed)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ({}, "", "This must be filled in."),
        ({"max_length": 3}, "abcd", "This is too long: 3 characters at most."),
        ({"pattern": "[0-9]+"}, "x", "This does not have the form that is asked for."),
        ({"pattern": "[0-9]+", "placeholder": "123"}, "x", "Write it like this: 123."),
        ({"pattern": "(a+)+b"}, "a" * 50_000, "This does not have the form that is asked for."),
        ({"field_type": "int"}, "9" * 5000, "Enter a whole number."),
        ({"field_type": "int", "minimum": 2}, "1", "This must be 2 or more."),
        ({"field_type": "float"}, "nan", "Enter a number."),
        ({"field_type": "float", "step": 0.5}, "0.3", "This must go in steps of 0.5 from 0."),
        ({"field_type": "date"}, "31.1.2026", "Enter a valid date."),
        ({"field_type": "date", "minimum": "2026-01-02"}, "2026-01-01", "This must be 2026-01-02 or later."),
        ({"field_type": "time"}, "25:00", "Enter a valid time."),
        ({"field_type": "choices", "allowed_values": ["a"]}, ["a", "evil"], "Select a valid choice."),
        ({"field_type": "choices", "allowed_values": ["a", "b"], "min_length": 2}, ["a"], "These are too few: 2"),
        ({"field_type": "list", "items": "int"}, "1\nx", "Line 2 is no number: x"),
        ({"field_type": "list", "items": "float"}, "inf", "Line 1 is no number: inf"),
        ({"field_type": "list", "items": "date"}, "soon", "Line 1 is not what is asked for here"),
        ({"field_type": "dict"}, "[]", "This must be an object, in braces."),
        ({"field_type": "json"}, "[" * 100_000, "This is not JSON"),
        ({"field_type": "int | bool"}, "x", "This is not what is asked for here."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_at_its_field(field: dict[str, Any], typed: Any, said: str) -> None:
    made = form({"name": "f"} | field, f=typed)
    assert not made.is_valid()
    assert said in made.errors["f"][0]


@pytest.mark.parametrize(
    ("zone", "kept"),
    [
        ("", "2026-07-01T10:00:00+00:00"),
        ("UTC", "2026-07-01T10:00:00+00:00"),
        ("Europe/Vienna", "2026-07-01T10:00:00+02:00"),
    ],
)
def test_a_moment_is_in_the_zone_that_came_with_it(zone: str, kept: str) -> None:
    made = form({"name": "f", "field_type": "datetime"}, f_at="2026-07-01T10:00", f_zone=zone)
    assert made.is_valid()
    assert made.cleaned_data["f"] == kept


@pytest.mark.parametrize(
    ("at", "zone"),
    [("2026-07-01T10:00", "../../etc/passwd"), ("2026-07-01T10:00", "Mars\0"), ("x", "UTC"), ("", "UTC")],
)
def test_a_moment_or_zone_that_there_is_not_is_refused(at: str, zone: str) -> None:
    assert not form({"name": "f", "field_type": "datetime"}, f_at=at, f_zone=zone).is_valid()


def test_a_moment_is_shown_in_the_zone_of_whoever_looks() -> None:
    field = {"name": "f", "field_type": "datetime", "value": "2026-07-01T08:00Z"}
    made = FieldsForm(prefix="a")
    made.describe([field])
    with timezone.override("Europe/Vienna"):
        shown, zone = str(made["f"]), getattr(made["f"], "zone", "")
    assert 'value="2026-07-01T10:00"' in shown
    assert 'value="Europe/Vienna"' in shown
    assert zone == "Europe/Vienna"


def test_a_moment_that_only_moved_to_another_zone_has_not_changed() -> None:
    field = {"name": "f", "field_type": "datetime", "value": "2026-07-01T08:00:00.5Z"}
    assert form(field, f_at="2026-07-01T10:00", f_zone="Europe/Vienna").changed_data == []
    assert form(field, f_at="2026-07-01T10:00", f_zone="UTC").changed_data == ["f"]


FILE = {"name": "f", "field_type": "file", "accept": [".txt"], "max_size": 5}


def test_a_file_is_read_with_its_name() -> None:
    made = form(FILE, files={"f": SimpleUploadedFile("../a\u202etxt.txt", b"hello", "text/plain")})
    assert made.is_valid()
    assert made.cleaned_data["f"] == File(name="atxt.txt", content=b"hello", content_type="text/plain")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.txt", b"123456", "The file is too large"), ("a.exe", b"1", "Only these files are taken: .txt")],
)
def test_a_file_too_large_or_of_another_kind_is_refused(name: str, content: bytes, said: str) -> None:
    made = form(FILE, files={"f": SimpleUploadedFile(name, content)})
    assert said in str(made.errors["f"][0]).replace("\xa0", " ")


def test_a_default_that_does_not_fit_its_type_is_shown_as_it_is() -> None:
    made = form({"name": "f", "field_type": "date", "value": 20260131, "required": False}, f="20260131")
    assert "20260131" in str(made["f"])
    assert made.changed_data == []


ROOM: list[dict[str, Any]] = [
    {"name": "room", "allowed_values": ["none", "shared"]},
    {"name": "nights", "field_type": "int", "when": {"room": "shared"}},
]


def test_a_hidden_field_counts_for_nothing() -> None:
    made = form(*ROOM, room="none", nights="x")
    assert made.is_valid()
    assert made.cleaned_data == {"room": "none"}


def test_a_shown_field_is_required_again() -> None:
    made = form(*ROOM, room="shared", nights="")
    assert made.errors == {"nights": ["This must be filled in."]}
    assert [field.name for field in made.wrong] == ["nights"]


def test_a_condition_is_said_in_words_and_for_a_script() -> None:
    field: Any = form(*ROOM)["nights"]
    assert field.only_if == "Only if Room is “shared”."
    assert field.when == '{"a-room": ["shared"]}'
    assert "required" not in str(field)


def test_everything_around_a_field_describes_it() -> None:
    field: Any = form({"name": "f", "description": "Why", "min_length": 2}, f="x")["f"]
    assert 'aria-describedby="id_a-f_helptext id_a-f_hint id_a-f_error"' in str(field)
    assert field.hint == "At least 2 characters."


@pytest.mark.parametrize("name", ["two words", 'a"><script>', "ünï", "\u202eevil", "__proto__", "x" * 300])
def test_any_name_makes_a_sound_id(name: str) -> None:
    typed: dict[str, Any] = {name: "x"}
    field = form({"name": name}, **typed)[name]
    assert field.form.is_valid()
    assert " " not in field.auto_id
    assert "<script>" not in str(field)


def people(client: Client, letters: str) -> str:
    return client.get("/fields/people/", {"of": "x", "x": letters}).content.decode()


def test_who_is_in_a_group_is_told_whom_there_is(
    as_: SignIn, reviewer: User, requester: User, stranger: User
) -> None:
    assert 'value="requester"' in people(as_(reviewer), "quest")
    assert people(as_(stranger), "quest").strip() == ""
    assert "option" not in people(Client(), "quest")


def test_a_person_must_be_there(reviewer: User) -> None:
    assert value({"field_type": "user"}, "reviewer") == "reviewer"
    made = form({"name": "f", "field_type": "user"}, f="nobody")
    assert "Nobody is called that" in made.errors["f"][0]
