"""Each event is told to whom it concerns: once, and not to who has done it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Note
from tests.hitl_portal.notifications.conftest import names, opened
from tests.hitl_portal.notifications.told import Told
from tests.rows import a_decision, a_person, a_requirement, an_event
from workflows import policy
from workflows.models import Delegation, Grant, Requirement, WorkflowRun
from workflows.services import Actor, comment_on_requirement, erase_comment

pytestmark = pytest.mark.django_db


def test_a_question_waits_for_those_who_may_decide_it(
    told: Told, requirement: Requirement, reviewer: User, admin: User, stranger: User
) -> None:
    opened(requirement)

    assert (derive(), derive()) == (2, 0)
    assert names("waits") == ["admin", "reviewer"]


def test_whom_the_policy_does_not_name_is_not_told(
    told: Told, run: WorkflowRun, reviewer: User, stranger: User
) -> None:
    payers = a_person("payer", "payers")
    policy = {"deciders": {"groups": ["payers"], "users": []}}
    requirement = a_requirement(run, policy=policy, is_restricted=True)
    Grant.objects.create(run=run, requirement=requirement, group="payers", decides=True)
    opened(requirement)
    derive()

    assert names() == [payers.username]


def test_who_may_decide_but_not_see_is_not_told(told: Told, run: WorkflowRun, stranger: User) -> None:
    policy = {"deciders": {"groups": [], "users": ["stranger"]}}
    opened(a_requirement(run, policy=policy, is_restricted=True))
    derive()

    assert names() == []


def test_a_deputy_is_told_that_it_was_delegated(
    told: Told, run: WorkflowRun, reviewer: User, stranger: User
) -> None:
    policy = {"deciders": {"groups": [], "users": ["reviewer"]}}
    requirement = a_requirement(run, policy=policy, is_restricted=True)
    Grant.objects.create(run=run, requirement=requirement, username="reviewer", decides=True)
    now = timezone.now()
    Delegation.objects.create(
        person=reviewer,
        deputy=stranger,
        starts_at=now,
        ends_at=now + timedelta(days=1),
        created_by="reviewer",
    )
    opened(requirement)
    derive()

    assert (names("waits"), names("assigned")) == (["reviewer"], ["stranger"])
    assert Note.objects.get(person=stranger).instead_of == "reviewer"


def test_who_asked_is_not_asked_where_four_eyes_decide(told: Told, reviewer: User, run: WorkflowRun) -> None:
    run.requested_by = reviewer
    run.save()
    opened(a_requirement(run, policy={"four_eyes": True}))
    derive()

    assert names("waits") == []


def test_whom_it_is_assigned_to_is_told(
    told: Told, requirement: Requirement, reviewer: User, admin: User
) -> None:
    an_event(
        requirement.run,
        type="RequirementAssigned",
        requirement=requirement,
        actor="admin",
        data={"to": "reviewer"},
    )
    derive()

    assert names("assigned") == ["reviewer"]


def test_who_assigns_it_to_themselves_is_not(told: Told, requirement: Requirement, reviewer: User) -> None:
    said = {"actor": "reviewer", "data": {"to": "reviewer"}}
    an_event(requirement.run, type="RequirementAssigned", requirement=requirement, **said)

    assert derive() == 0


def test_of_what_somebody_works_on_only_they_are_reminded(
    told: Told, requirement: Requirement, reviewer: User, admin: User
) -> None:
    later = timezone.now() + timedelta(hours=1)
    Requirement.objects.update(assignee=reviewer, claimed_until=later)
    an_event(requirement.run, type="RequirementReminded", requirement=requirement, actor="engine")
    derive()

    assert names("reminder") == ["reviewer"]


def test_else_everybody_is(told: Told, requirement: Requirement, reviewer: User, admin: User) -> None:
    an_event(requirement.run, type="RequirementOverdue", requirement=requirement, actor="engine")
    derive()

    assert names("reminder") == ["admin", "reviewer"]


def test_an_escalation_is_for_those_it_names(told: Told, requirement: Requirement, reviewer: User) -> None:
    a_person("boss", policy.REVIEWERS, "bosses")
    data = {"groups": ["bosses"], "users": []}
    an_event(requirement.run, type="RequirementEscalated", requirement=requirement, actor="engine", data=data)
    derive()

    assert names("escalation") == ["boss"]


def test_of_silence_hear_who_asked_and_who_was_asked(
    told: Told, requirement: Requirement, requester: User, reviewer: User
) -> None:
    data = {"channel": "timer", "revision": 1}
    an_event(requirement.run, type="RequirementDecided", requirement=requirement, actor="timer", data=data)
    derive()

    assert names("expired") == ["requester", "reviewer"]


def test_of_a_decision_hear_who_asked_who_holds_it_and_who_voted(
    told: Told, requirement: Requirement, requester: User, reviewer: User, admin: User, stranger: User
) -> None:
    voter = a_person("voter", policy.REVIEWERS)
    a_decision(requirement, voter)
    Requirement.objects.update(assignee=reviewer)
    said = {"actor": "admin", "data": {"channel": "portal", "revision": 1}}
    an_event(requirement.run, type="RequirementDecided", requirement=requirement, **said)
    derive()

    assert names("decided") == ["requester", "reviewer", "voter"]


def test_of_a_decision_that_can_be_undone_nobody_hears_yet(
    told: Told, requirement: Requirement, requester: User, reviewer: User
) -> None:
    data = {"channel": "portal", "revision": 1, "release_at": timezone.now().isoformat()}
    an_event(requirement.run, type="RequirementDecided", requirement=requirement, actor="reviewer", data=data)
    derive()
    assert names() == []

    an_event(
        requirement.run,
        type="DecisionReleased",
        requirement=requirement,
        actor="engine",
        data={"revision": 1},
    )
    derive()
    assert names("decided") == ["requester"]


def test_whom_a_comment_mentions_is_told(
    told: Told, requirement: Requirement, reviewer: User, admin: User
) -> None:
    comment_on_requirement(requirement.pk, "@reviewer, why? And @admin too.", actor=Actor.of(admin))
    derive()

    assert names("mention") == ["reviewer"]


def test_of_a_comment_that_was_erased_at_once_nobody_hears(
    told: Told, requirement: Requirement, reviewer: User, admin: User
) -> None:
    comment = comment_on_requirement(requirement.pk, "@reviewer", actor=Actor.of(admin))
    erase_comment(comment.pk, actor=Actor.of(admin))

    assert derive() == 0


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("WorkflowCompleted", "completed"),
        ("WorkflowError", "failed"),
        ("DefinitionChanged", "failed"),
        ("WorkflowCancelled", "cancelled"),
    ],
)
def test_of_the_end_of_a_run_hears_who_asked_for_it(
    told: Told, run: WorkflowRun, reviewer: User, type: str, kind: str
) -> None:
    an_event(run, type=type, actor="engine")
    derive()

    assert names(kind) == ["requester"]


def test_who_cancels_their_own_run_knows_it(told: Told, run: WorkflowRun) -> None:
    run.cancel_requested_by = "requester"
    run.save()
    an_event(run, type="WorkflowCancelled", actor="engine")

    assert derive() == 0


def test_who_has_left_is_told_nothing(told: Told, requirement: Requirement, reviewer: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    opened(requirement)

    assert derive() == 0
