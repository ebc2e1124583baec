"""No line of a log has an address that is a key."""

import logging

import pytest

from hitl_portal.logs import KeysHidden


def written(message: str, *args: object) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    assert KeysHidden().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/answer/k.abc-DEF_0.sig/", "/answer/…/"),
        ("/approvals/answer/k.abc.sig/undo/", "/approvals/answer/…/undo/"),
        ("/answer/k.abc.sig/values/1/media/0/?save", "/answer/…/values/1/media/0/?save"),
        ("/accounts/link/Mg/c1-abc/", "/accounts/link/…/"),
        ("/accounts/password/new/2-c1abc-0f/", "/accounts/password/new/…/"),
    ],
)
def test_it_hides_what_opens_something(path: str, shown: str) -> None:
    assert written("%s: %s", "Gone", path) == f"Gone: {shown}"


def test_everything_else_stays() -> None:
    assert written("Not Found: %s", "/runs/answer-7/") == "Not Found: /runs/answer-7/"
