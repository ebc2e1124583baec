"""What has happened, as a list and as a chain that others can check."""

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient

from tests.hitl_portal.api.conftest import Call
from tests.hitl_portal.conftest import Ask
from workflows.models import WorkflowRun
from workflows.services import Actor, cancel_run


def test_events_are_told_after_a_number(call: Call, ask: Ask, reviewer: User) -> None:
    asked = ask()
    call(reviewer, f"/requirements/{asked.pk}/decide", json={"revision": 1, "action": "approve"})
    whole = call(reviewer, f"/runs/{asked.run_id}/events").json()
    assert [event["type"] for event in whole["data"]] == ["RequirementDecided"]
    rest = call(reviewer, f"/runs/{asked.run_id}/events", after=whole["last"]).json()
    assert (rest["data"], rest["last"], rest["has_more"]) == ([], whole["last"], False)


def test_events_come_some_at_a_time_and_of_one_type(
    call: Call, run: WorkflowRun, requester: User, admin: User
) -> None:
    cancel_run(run.id, actor=Actor.of(requester))
    first = call(admin, f"/runs/{run.id}/events", limit=1).json()
    assert (len(first["data"]), first["has_more"]) == (1, True)
    only = call(admin, f"/runs/{run.id}/events", type="WorkflowCancelled").json()
    assert len(only["data"]) == 1


@pytest.mark.django_db(transaction=True)
def test_an_export_can_be_checked_without_us(run: WorkflowRun, requester: User, admin: User) -> None:
    cancel_run(run.id, actor=Actor.of(requester))
    *lines, end = _exported(admin, run)
    previous = ""
    for line in lines:
        content = _sha(line["facts"])
        assert line["previous"] == previous
        previous = _sha({"content": content, "previous": previous})
        assert line["digest"] == previous
    assert (end["chain_head"], end["chain_length"]) == (previous, len(lines))


def _exported(person: User, run: WorkflowRun) -> list[dict[str, Any]]:
    async def ask() -> bytes:
        client = AsyncClient()
        await client.aforce_login(person)
        answer: Any = await client.get(f"/api/v1/runs/{run.id}/audit")
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        return b"".join([part async for part in answer])

    return [json.loads(line) for line in async_to_sync(ask)().splitlines()]


def _sha(data: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(data)).hexdigest()
