"""Agno's AgentOS, by its HTTP interface: paused runs of agents, teams and workflows, and how they are continued.

What was learned of it from version 3.1 (its OpenAPI description, and watching it):

- A run is continued once for all that it waits for: a tool about which nothing is said counts as rejected. So a pause
  is answered when all its questions are.
- An agent's run that has ended is continued too, as a new one. So nothing is ever posted to a run that does not wait,
  as it says itself just before.
- An agent and a team go on while nobody listens (`background`), and say RUNNING from the first event on. A workflow
  that is streamed ends when nobody listens, and one that is not streamed goes on; it takes one answer, no second one.
- That a paused run was cancelled shows in nothing until it is continued.
- A workflow that waits for a form or for a choice of routes takes no "no": that is given up, and said.
- A workflow that waits because a step has failed cannot be continued by HTTP: nobody is asked about it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hitl_portal.adapters import agno_steps, agno_tools
from hitl_portal.adapters.far import Far, Trouble
from hitl_portal.adapters.found import Admits, Answers, Found, Posed, Where, is_ended

KINDS = ("agent", "team", "workflow")
PAGE, MOST_PAGES = 100, 20
PAUSED = "PAUSED"
MARGIN = timedelta(minutes=5)  # for clocks that differ, and updates that are told late
LISTENING, WORKING = 15.0, 60.0
GONE, REFUSED = 404, 422


class AgentOS:
    """A `Framework`."""

    def search(self, far: Far, admits: Admits, since: datetime | None) -> Iterable[Where]:
        """Look through the sessions of each agent, team and workflow that were touched lately."""
        for kind in KINDS:
            for row in _rows(far.get(f"{kind}s")):
                place = f"{kind}/{row.get('id')}"
                if row.get("id") and admits(place):
                    yield from self._of(far, place, str(row.get("db_id") or "") or None, since)

    def look(self, far: Far, where: Where) -> Sequence[Found]:
        """Read the run."""
        try:
            run = far.get(f"{where.kind}s", where.id, "runs", where.run, session_id=where.session or None)
        except Trouble as trouble:
            if trouble.status == GONE:
                return []
            raise
        found = found_in(where, run)
        return [found] if found else []

    def answer(self, far: Far, found: Found, answers: Answers) -> None:
        """Continue the run."""
        where = found.where
        if where.kind == "workflow" and not agno_steps.takes(agno_steps.waiting(found.raw) or {}, answers):
            raise Trouble(
                "A form and a choice of routes know no 'no' there: fill it in, or end it there", REFUSED
            )
        if any(is_ended(answer) for answer in answers.values()):
            ended = (f"{where.kind}s", where.id, "runs", where.run, "cancel")
            far.say(*ended, form={}, seconds=LISTENING, session_id=where.session)
        form, seconds = _form(found, answers)
        far.say(f"{where.kind}s", where.id, "runs", where.run, "continue", form=form, seconds=seconds)

    def _of(self, far: Far, place: str, db: str | None, since: datetime | None) -> Iterable[Where]:
        kind, _, name = place.partition("/")
        for session in _touched(far, kind, name, db, since):
            for run in _rows(far.get(f"{kind}s", name, "runs", session_id=session, status=PAUSED)):
                yield Where(place=place, run=str(run.get("run_id")), session=session)


def found_in(where: Where, run: Any) -> Found | None:
    """What a run waits for, where it waits and can be continued from here."""
    if not isinstance(run, Mapping) or run.get("status") != PAUSED or run.get("parent_run_id"):
        return None
    where = Where(place=where.place, run=where.run, session=str(run.get("session_id") or where.session))
    posed = _posed(where, run)
    if not posed:
        return None
    steps = len(_rows(run.get("step_requirements")))
    return Found(where=where, mark=f"{steps} {' '.join(one.spot for one in posed)}", posed=posed, raw=run)


def _posed(where: Where, run: Mapping[str, Any]) -> list[Posed]:
    if where.kind == "workflow":
        waiting = agno_steps.waiting(run)
        return agno_steps.posed(waiting, where.id) if waiting else []
    if where.kind == "team":
        team = str(run.get("team_name") or where.id)
        return agno_tools.posed_of_requirements(_rows(run.get("requirements")), team=team)
    return agno_tools.posed(_rows(run.get("tools")), who=str(run.get("agent_name") or where.id))


def _form(found: Found, answers: Answers) -> tuple[dict[str, str], float]:
    """What is posted, and for how long an answer is waited for."""
    run, session = found.raw, {"session_id": found.where.session}
    if found.where.kind == "workflow":
        steps = agno_steps.answered(_rows(run.get("step_requirements")), answers)
        return session | {"stream": "false", "step_requirements": json.dumps(steps)}, WORKING
    beside = session | {"stream": "true", "background": "true"}
    if found.where.kind == "team":
        waits = agno_tools.requirements_answered(_rows(run.get("requirements")), answers)
        return beside | {"requirements": json.dumps(waits)}, LISTENING
    return beside | {"tools": json.dumps(agno_tools.answered(_rows(run.get("tools")), answers))}, LISTENING


def _touched(far: Far, kind: str, name: str, db: str | None, since: datetime | None) -> Iterable[str]:
    """Ids of the sessions that were touched since then, the newest first."""
    for page in range(1, MOST_PAGES + 1):
        asked = {"type": kind, "component_id": name, "sort_by": "updated_at", "limit": PAGE, "page": page}
        told = far.get("sessions", **asked, db_id=db)
        rows = _rows(told.get("data") if isinstance(told, Mapping) else None)
        for row in rows:
            if since is not None and _moment(row.get("updated_at"), since) < since - MARGIN:
                return
            if row.get("session_id"):
                yield str(row["session_id"])
        if len(rows) < PAGE:
            return


def _moment(told: Any, otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(str(told))
    except ValueError:
        return otherwise
    return found if found.tzinfo else otherwise


def _rows(told: Any) -> list[dict[str, Any]]:
    """The objects in a list; nothing where it is none."""
    return [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
