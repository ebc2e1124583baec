"""What has happened to a run: its events, and the same as an export that an auditor can check by itself."""

import json
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from hitl_portal.api.finding import found_run
from hitl_portal.api.schemas import EventPage
from hitl_portal.api.telling import event_line
from workflows.audit import chain
from workflows.models import RunEvent, WorkflowRun

router = Router()

BIGGEST = 2**63 - 1
AT_ONCE = 500
NDJSON = "application/x-ndjson"
LINE = '{"sequence": 41, "position": 1, "previous": "", "digest": "9f2c…", "facts": {"type": "RunQueued"}}'
EXPORT = {
    "responses": {
        200: {
            "description": "An event a line, in the order of its chain; then the chain's end",
            "content": {NDJSON: {"schema": {"type": "string"}, "example": LINE}},
        }
    }
}


class WantedEvents(Schema):
    """Which events."""

    after: int = Field(0, ge=0, le=BIGGEST, description="Only what came after this sequence number")
    limit: int = Field(100, ge=1, le=AT_ONCE)
    type: str | None = Field(None, max_length=60, examples=["RequirementDecided"])


@router.get("/runs/{run_id}/events", response=EventPage, summary="List a run's events")
def list_events(request: HttpRequest, run_id: str, wanted: Query[WantedEvents]) -> dict[str, Any]:
    """The events of a run after a sequence number, in the order in which they happened."""
    events = found_run(request, run_id).events.filter(sequence__gt=wanted.after).order_by("sequence")
    events = events.filter(type=wanted.type) if wanted.type else events
    found = list(events[: wanted.limit + 1])
    told = found[: wanted.limit]
    last = told[-1].sequence if told else wanted.after
    return {"data": [event_line(event) for event in told], "last": last, "has_more": len(found) > len(told)}


@router.get("/runs/{run_id}/audit", summary="Export a run's audit trail", openapi_extra=EXPORT)
def export_audit(request: HttpRequest, run_id: str) -> StreamingHttpResponse:
    """The run's chain of events as NDJSON, with the digest of each and of the one before it.

    A digest is the SHA-256 of the canonical JSON (RFC 8785) of `{"content": …, "previous": …}`, where `content` is that
    of the canonical JSON of the event's `facts`. The last line names the end of the chain.
    """
    run = found_run(request, run_id)
    answer = StreamingHttpResponse(_lines(run), content_type=NDJSON)
    answer["Content-Disposition"] = f'attachment; filename="run-{run.pk}.ndjson"'
    answer["Cache-Control"] = "no-store"
    return answer


async def _lines(run: WorkflowRun) -> AsyncIterator[str]:
    """A few hundred events at a time; what is appended meanwhile is not told."""
    head, told = chain.Head(digest=run.chain_head, length=run.chain_length), 0
    while told < head.length:
        events = await sync_to_async(_portion)(run, told, head.length)
        if not events:
            break
        yield "".join(map(_line, events))
        told = events[-1].position
    yield json.dumps({"run": str(run.pk), "chain_head": head.digest, "chain_length": head.length}) + "\n"


def _portion(run: WorkflowRun, after: int, until: int) -> list[RunEvent]:
    events = run.events.filter(position__gt=after, position__lte=until).order_by("position")
    return list(events[:AT_ONCE])


def _line(event: RunEvent) -> str:
    by_name = {"run": event.run_id, "requirement": event.requirement_id}
    facts = [by_name[name] if name in by_name else getattr(event, name) for name in chain.FACTS]
    links = {name: getattr(event, name) for name in ("sequence", *chain.LINKS)}
    return json.dumps(links | {"facts": chain.told(facts)}, ensure_ascii=False) + "\n"
