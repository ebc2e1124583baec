"""Idempotency keys: the same request sent twice is done once, and what is not the same is refused."""

import json
from typing import Any

from ninja import Header, Schema
from pydantic import Field

from hitl_portal.api.auth import Caller
from hitl_portal.problems import Problem
from workflows.models import WorkflowRun

SOURCE = "api:"


class KeyHeader(Schema):
    """What tells one request from another."""

    key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same key again, with the same body, answers with what it made the first time",
        examples=["order-7-refund"],
    )


GivenKey = Header[KeyHeader]


def source_of(caller: Caller, kind: str = SOURCE) -> str:
    """Where a run that somebody starts here comes from; their keys are theirs alone."""
    return f"{kind}{caller.person.get_username()}"


def refuse_another(run: WorkflowRun, caller: Caller, inputs: str, wanted: dict[str, Any]) -> None:
    """Refuse a run that a key has made before, where that was for something else: other `inputs`, encoded, or other
    fields than `wanted`."""
    same = run.requested_by_id == caller.person.pk and all(
        getattr(run, name) == value for name, value in wanted.items()
    )
    kept = run.values.values_list("data", flat=True).get(path="", slot="inputs")
    if not same or json.loads(kept) != json.loads(inputs):
        raise Problem("idempotency-conflict", "This Idempotency-Key was used with another request before")
