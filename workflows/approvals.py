"""Approvals: the records of spec 4.6 in a database, and an admin's decision by a script that acts for one.

A view of requirements: who may decide is their policy's business, and a record is nothing that is stored besides.
"""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import policy
from workflows.acting import SCRIPT_CHANNEL, Actor, locked
from workflows.agents.approval_record import Origin, answer_of, record_of
from workflows.agents.approvals import ApprovalType
from workflows.engine import values
from workflows.engine.needs import Ask
from workflows.errors import AlreadyDecided, InvalidAnswer, NotEligible
from workflows.facts import question_of
from workflows.ids import id_in
from workflows.models import Requirement, RequirementQuerySet, Value, WorkflowRun
from workflows.reviewing.deciding import close, resolve
from workflows.store import SCRIPT, public_id
from workflows.types import Answer, InputErrors, RunStatus

Record = dict[str, Any]

LIMIT = 100


def get(approval_id: str, using: str = DEFAULT_DB_ALIAS) -> Record | None:
    """One record; None where there is none, or none yet."""
    return next(iter(_records(_named(approval_id, using), using)), None)


def find(
    wanted: Record, *, limit: int = LIMIT, page: int = 1, using: str = DEFAULT_DB_ALIAS
) -> tuple[list[Record], int]:
    """The records whose fields are as `wanted` says, newest first, and how many there are on all pages.

    Every record of the run, or of all runs, is read for it. ValueError for a field that there is not.
    """
    asked = {name: value for name, value in wanted.items() if value is not None}
    found = _asked(using)
    if "run_id" in asked:
        found = found.filter(run__in=_runs(asked["run_id"], using))
    if "approval_type" in asked:
        found = found.filter(details__tool__approval=str(asked["approval_type"]))
    records = [record for record in _records(found, using) if _fits(record, asked)]
    return records[(page - 1) * limit : page * limit], len(records)


def pending_count(user_id: str | None = None, using: str = DEFAULT_DB_ALIAS) -> int:
    """How many wait for an admin."""
    return find({"status": "pending", "user_id": user_id}, using=using)[1]


def update(
    approval_id: str,
    *,
    status: str,
    expected_status: str | None = None,
    resolved_by: str | None = None,
    resolution_data: Record | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> Record | None:
    """Decide for the admin `resolved_by`; None where there is nothing to decide (any more), or not in that status.

    Raises NotEligible where the database has people and this is no active admin of them, ValueError for a status that
    is no decision, InvalidAnswer for `resolution_data` (values, result, args, note) that does not fit.
    """
    requirement = _named(approval_id, using).first()
    actor = _admin(resolved_by, using)
    if requirement is None or expected_status not in (None, "pending"):
        return None
    actions = Ask.from_dict(requirement.details).actions
    answer = answer_of(status, resolution_data or {}, actions)
    try:
        _decide(requirement, answer, actor)
    except AlreadyDecided:
        return None
    return get(approval_id, using)


def _decide(requirement: Requirement, answer: Answer, actor: Actor) -> None:
    using = requirement._state.db or DEFAULT_DB_ALIAS
    if actor.person is not None:
        resolve(requirement.id, revision=requirement.revision, answer=answer, actor=actor, using=using)
        return
    with transaction.atomic(using=using):  # nobody there whom a policy could name
        try:
            Ask.from_dict(requirement.details).check(answer)
        except InputErrors as wrong:
            raise InvalidAnswer(wrong.by_field) from None
        close(locked(requirement.id, using), answer, actor, timezone.now())


def _admin(name: str | None, using: str) -> Actor:
    """Who decides. In a database without people, whoever the script says."""
    people = User.objects.using(using)
    if not people.exists():
        return Actor(name=name or "admin", channel=SCRIPT_CHANNEL)
    person = people.filter(username=name or "").first()
    if person is None or not policy.is_admin(person):
        raise NotEligible(f"resolved_by={name!r} is no active admin")
    return Actor.of(person, channel=SCRIPT_CHANNEL)


def _asked(using: str) -> RequirementQuerySet:
    """What is, or was, asked about tools of which approvals are kept; of an audit, once it is decided."""
    asked = Requirement.objects.using(using)
    required = asked.filter(details__tool__approval=str(ApprovalType.required))
    audited = asked.filter(
        details__tool__approval=str(ApprovalType.audit),
        status__in=[Requirement.Status.DECIDED, Requirement.Status.APPLIED],
    )
    return required | audited


def _named(approval_id: str, using: str) -> RequirementQuerySet:
    named = id_in(str(approval_id))
    return _asked(using).filter(id=named) if named else Requirement.objects.none()


def _records(asked: RequirementQuerySet, using: str) -> list[Record]:
    rows = list(
        asked.select_related("run__workflow").prefetch_related("decisions").order_by("-opened_at", "-id")
    )
    users = _users({row.run_id for row in rows}, using)
    questions = ((row, question_of(row)) for row in rows)
    return [
        record_of(question, _origin(row.run, users.get(row.run_id)))
        for row, question in questions
        if question.answer is not None or row.details["tool"]["approval"] == ApprovalType.required
    ]


def _origin(run: WorkflowRun, user_id: str | None) -> Origin:
    return Origin(
        run_id=public_id(run),
        session_id=run.session_id,
        user_id=user_id,
        workflow=run.workflow.name,
        title=run.workflow.title,
        status=RunStatus(run.status),
    )


def _users(runs: set[UUID], using: str) -> dict[UUID, str | None]:
    """For whom each run was started, where its script has said so."""
    given = Value.objects.using(using).filter(run__in=runs, path="", slot="inputs")
    return {run: values.decode(data).get("user_id") for run, data in given.values_list("run_id", "data")}


def _runs(run_id: str, using: str) -> list[UUID]:
    runs, named = WorkflowRun.objects.using(using), id_in(str(run_id))
    found = runs.filter(id=named) if named else runs.filter(source=SCRIPT, external_id=run_id)
    return list(found.values_list("id", flat=True))


def _fits(record: Record, wanted: Record) -> bool:
    unknown = sorted(wanted.keys() - record.keys())
    if unknown:
        raise ValueError(f"Approvals have no {', '.join(unknown)}")
    return all(record[name] == value for name, value in wanted.items())
