"""The edges of the API: what is not there, not possible or not readable is told as a problem, and in English."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.api.conftest import Call, is_problem
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
@pytest.mark.parametrize(
    "address",
    ["/", "/v1/", "/v1/nothing", "/v1/runs/", "/v1/requirements/x/decide/more", "/v2/runs"],
)
def test_what_is_not_there_is_told_as_a_problem(client: Client, address: str, method: str) -> None:
    answer = getattr(client, method)(f"/api{address}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize("address", ["/runs", "/requirements", "/workflows", "/approvals/count"])
def test_what_is_not_possible_there_names_what_is(client: Client, address: str, method: str) -> None:
    answer = getattr(client, method)(f"/api/v1{address}")
    assert is_problem(answer, 405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


def test_an_unknown_host_is_told_as_a_problem(client: Client) -> None:
    assert is_problem(client.get("/api/v1/runs", headers={"Host": "evil.example"}), 400, "malformed")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"NaN", b'{"a": NaN}', b"\xff", b'"\\ud800"', b"[" * 100_000]
)
@pytest.mark.parametrize("address", ["/runs", "/requirements", "/runs/x/continue"])
def test_what_cannot_be_read_is_told_as_a_problem(
    call: Call, client: Client, requester: User, address: str, body: bytes
) -> None:
    client.force_login(requester)
    answer = client.post(f"/api/v1{address}", body, content_type="application/json")
    assert answer.status_code in (400, 404, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_programs_are_told_in_english(call: Call, requester: User) -> None:
    """Whatever language they say that they prefer: words of a refusal are for logs and for whoever writes the code."""
    Workflow.objects.create(name="leave", title="Leave", fingerprint="f", outline={}, input_schema=SCHEMA)
    wanted = {"workflow": "leave", "input": {"days": "many"}}
    english, german = [
        call(requester, "/runs", json=wanted, headers={"Accept-Language": language})
        for language in ("en", "de")
    ]
    assert is_problem(german, 422, "validation")
    assert german.json() == english.json()
    assert german.headers["Content-Language"] == "en"
