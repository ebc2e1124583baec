"""Report: a run and its approvals as data for machines outside: what authors' objects say of them, as dicts.

Made of rows alone: whoever reports need not know the workflow's code.
"""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django.db.models import prefetch_related_objects

from workflows.agents.approval_record import Origin, record_of
from workflows.agents.requirements import RunRequirement
from workflows.agents.telling import waits_for
from workflows.engine import values
from workflows.engine.journal import Journal
from workflows.facts import question_of
from workflows.models import Requirement, Value, WorkflowRun
from workflows.run.building import AnyRequirement, requirement_of, requirements_of
from workflows.store import public_id
from workflows.types import RunStatus, StepOutput
from workflows.types.requirements import ErrorRequirement, StepRequirement

Report = dict[str, Any]


def run_report(run: WorkflowRun) -> Report:
    """Where a run stands and what it waits for; `step_requirements`, `error_requirements` and, flat, what is asked
    about tools (`requirements`), each as its `to_dict` with the `revision` that is asked. Four queries at most."""
    rows = list(run.requirements.filter(status=Requirement.Status.OPEN))
    made = asked(rows)
    return {
        "run_id": public_id(run),
        "session_id": run.session_id,
        "workflow_id": run.workflow.name,
        "workflow_name": run.workflow.title,
        "status": run.status,
        "is_paused": run.status == RunStatus.paused,
        "content": _content(run, rows),
        "step_requirements": [r.to_dict() for r in made if isinstance(r, StepRequirement)],
        "error_requirements": [r.to_dict() for r in made if isinstance(r, ErrorRequirement)],
        "requirements": [_of_tool(row) for row in rows if row.details.get("tool")],
        "revisions": {f"{row.path}#{row.key}": row.revision for row in rows},
        "created_at": run.created_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }


def asked(rows: list[Requirement]) -> list[AnyRequirement]:
    """Requirements of one run as their author sees them: what waits for one agent is one of them."""
    return requirements_of([question_of(row) for row in rows], _journal(rows))


def as_author_sees(row: Requirement) -> AnyRequirement:
    """One requirement, alone."""
    return requirement_of(question_of(row), _journal([row]))


def approval_records(rows: Iterable[Requirement]) -> list[Report]:
    """The records of approvals, their runs and workflows fetched along; two queries for all."""
    rows = list(rows)
    prefetch_related_objects(rows, "decisions")
    users = _users({row.run_id for row in rows})
    return [record_of(question_of(row), _origin(row.run, users.get(row.run_id))) for row in rows]


class _Evidence:
    """What `building` reads of a journal: the output that a reviewer looks at, from the requirement's own row."""

    def __init__(self, rows: list[Requirement]) -> None:
        self._rows = rows

    def find(self, path: str) -> str:
        """The path stands for the record at it."""
        return path

    def value(self, path: str, slot: str) -> StepOutput | None:
        """The output that is kept there."""
        row = next((row for row in self._rows if row.details.get("evidence") == [path, slot]), None)
        shown = row.evidence.plain() if row is not None and row.evidence is not None else None
        if not isinstance(shown, dict):
            return None
        known = ("content", "step_name", "success", "error")
        return StepOutput(**{name: shown[name] for name in known if name in shown})


def _journal(rows: list[Requirement]) -> Journal:
    prefetch_related_objects(rows, "decisions", "evidence")
    return cast(Journal, _Evidence(rows))


def _of_tool(row: Requirement) -> Report:
    question = question_of(row)
    made = RunRequirement.of(question.ask, question.answer, question.answered_at, question.opened_at)
    return made.to_dict()


def _content(run: WorkflowRun, rows: list[Requirement]) -> Any:
    if run.status == RunStatus.completed:
        shown = run.output.plain() if run.output else None
        return shown.get("content") if isinstance(shown, dict) else shown
    if run.status != RunStatus.paused or not rows:
        return run.outcome or None
    if _is_alone(run, rows[-1]):
        tools = [question_of(row) for row in rows if row.details.get("tool")]
        return waits_for([RunRequirement.of(question.ask) for question in tools])
    return rows[-1].message


def _is_alone(run: WorkflowRun, row: Requirement) -> bool:
    """The run is that of an agent or team alone."""
    executor = (row.details.get("tool") or {}).get("executor") or {}
    return bool(executor) and run.workflow.name == f"{executor['type']}-{executor['id']}"


def _origin(run: WorkflowRun, user_id: str | None) -> Origin:
    requester = run.requested_by.get_username() if run.requested_by else None
    return Origin(
        run_id=public_id(run),
        session_id=run.session_id,
        user_id=user_id or requester,
        workflow=run.workflow.name,
        title=run.workflow.title,
        status=RunStatus(run.status),
    )


def _users(runs: set[UUID]) -> dict[UUID, str | None]:
    """For whom each run was started, where its script has said so."""
    given = Value.objects.filter(run__in=runs, path="", slot="inputs").values_list("run_id", "data")
    return {run_id: values.decode(data).get("user_id") for run_id, data in given}
