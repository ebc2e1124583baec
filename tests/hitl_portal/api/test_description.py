"""The OpenAPI description is true: nothing that may be sent breaks anything, and what comes back is what it says."""

from typing import Any

import pytest
import requests
import schemathesis
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hitl_portal.api.api import api
from tests.hitl_portal.api.conftest import token_of
from tests.hitl_portal.conftest import Ask
from workflows.models import Requirement

pytestmark = pytest.mark.one_database

EXAMPLES = 6
ENDLESS = "/stream"  # goes on until something ends; see test_streams
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

description = api.get_openapi_schema()
schema = schemathesis.openapi.from_dict(dict(description))
operations = {
    f"{each.method} {each.path}": each
    for each in (result.ok() for result in schema.get_all_operations() if isinstance(result, Ok))
    if not each.path.endswith(ENDLESS)
}


@pytest.fixture
def asked(ask: Ask) -> Requirement:
    return ask()


@pytest.fixture
def tokens(asked: Requirement, reviewer: User, admin: User) -> list[str]:
    """What those may do who may do most: an admin, and a reviewer who sees less."""
    return [token_of(who, "read", "start", "decide") for who in (admin, reviewer)]


def test_every_operation_says_what_it_does_and_what_may_go_wrong() -> None:
    for path, methods in description["paths"].items():
        for method, said in methods.items():
            assert said["summary"], (method, path)
            assert {"401", "403", "404"} <= said["responses"].keys(), (method, path)
            assert method == "get" or "409" in said["responses"], (method, path)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does-not"])
@pytest.mark.parametrize("name", operations)
def test_it_answers_as_it_says(
    name: str, mode: GenerationMode, asked: Requirement, tokens: list[str]
) -> None:
    """What is sent is made from the description, fitting or not; of the ids in addresses, half are of what there is."""
    client, operation = Client(raise_request_exception=False), operations[name]
    ids = {"run_id": asked.run_id, "requirement_id": asked.pk, "session_id": asked.run.session_id}
    ids |= {"workflow_id": "refund", "approval_id": asked.pk}
    names = [each.name for each in operation.path_parameters]
    known = {each: str(ids[each]) for each in names}

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def sending(data: st.DataObject) -> None:
        case: Any = data.draw(operation.as_strategy(generation_mode=mode))
        if known and data.draw(st.sampled_from([0, 1])):
            case.path_parameters = dict(known)
        case.query.pop("wait", None)  # an answer that waits is a stream; see test_streams
        with transaction.atomic():
            answer = _sent(client, case, data.draw(st.sampled_from(tokens)))
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    sending()


def _sent(client: Client, case: schemathesis.Case[Any], token: str) -> Response:
    """The answer of the portal, as the library wants to have it."""
    made: Any = requests.Request(**_request(case)).prepare()
    headers = {k: v for k, v in made.headers.items() if k.lower() not in {"content-length", "content-type"}}
    found = client.generic(
        made.method,
        made.path_url,
        made.body or b"",
        made.headers.get("Content-Type", "application/json"),
        headers=headers | {"Authorization": f"Bearer {token}"},
    )
    return Response(
        status_code=found.status_code,
        headers={name: [value] for name, value in found.headers.items()},
        content=b"" if found.streaming else found.content,
        request=made,
        elapsed=0.0,
        verify=True,
    )


def _request(case: schemathesis.Case[Any]) -> dict[str, Any]:
    given = case.as_transport_kwargs(base_url="http://testserver")
    return {
        name: given[name]
        for name in ("method", "url", "headers", "params", "json", "data", "cookies")
        if name in given
    }
