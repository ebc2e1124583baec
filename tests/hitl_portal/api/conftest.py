"""Callers of the API: what they send, and what they are told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import SignIn

Call = Callable[..., Any]


@pytest.fixture
def call(as_: SignIn, client: Client) -> Call:
    """Call an address of the API as somebody: `call(reviewer, "/runs/…", json={…})` posts, without a body it gets."""

    def calling(person: User | None, address: str, **sent: Any) -> Any:
        caller = client if person is None else as_(person)
        if "json" in sent:
            return caller.post(f"/api/v1{address}", sent["json"], content_type="application/json")
        if "form" in sent:
            return caller.post(f"/api/v1{address}", sent["form"])
        return caller.get(f"/api/v1{address}", sent)

    return calling


def is_problem(response: Any, status: int, kind: str) -> bool:
    """Whether this is a problem of that kind, told as RFC 9457 wants it."""
    told = response.json()
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    assert (response.status_code, told["status"]) == (status, status), response.content
    assert told["type"] == f"urn:hitl-portal:problem:{kind}", told
    return bool(told["title"] and told["detail"])
