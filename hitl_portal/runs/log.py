"""The whole log of a run, a page at a time: every event with its exact time, who caused it, and what it says."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hitl_portal import access
from hitl_portal.pages import page
from hitl_portal.runs.timeline import Line, in_words, line_of
from workflows.models import WorkflowRun

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

PAGE_SIZE = 100
LONGEST = 2000  # of what an event says, in characters


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event: its sentence, and its data as text."""

    line: Line
    type: str
    data: str


@dataclass(frozen=True, kw_only=True)
class Log:
    """One page of the log. `types` are those that the run has, by name; `next` is where the next page begins."""

    entries: list[Entry]
    types: list[tuple[str, str]]
    type: str
    next: int | None
    is_first: bool


def log_of(run: WorkflowRun, type_: str, after: int) -> Log:
    """A page of the events, of one type or of all, in the order in which they happened; three queries."""
    types = sorted(set(run.events.order_by().values_list("type", flat=True).distinct()))
    events = run.events.filter(sequence__gt=after).select_related("requirement").order_by("sequence")
    if type_ in types:
        events = events.filter(type=type_)
    found = list(events[: PAGE_SIZE + 1])
    outline = run.workflow.outline
    return Log(
        entries=[
            Entry(
                line=line_of(
                    event, outline, {event.requirement_id: event.requirement} if event.requirement else {}
                ),
                type=in_words(event.type),
                data=json.dumps(event.data, ensure_ascii=False)[:LONGEST] if event.data else "",
            )
            for event in found[:PAGE_SIZE]
        ],
        types=[(each, in_words(each)) for each in types],
        type=type_ if type_ in types else "",
        next=found[PAGE_SIZE - 1].sequence if len(found) > PAGE_SIZE else None,
        is_first=after == 0,
    )


@require_safe
@page
def events(request: "PageRequest", run_id: UUID) -> HttpResponse:
    """The log of one run: `?type=` shows one type of event, `?after=` what comes after one."""
    run = access.visible_run(request.user, run_id)
    after = request.GET.get("after", "")
    log = log_of(run, request.GET.get("type", ""), int(after) if after.isdecimal() and len(after) < 19 else 0)
    return render(request, "runs/events.html", {"run": run, "log": log})
