"""Callers of the API: what they send, and what they are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.api.models import ApiToken
from tests.hitl_portal.conftest import SignIn

Call = Callable[..., Any]


@pytest.fixture
def call(as_: SignIn, client: Client) -> Call:
    """Call an address of the API as somebody: `call(reviewer, "/runs/…", json={…})` posts, without a body it gets.

    A text in the place of a person is a token. `headers` are sent along.
    """

    def calling(
        who: User | str | None, address: str, headers: dict[str, str] | None = None, **sent: Any
    ) -> Any:
        headers = dict(headers or {})
        if isinstance(who, str):
            headers["Authorization"] = f"Bearer {who}"
        caller = as_(who) if isinstance(who, User) else client
        at = f"/api/v1{address}"
        if "json" in sent:
            return caller.post(at, sent["json"], content_type="application/json", headers=headers)
        if "form" in sent:
            return caller.post(at, sent["form"], headers=headers)
        return caller.get(at, sent, headers=headers)

    return calling


def token_of(person: User, *scopes: str, name: str = "nightly") -> str:
    """The text of a new token."""
    return ApiToken.objects.make(person, name, [*scopes], timezone.now() + timedelta(days=1))[1]


def is_problem(response: Any, status: int, kind: str) -> bool:
    """Whether this is a problem of that kind, told as RFC 9457 wants it."""
    told = response.json()
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    assert (response.status_code, told["status"]) == (status, status), response.content
    assert told["type"] == f"urn:hitl-portal:problem:{kind}", told
    return bool(told["title"] and told["detail"])
