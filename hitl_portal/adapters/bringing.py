"""Bringing in: a server is looked at, what waits there is asked here, and what waits no more is asked no more.

Everything is found again at every look: a pause is known by its key, a question by its pause and number. Where two look
at one server at the same moment, the second one finds what the first one has asked.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from hitl_portal.adapters.agno import AgentOS
from hitl_portal.adapters.far import Busy, Far, Trouble
from hitl_portal.adapters.found import Found, Framework, Where
from hitl_portal.adapters.langgraph_server import LangGraphServer
from hitl_portal.adapters.models import LONGEST_ID, Asked, Pause, Server, Speaks
from workflows import asking, services
from workflows.errors import RunFinished, UnkeepableInput, WorkflowDisabled
from workflows.models import WorkflowRun
from workflows.questions import InvalidQuestion, Question
from workflows.services import SCRIPT_CHANNEL, Actor

log = logging.getLogger(__name__)

FRAMEWORKS: Mapping[str, Framework] = {Speaks.AGNO: AgentOS(), Speaks.LANGGRAPH: LangGraphServer()}
LEASE = timedelta(minutes=5)
MOST_LOOKED_AT, MOST_QUESTIONS = 200, 50
LONGEST_MESSAGE = 20_000
SOURCE = "adapter:"
# What reading foreign data raises where it is not as it should be.
UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError)


def look_at(server: Server) -> int:
    """Look once, and say when the next look is due; how many pauses were new. What went wrong stands there."""
    look, began = _Look(server), timezone.now()
    try:
        look.all()
    except (Trouble, WorkflowDisabled) as trouble:
        look.note(trouble)
    except UNREADABLE as wrong:
        look.note(Trouble(f"What it answers cannot be read: {type(wrong).__name__}"))
    seen = {} if look.problem else {"seen_until": began}
    due = timezone.now() + timedelta(seconds=server.every)
    Server.objects.filter(pk=server.pk).update(next_look_at=due, problem=look.problem, **seen)
    return look.new


class _Look:
    """One look at one server: each run is read once."""

    def __init__(self, server: Server) -> None:
        self.server, self.framework = server, FRAMEWORKS[server.speaks]
        self.problem, self.new = "", 0
        self._seen: set[Where] = set()

    def all(self) -> None:
        """What was reported, what is found, and what is open here. Raises Trouble, WorkflowDisabled."""
        far = Far.of(self.server)
        for report in self.server.reports.all()[:MOST_LOOKED_AT]:
            self._bring(far, Where(place=report.place, run=report.far_run, session=report.session))
            report.delete()
        for where in self.framework.search(far, self.server.admits, self.server.seen_until):
            self._bring(far, where)
        for pause in self.server.pauses.filter(status=Pause.Status.OPEN).order_by("found_at")[
            :MOST_LOOKED_AT
        ]:
            self._bring(far, where_of(pause))

    def _bring(self, far: Far, where: Where) -> None:
        """Ask what a run waits for, and no more what it waited for before. One that cannot be read is passed over."""
        if where in self._seen or not _fits(where):
            return
        self._seen.add(where)
        try:
            found = self.framework.look(far, where) if self.server.admits(where.place) else []
            self.new += sum([bring_in(self.server, one) for one in found])
        except Busy:
            return
        except UNREADABLE as wrong:
            self.note(Trouble(f"{where.place} {where.run} cannot be read: {type(wrong).__name__}"))
            return
        except Trouble as trouble:
            if not trouble.is_final:
                raise
            self.note(trouble)
            return
        same = self.server.pauses.filter(status=Pause.Status.OPEN, place=where.place, far_run=where.run)
        for pause in same.exclude(key__in=[one.key for one in found]):
            withdraw(pause)

    def note(self, trouble: Exception) -> None:
        """What went wrong first."""
        self.problem = self.problem or str(trouble)[:300]
        if self.problem != self.server.problem:  # once, not at every look
            log.warning("%s cannot be looked at: %s", self.server.name, self.problem)


def bring_in(server: Server, found: Found) -> bool:
    """Ask what a pause asks, unless that was done; whether it was new."""
    named = {"place": found.where.place, "far_run": found.where.run, "session": found.where.session}
    pause, is_new = Pause.objects.get_or_create(server=server, key=found.key, defaults=named)
    if pause.status != Pause.Status.OPEN:
        return False
    missing = list(enumerate(found.posed[:MOST_QUESTIONS]))[pause.questions.count() :]
    for number, posed in missing:
        run, _ = asking.ask(
            _question(server, posed.said),
            actor=_actor(server),
            source=f"{SOURCE}{server.name}",
            external_id=f"{pause.pk}:{number}",
        )
        Asked.objects.get_or_create(pause=pause, number=number, defaults={"spot": posed.spot, "run": run})
    return is_new


def withdraw(pause: Pause) -> None:
    """It waits no more over there, and nobody has answered it from here: nobody needs to."""
    still = Pause.objects.filter(pk=pause.pk, status=Pause.Status.OPEN)
    if not still.update(status=Pause.Status.ELSEWHERE, closed_at=timezone.now()):
        return
    actor = replace(_actor(pause.server), name=f"{pause.server.name}: it no longer waits there")
    for run in pause.runs:
        try:
            services.cancel_run(run.pk, actor=actor)
        except RunFinished:
            say(pause, run, "AnswerNotTaken")


def say(pause: Pause, run: WorkflowRun, type: str) -> None:
    """Write into a run's log what came of it over there."""
    told = {"place": pause.place, "run": pause.far_run}
    services.append_event(run, type, _actor(pause.server), data=told)


def still_waits(pause: Pause, far: Far, framework: Framework) -> Found | None:
    """The pause as it stands over there, where it still does. Raises Trouble."""
    try:
        found = framework.look(far, where_of(pause))
    except UNREADABLE as wrong:
        raise Trouble(f"It cannot be read: {type(wrong).__name__}") from None
    return next((one for one in found if one.key == pause.key), None)


def where_of(pause: Pause) -> Where:
    """The run that it is a pause of."""
    return Where(place=pause.place, run=pause.far_run, session=pause.session)


def _fits(where: Where) -> bool:
    return all(len(part) <= LONGEST_ID for part in (where.place, where.run, where.session))


def _question(server: Server, said: Mapping[str, Any]) -> Question:
    """As it was posed; where that cannot be asked, the bare question with all of it to look at."""
    message = str(said.get("message") or "?").strip()[:LONGEST_MESSAGE] or "?"
    known = {**said, "message": message, "policy": server.policy}
    try:
        question = Question(**known)
        services.kept_input(question.to_dict())
    except (InvalidQuestion, UnkeepableInput, TypeError) as wrong:
        log.warning("%s asks what cannot be asked (%s): shown as it is", server.name, wrong)
        return Question(kind="confirmation", message=message, content=repr(dict(said)), policy=server.policy)
    return question


def _actor(server: Server) -> Actor:
    return Actor(name=server.name, channel=SCRIPT_CHANNEL)
