"""What a token opens: every operation of the API, asked with a token of each scope. A new operation needs a line here.

The statuses are of an admin's token with the scope `read`, then `start`, then `decide`: 403 is what the scope does not
let, or what is for people alone. Everything else (no token, one that is over, revoked, made up, of somebody who may not
sign in) is 401 everywhere.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from hitl_portal.api.api import api
from hitl_portal.api.models import ApiToken, Scope
from tests.hitl_portal.api.conftest import Call, is_problem, token_of
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.test_permissions import JSON, MATRIX, body_for
from tests.hitl_portal.tools import ask_about_tool
from tests.hitl_portal.world import World, a_world, filled_in
from workflows.models import Decision, Requirement

pytestmark = pytest.mark.one_database

OPERATIONS = {
    "GET api/v1/workflows": "200 403 403",
    "GET api/v1/workflows/<workflow_id>": "200 403 403",
    "GET api/v1/runs": "200 403 403",
    "POST api/v1/runs": "403 202 403",
    "GET api/v1/sessions/<session_id>": "200 403 403",
    "POST api/v1/runs/<run_id>/cancel": "403 202 403",
    "POST api/v1/runs/<run_id>/retry": "403 409 403",
    "POST api/v1/runs/<run_id>/fork": "403 422 403",
    "GET api/v1/runs/<run_id>": "200 403 403",
    "POST api/v1/runs/<run_id>/continue": "403 403 400",
    "GET api/v1/runs/<run_id>/events": "200 403 403",
    "GET api/v1/runs/<run_id>/audit": "200 403 403",
    "GET api/v1/runs/<run_id>/stream": "200 403 403",
    "GET api/v1/requirements/<requirement_id>/stream": "200 403 403",
    "GET api/v1/requirements": "200 403 403",
    "POST api/v1/requirements": "403 201 403",
    "POST api/v1/pauses": "403 404 403",
    "GET api/v1/requirements/<requirement_id>": "200 403 403",
    "POST api/v1/requirements/<requirement_id>/decide": "403 403 200",
    "POST api/v1/requirements/<requirement_id>/withdraw": "403 403 403",
    "GET api/v1/approvals": "200 403 403",
    "GET api/v1/approvals/count": "200 403 403",
    "GET api/v1/approvals/<approval_id>": "200 403 403",
    "GET api/v1/approvals/<approval_id>/status": "200 403 403",
    # What asks for an admin's approval asks for a person.
    "POST api/v1/approvals/<approval_id>/resolve": "403 403 403",
}
SCOPES = (Scope.READ, Scope.START, Scope.DECIDE)


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def operations() -> Iterator[str]:
    """All that there are, as the API itself describes them."""
    for path, methods in api.get_openapi_schema(path_prefix="api/v1")["paths"].items():
        for method in methods:
            yield f"{method.upper()} {path.lstrip('/').replace('{', '<').replace('}', '>')}"


def status(world: World, operation: str, bearer: str) -> int:
    """What a program is answered; what it caused is taken back."""
    method, route = operation.split()
    body = json.dumps(body_for(route, world)) if method == "POST" else ""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    with transaction.atomic():
        response: Any = Client().generic(
            method, filled_in(route, world.ids), body, content_type=JSON, headers=headers
        )
        transaction.set_rollback(True)
    return int(response.status_code)


def lost_ways_in(person: User) -> Iterator[tuple[str, str]]:
    """What opens nothing, and why."""
    scopes = [scope.value for scope in Scope]
    yield "none", ""
    yield "made up", "hitl_" + "x" * 43
    yield "over", ApiToken.objects.make(person, "over", scopes, timezone.now() - timedelta(seconds=1))[1]
    revoked, text = ApiToken.objects.make(person, "revoked", scopes, timezone.now() + timedelta(days=1))
    revoked.revoke()
    yield "revoked", text
    gone = User.objects.create_user("gone", is_active=False)
    yield "of somebody who may not sign in", token_of(gone, *scopes)


def test_every_operation_has_a_line() -> None:
    assert set(operations()) == set(OPERATIONS)


def test_a_token_does_what_its_scope_says_and_nothing_else(world: World) -> None:
    tokens = [token_of(world.people["admin"], scope) for scope in SCOPES]
    found = {each: " ".join(str(status(world, each, token)) for token in tokens) for each in OPERATIONS}

    assert found == OPERATIONS


def test_what_is_over_revoked_or_made_up_opens_nothing(world: World) -> None:
    for why, bearer in lost_ways_in(world.people["admin"]):
        found = {each: status(world, each, bearer) for each in OPERATIONS}
        assert found == dict.fromkeys(OPERATIONS, 401), why


def test_a_token_opens_no_page(world: World) -> None:
    """Whatever its scopes: people sign in, and for each page a program is nobody."""
    token = token_of(world.people["admin"], *(scope.value for scope in Scope))
    for route, lines in MATRIX.items():
        if not route.startswith("api/"):
            answer = Client().get(filled_in(route, world.ids), headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == int(lines[0].split()[0]), route


@pytest.mark.parametrize("policy", [{"four_eyes": True}, {"risk": "high"}, {"quorum": 2}])
def test_through_no_door_is_a_token_the_eyes_of_somebody(
    call: Call, ask: Ask, admin: User, policy: dict[str, object]
) -> None:
    asked, token = (
        ask_about_tool(ask, "tool_confirmation"),
        token_of(admin, *(scope.value for scope in Scope)),
    )
    Requirement.objects.update(policy=policy)
    (step,) = call(admin, f"/runs/{asked.run_id}").json()["step_requirements"]
    for door, said in {
        f"/requirements/{asked.pk}/decide": {"revision": 1, "action": "approve"},
        f"/approvals/{asked.pk}/resolve": {"status": "approved"},
        f"/runs/{asked.run_id}/continue": {"step_requirements": [step | {"confirmed": True}]},
    }.items():
        assert call(token, door, json=said).status_code in {400, 403, 404}, door

    assert not Decision.objects.exists()


def test_who_is_refused_is_told_that_a_person_must(call: Call, ask: Ask, admin: User) -> None:
    requirement = ask()
    Requirement.objects.update(policy={"risk": "high"})
    answer = call(
        token_of(admin, "decide"),
        f"/requirements/{requirement.pk}/decide",
        json={"revision": 1, "action": "approve"},
    )

    assert is_problem(answer, 403, "not-eligible")
