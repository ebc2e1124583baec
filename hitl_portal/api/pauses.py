"""Runs of other frameworks that wait for people: a program tells of one, so that it is looked at now."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from hitl_portal.adapters.models import LONGEST_ID, LONGEST_NAME, PLACE, Report, Server
from hitl_portal.api.auth import TO_START
from hitl_portal.api.schemas import RUN
from hitl_portal.problems import Problem

router = Router()

MOST_WAITING = 1000


class PauseIn(Schema, extra="forbid"):
    """A run at a server that an admin has registered."""

    server: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["clerks"])
    place: str = Field(
        max_length=LONGEST_ID, examples=["agent/clerk"], description="agent, team, workflow or graph"
    )
    run: str = Field(
        min_length=1, max_length=LONGEST_ID, description="Of a graph: the thread", examples=[RUN]
    )
    session: str = Field("", max_length=LONGEST_ID, description="Of a graph: the assistant")


class PauseOut(Schema):
    """It is looked at with the next look of a worker's."""

    server: str = Field(examples=["clerks"])
    place: str = Field(examples=["agent/clerk"])
    run: str = Field(examples=[RUN])


@router.post("", response={202: PauseOut}, auth=TO_START, summary="Tell of a run that waits elsewhere")
def report(request: HttpRequest, said: PauseIn) -> Any:
    """A worker looks at that run at once, instead of when the server's turn comes. What it waits for is then in the
    inbox; told twice, it is asked once. Only what the server was registered for is looked at."""
    del request
    server = get_object_or_404(Server, name=said.server, enabled=True)
    if not PLACE.fullmatch(said.place) or not server.admits(said.place):
        raise Problem("validation", f"'{said.place}' is not brought in from {server.name}")
    if server.reports.count() >= MOST_WAITING:
        raise Problem("too-many", "Too many wait for being looked at", {"Retry-After": "10"})
    told = {"place": said.place, "far_run": said.run, "session": said.session}
    if not server.reports.filter(**told).exists():  # told twice at once it is looked at twice, and asked once
        Report.objects.create(server=server, **told)
    Server.objects.filter(pk=server.pk).update(next_look_at=timezone.now())
    return Status(202, {"server": server.name, "place": said.place, "run": said.run})
