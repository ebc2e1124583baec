"""Tokens: what opens with them, how they are made, kept and ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.accounts.links import sign_in_url
from hitl_portal.api.models import ApiToken
from tests.hitl_portal.accounts.conftest import PASSWORD, prove
from tests.hitl_portal.api.conftest import Call, is_problem, token_of
from tests.hitl_portal.conftest import SignIn
from workflows.models import WorkflowRun

SHOP = {"name": "shop", "scopes": ["read", "start"], "days": 30}


def test_only_a_digest_is_kept(reviewer: User) -> None:
    text = token_of(reviewer, "read")
    row = ApiToken.objects.get()
    assert text.startswith("hitl_")
    assert len(text) > 45
    assert text not in {str(value) for value in vars(row).values()}
    assert text.startswith(row.begins)


@pytest.mark.parametrize(
    ("scope", "method", "status"),
    [
        ("read", "get", 200),
        ("start", "get", 403),
        ("decide", "get", 403),
        ("read", "cancel", 403),
        ("decide", "cancel", 403),
        ("start", "cancel", 202),
        ("read", "continue", 403),
        ("start", "continue", 403),
        ("decide", "continue", 202),
    ],
)
def test_a_token_does_what_its_scope_says(
    call: Call, run: WorkflowRun, requester: User, scope: str, method: str, status: int
) -> None:
    at = f"/runs/{run.id}"
    token = token_of(requester, scope)
    answer = call(token, at) if method == "get" else call(token, f"{at}/{method}", json={})
    assert answer.status_code == status, answer.content
    assert status != 403 or is_problem(answer, 403, "missing-scope")


@pytest.mark.parametrize("text", ["", "hitl_", "nonsense", "hitl_é"])
def test_what_is_no_token_opens_nothing(call: Call, text: str) -> None:
    answer = call(None, "/runs", headers={"Authorization": f"Bearer {text}"})
    assert is_problem(answer, 401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_that_is_over_revoked_or_of_nobody_opens_nothing(call: Call, reviewer: User) -> None:
    token, rows = token_of(reviewer, "read"), ApiToken.objects.all()
    assert call(token, "/runs").status_code == 200
    rows.update(expires_at=timezone.now())
    assert call(token, "/runs").status_code == 401
    rows.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    assert call(token, "/runs").status_code == 401
    rows.update(revoked_at=None)
    User.objects.update(is_active=False)
    assert call(token, "/runs").status_code == 401


def test_its_use_is_noted_at_most_once_a_minute(call: Call, reviewer: User) -> None:
    token = token_of(reviewer, "read")
    call(token, "/runs")
    first = ApiToken.objects.get().last_used_at
    call(token, "/runs")
    assert first is not None
    assert ApiToken.objects.get().last_used_at == first


def test_a_token_needs_no_csrf_token_and_gets_no_session(
    call: Call, run: WorkflowRun, requester: User
) -> None:
    answer = call(token_of(requester, "start"), f"/runs/{run.id}/cancel", json={})
    assert answer.status_code == 202
    assert not answer.cookies


def test_everybody_makes_their_own_and_sees_it_once(as_: SignIn, requester: User) -> None:
    client = as_(requester)
    prove(client)
    page = client.post("/tokens/", SHOP)
    row = ApiToken.objects.get()
    assert (row.person, row.scopes) == (requester, ["read", "start"])
    assert f"{row.begins}" in page.content.decode().split("token-text")[1]
    assert "token-text" not in client.get("/tokens/").content.decode()


def test_a_session_that_was_left_open_makes_none(as_: SignIn, requester: User) -> None:
    answer = as_(requester).post("/tokens/", SHOP)
    assert answer.headers["Location"] == "/accounts/confirm/password/?next=%2Ftokens%2F"
    assert not ApiToken.objects.exists()


def test_nor_does_a_proof_of_long_ago(as_: SignIn, requester: User, settings: Any) -> None:
    client = as_(requester)
    prove(client)
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= settings.HITL_FRESH_SECONDS + 1
    session.save()
    assert client.post("/tokens/", SHOP).status_code == 302
    assert not ApiToken.objects.exists()


def test_the_proof_goes_on_with_what_was_asked_for(as_: SignIn, requester: User) -> None:
    client = as_(requester)
    client.post("/tokens/", SHOP)
    page = client.post(
        "/accounts/confirm/password/", {"password": PASSWORD, "next": "/tokens/"}
    ).content.decode()
    assert ApiToken.objects.get().begins in page.split("token-text")[1]
    assert 'action="/tokens/"' in page


def test_who_has_no_proof_makes_one_soon_after_coming_in(client: Client, requester: User) -> None:
    requester.set_unusable_password()
    requester.save()
    client.post(sign_in_url(requester).removeprefix("http://localhost:8000"))
    assert "token-text" in client.post("/tokens/", SHOP).content.decode()
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 16 * 60
    session.save()
    assert client.post("/tokens/", SHOP).status_code == 403
    assert ApiToken.objects.count() == 1


def test_pages_that_end_sessions_say_that_tokens_stay(as_: SignIn, requester: User) -> None:
    for at in ("/accounts/sessions/", "/accounts/password/"):
        main = as_(requester).get(at).content.decode().split("<main")[1]
        assert 'href="/tokens/"' in main


def test_deciding_is_off_unless_it_is_wished(as_: SignIn, requester: User) -> None:
    page = as_(requester).get("/tokens/").content.decode()
    boxes = {value: f'value="{value}"' in page for value in ("read", "start", "decide")}
    assert all(boxes.values())
    decide = page.split('value="decide"')[1].split(">")[0]
    assert "checked" not in decide


def test_a_token_is_revoked_by_its_owner_or_an_admin(
    as_: SignIn, requester: User, reviewer: User, admin: User
) -> None:
    token_of(requester, "read")
    at = f"/tokens/{ApiToken.objects.get().pk}/revoke/"
    assert as_(reviewer).post(at).status_code == 404
    assert as_(admin).post(at).status_code == 302
    assert not ApiToken.objects.get().is_valid


def test_admins_see_everybodys(as_: SignIn, requester: User, reviewer: User, admin: User) -> None:
    token_of(requester, "read", name="shop")
    assert "shop" in as_(admin).get("/tokens/").content.decode()
    assert "shop" not in as_(reviewer).get("/tokens/").content.decode()


def test_the_reference_loads_nothing_from_elsewhere(as_: SignIn, stranger: User) -> None:
    page = as_(stranger).get("/api/v1/docs").content.decode()
    assert "/api/v1/requirements/{requirement_id}/decide" in page
    assert "//cdn" not in page
    assert "<script>" not in page


def test_a_token_starts_so_often_a_minute(call: Call, requester: User, settings: Any) -> None:
    settings.HITL_TOKEN_STARTS_PER_MINUTE = 2
    token, other = (token_of(requester, "read", "start") for _ in range(2))
    ask = {"kind": "confirmation", "message": "Pay?"}
    assert [call(token, "/requirements", json=ask).status_code for _ in range(2)] == [201, 201]
    refused = call(token, "/requirements", json=ask)
    assert is_problem(refused, 429, "too-many")
    assert 0 < int(refused.headers["Retry-After"]) <= 30
    assert call(token, "/requirements").status_code == 200
    assert call(other, "/requirements", json=ask).status_code == 201
