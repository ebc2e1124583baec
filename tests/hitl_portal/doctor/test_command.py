"""`manage.py doctor`: in words, for programs, with a message on request; it ends with 1 where something failed."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from hitl_portal.doctor import subjects
from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok, warning

FINE, ODD, BROKEN = ok("Fine."), warning("Odd.", "Look at it."), failed("Broken.", "Mend it.")


def looking_at(monkeypatch: pytest.MonkeyPatch, **found: Finding) -> None:
    """Have these checks alone."""

    def check(name: str, finding: Finding) -> Check:
        return Check(name=name, title=name.title(), looked_at=f"Looks at {name}.", look=lambda: finding)

    checks = tuple(check(name, finding) for name, finding in found.items())
    monkeypatch.setattr(subjects, "SUBJECTS", (Subject(name="all", title="All", checks=checks),))


def said(*options: str) -> str:
    out = StringIO()
    call_command("doctor", *options, stdout=out)
    return out.getvalue()


def test_it_says_what_it_looked_at_what_it_found_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    looking_at(monkeypatch, first=FINE, second=ODD)
    text = said()

    for words in ("ok        first: Fine.", "WARNING", "Looks at second.", "what to do: Look at it."):
        assert words in text
    assert text.endswith("1 ok, 0 skipped, 1 warning, 0 failed\n")


def test_it_ends_with_1_where_something_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    looking_at(monkeypatch, first=FINE, second=BROKEN)

    with pytest.raises(SystemExit) as ended:
        said()
    assert ended.value.code == 1


def test_programs_read_it_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    looking_at(monkeypatch, first=FINE, second=ODD)
    read: list[dict[str, Any]] = json.loads(said("--json"))

    assert [line["check"] for line in read] == ["first", "second"]
    assert read[1] | {"seconds": 0} == {
        "check": "second",
        "title": "Second",
        "looked_at": "Looks at second.",
        "state": "warning",
        "found": "Odd.",
        "remedy": "Look at it.",
        "seconds": 0,
    }


def test_it_looks_at_what_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looking_at(monkeypatch, first=FINE, second=BROKEN)

    assert "second" not in said("first")


def test_a_check_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandError, match=r"no check telepathy; there are: public-address, "):
        said("telepathy")


def test_mail_is_sent_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    looking_at(monkeypatch, first=FINE)
    said()
    assert mail.outbox == []

    assert "was taken" in said("--mail", "admin@example.org")
    assert [message.to for message in mail.outbox] == [["admin@example.org"]]


def test_each_check_has_a_name_of_its_own() -> None:
    names = [check.name for check in subjects.all_checks()]

    assert len(names) == len(set(names)) > 25
