"""Examples in the description: every operation has them, they fit its schemas, and what they send is understood."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from hitl_portal.api.api import api
from tests.hitl_portal.api.conftest import Call
from workflows.models import Workflow

DESCRIPTION = dict(api.get_openapi_schema())
OPERATIONS = {
    f"{method.upper()} {path}": said
    for path, methods in DESCRIPTION["paths"].items()
    for method, said in methods.items()
}
JSON = ("application/json", "application/problem+json")


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Everything that is sent and answered: what it is, its kind, how it is described."""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", kind, content
    for status, answer in operation["responses"].items():
        for kind, content in answer.get("content", {}).items():
            yield str(status), kind, content


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_examples_that_fit(name: str) -> None:
    found = list(contents(OPERATIONS[name]))
    assert any(status.startswith("2") for status, _, _ in found), "no answer is described"
    for what, kind, content in found:
        assert content.get("example") not in (None, "", [], {}), f"{what} {kind}"
        if kind in JSON:
            whole = {"components": DESCRIPTION["components"]} | content["schema"]
            Draft202012Validator(whole, format_checker=FormatChecker()).validate(content["example"])


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "requestBody" in OPERATIONS[name]])
def test_a_form_sent_as_json_text_is_json(name: str) -> None:
    for _, kind, content in contents(OPERATIONS[name]):
        if kind == "application/x-www-form-urlencoded":
            assert all(json.loads(text) for text in content["example"].values())


def test_no_field_of_an_example_is_left_empty_where_it_never_is() -> None:
    answer = OPERATIONS["GET /api/v1/runs/{run_id}"]["responses"]["200"]["content"]["application/json"]
    assert "" not in answer["example"].values()


@pytest.mark.django_db
def test_what_the_examples_send_is_understood(call: Call, requester: User) -> None:
    Workflow.objects.create(name="refund", title="Refund", fingerprint="f", outline={})
    for name in ("POST /api/v1/runs", "POST /api/v1/requirements"):
        content = OPERATIONS[name]["requestBody"]["content"]["application/json"]
        answer = call(requester, name.removeprefix("POST /api/v1"), json=content["example"])
        assert answer.status_code in (201, 202), answer.content
