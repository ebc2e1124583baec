"""Streams: what happens, as server-sent events, to runs and to single requirements; and the wait for an answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Header, Router, Schema
from pydantic import Field

from hitl_portal import access
from hitl_portal.api.auth import person_of
from hitl_portal.api.events import AT_ONCE
from hitl_portal.api.finding import found_run
from hitl_portal.api.listening import Closed, Ear, bell, rung
from hitl_portal.api.telling import Told, event_line, requirement_whole
from workflows.models import Requirement, WorkflowRun

router = Router()

HEARTBEAT = 15.0  # seconds; shorter than what proxies wait
RETRY = 3000  # milliseconds after which a browser connects again
OVER = ("decided", "withdrawn")
SSE = "text/event-stream"
TOLD = 'id: 41\nevent: RunQueued\ndata: {"sequence": 41}\n\nevent: end\ndata: {"status": "COMPLETED"}\n\n'
STREAM: dict[str, Any] = {
    "responses": {
        200: {
            "description": "Server-sent events; the last one is `end`",
            "content": {SSE: {"schema": {"type": "string"}, "example": TOLD}},
        },
        204: {"description": "It has ended, and everything was told"},
    }
}


class Since(Schema):
    """Where a stream goes on."""

    last: str | None = Field(None, alias="Last-Event-ID", pattern=r"^[0-9]{1,18}$", examples=["41"])


@dataclass(frozen=True, kw_only=True)
class News:
    """What is told at once. `last` is what to go on after; `state` is told at the end."""

    parts: list[str]
    last: int
    is_over: bool = False
    has_more: bool = False
    state: str = ""


@router.get("/runs/{run_id}/stream", tags=["runs"], summary="Stream a run's events", openapi_extra=STREAM)
def stream_run(request: HttpRequest, run_id: str, since: Header[Since]) -> HttpResponseBase:
    """The run's events as they happen, after `Last-Event-ID`, until it has ended. Comments keep the line open."""
    run = found_run(request, run_id)
    after = int(since.last or 0)
    if since.last and run.is_finished and not run.events.filter(sequence__gt=after).exists():
        return HttpResponse(status=204)  # browsers connect again after every other end
    ear = Ear.of(request)
    return _streamed(_told(ear, run.pk, lambda last: _events(ear, run.pk, last), after))


@router.get(
    "/requirements/{requirement_id}/stream",
    tags=["requirements"],
    summary="Stream a requirement",
    openapi_extra=STREAM,
)
def stream_requirement(request: HttpRequest, requirement_id: UUID) -> HttpResponseBase:
    """The requirement as it is, and again whenever it has changed, until there is an answer or nobody gives one."""
    row = get_object_or_404(access.visible_requirements(person_of(request)), id=requirement_id)
    ear, seen = Ear.of(request), {"": 0}
    return _streamed(_told(ear, row.run_id, lambda last: _states(ear, row.pk, seen, last), 0))


def awaited(request: HttpRequest, row: Requirement, seconds: float) -> StreamingHttpResponse:
    """The requirement as soon as there is an answer, or as it is when the time is over."""
    answer = StreamingHttpResponse(
        _waited(Ear.of(request), row, seconds), content_type="application/json; charset=utf-8"
    )
    answer["Cache-Control"] = "no-store"
    return answer


async def _told(ear: Ear, run_id: UUID, look: Callable[[int], News | None], after: int) -> AsyncIterator[str]:
    """What is new, each time that something has happened; ends where it is over, or the caller may not see it."""
    with suppress(Closed):
        async with bell(ear) as mailbox:
            yield f"retry: {RETRY}\n\n"
            while (news := await database_sync_to_async(look)(after)) is not None:
                after = news.last
                for part in news.parts:
                    yield part
                if news.is_over:
                    yield f"event: end\ndata: {json.dumps({'status': news.state})}\n\n"
                    return
                if not news.has_more and not await rung(mailbox, run_id, HEARTBEAT):
                    yield ":\n\n"


async def _waited(ear: Ear, row: Requirement, seconds: float) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    with suppress(Closed):
        async with bell(ear) as mailbox:
            while (told := await database_sync_to_async(_requirement)(ear, row.pk)) is not None:
                left = until - loop.time()
                if told["status"] in OVER or left <= 0:
                    yield _json(told)
                    return
                await rung(mailbox, row.run_id, min(left, HEARTBEAT))


def _events(ear: Ear, run_id: UUID, after: int) -> News | None:
    person = ear.person()
    # The run before its events: where it has ended, these are all.
    run: WorkflowRun | None = access.visible_runs(person).filter(pk=run_id).first() if person else None
    if run is None:
        return None
    found = list(run.events.filter(sequence__gt=after).order_by("sequence")[:AT_ONCE])
    parts = [
        f"id: {event.sequence}\nevent: {event.type}\ndata: {_json(event_line(event))}\n\n" for event in found
    ]
    is_whole = len(found) < AT_ONCE
    return News(
        parts=parts,
        last=found[-1].sequence if found else after,
        is_over=run.is_finished and is_whole,
        has_more=not is_whole,
        state=run.status,
    )


def _states(ear: Ear, requirement_id: UUID, seen: dict[str, int], last: int) -> News | None:
    told = _requirement(ear, requirement_id)
    if told is None:
        return None
    text = _json(told)
    parts = [] if text in seen else [f"event: requirement\ndata: {text}\n\n"]
    seen.clear()
    seen[text] = last
    return News(parts=parts, last=last, is_over=told["status"] in OVER, state=told["status"])


def _requirement(ear: Ear, requirement_id: UUID) -> Told | None:
    person = ear.person()
    if person is None:
        return None
    rows = access.visible_requirements(person).select_related("evidence")
    row = rows.filter(pk=requirement_id).first()
    return requirement_whole(row) if row is not None else None


def _streamed(parts: AsyncIterator[str]) -> StreamingHttpResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(parts, content_type=SSE, headers=headers)


def _json(told: Told) -> str:
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
