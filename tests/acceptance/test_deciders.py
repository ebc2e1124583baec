"""A script and the people whom a policy names: it does not answer for them, and goes on when they have."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from tests.acceptance.acting import Log, asked
from workflows import HumanReview, Step, Workflow, services
from workflows.db import SqliteDb
from workflows.hop import hop
from workflows.models import Decision, Requirement
from workflows.run import WorkflowRunOutput
from workflows.types import Action, Answer, RunStatus


def gated(handle: SqliteDb, log: Log, **policy: Any) -> Workflow:
    """A workflow with one step that asks under this policy."""
    review = HumanReview(requires_confirmation=True, **policy)
    return Workflow(name="gated", db=handle, steps=[Step("gate", log.step("gate"), human_review=review)])


def alias_of(handle: SqliteDb) -> str:
    alias: str = handle.runs.using  # type: ignore[attr-defined]
    return alias


def a_lawyer(handle: SqliteDb) -> User:
    """Somebody of the group legal, in the script's database."""
    alias = alias_of(handle)

    def make() -> User:
        person = User(username="lawyer")
        person.save(using=alias)
        person.groups.add(Group.objects.using(alias).get_or_create(name="legal")[0])
        return person

    return hop(make)


def decide(handle: SqliteDb, run: WorkflowRunOutput, person: User) -> Decision:
    """That person's yes, in the portal."""
    alias = alias_of(handle)

    def resolve() -> Decision:
        requirement = Requirement.objects.using(alias).open().get(run=UUID(run.run_id))
        return services.resolve(
            requirement.id,
            revision=requirement.revision,
            answer=Answer(action=Action.approve),
            actor=services.Actor.of(person),
            using=alias,
        )

    return hop(resolve)


@pytest.mark.parametrize(
    "policy", [{"deciders": "legal"}, {"quorum": 2}, {"four_eyes": True}, {"risk": "high"}]
)
def test_a_script_does_not_answer_for_certain_people(
    handle: SqliteDb, log: Log, policy: dict[str, Any]
) -> None:
    workflow = gated(handle, log, **policy)
    run = workflow.run("x")
    asked(run).confirm()

    with pytest.raises(ValueError, match="unresolved step requirements: \\['gate'\\]"):
        workflow.continue_run(run)
    assert log.calls == []


def test_after_those_people_it_goes_on(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log, deciders="legal")
    run = workflow.run("x")
    decide(handle, run, a_lawyer(handle))

    assert workflow.continue_run(run).status == RunStatus.completed
    assert log.calls == ["gate"]


def test_what_can_still_be_undone_is_not_decided_yet(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log, deciders="legal", hold=60)
    run = workflow.run("x")
    decide(handle, run, a_lawyer(handle))
    with pytest.raises(ValueError, match="can be undone until"):
        workflow.continue_run(run)
    assert log.calls == []

    rows = Requirement.objects.using(alias_of(handle))
    hop(rows.update, release_at=timezone.now())
    assert workflow.continue_run(run).status == RunStatus.completed


def test_what_was_undone_is_open_again(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log, deciders="legal", hold=60)
    run = workflow.run("x")
    lawyer = a_lawyer(handle)
    decision = decide(handle, run, lawyer)
    hop(services.undo, decision.id, actor=services.Actor.of(lawyer), using=alias_of(handle))

    with pytest.raises(ValueError, match="unresolved"):
        workflow.continue_run(run)


def test_who_may_no_more_is_asked_about_anew(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log, deciders="legal")
    run = workflow.run("x")
    lawyer = a_lawyer(handle)
    decide(handle, run, lawyer)
    hop(lawyer.groups.clear)

    with pytest.raises(ValueError, match="unresolved"):
        workflow.continue_run(run)
    assert hop(Requirement.objects.using(alias_of(handle)).get).revision == 2
