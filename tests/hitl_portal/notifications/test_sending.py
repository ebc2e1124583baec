"""What leaves is looked at once more right before: who may not see it now, hears nothing."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.notifications import outbox
from hitl_portal.notifications.channels import Undelivered
from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Discretion, Dispatch, Mute, Note
from hitl_portal.notifications.sending import send
from tests.hitl_portal.notifications.conftest import carried, opened, wants
from tests.hitl_portal.notifications.told import Told
from tests.rows import a_requirement, an_event
from workflows.models import Grant, Requirement, WorkflowRun
from workflows.services import Actor, comment_on_requirement, erase_comment

pytestmark = pytest.mark.django_db


def standing() -> list[tuple[str, str]]:
    return list(Dispatch.objects.values_list("status", "reason"))


def test_it_is_sent_once_and_noted(told: Told, requirement: Requirement, reviewer: User) -> None:
    opened(requirement)

    assert (carried(), carried()) == (1, 0)
    found = Dispatch.objects.get()
    assert (found.status, found.receipt, found.sent_at is not None) == ("sent", "receipt 1", True)
    person, message = told.sent[0]
    assert (person, message.subject) == ("reviewer", "Refund: Pay 249[.]50?".replace("[.]", "."))


def test_a_message_has_names_a_date_and_a_link_and_no_payload(
    told: Told, run: WorkflowRun, reviewer: User
) -> None:
    run.summary = "iban: DE02"
    run.save()
    due = timezone.now() + timedelta(hours=2)
    requirement = a_requirement(run, message="Pay?\nTo DE02 1203", details={"secret": 7}, due_at=due)
    opened(requirement)
    carried()

    item = told.sent[0][1].items[0]
    said = dict(item.facts)
    assert (said["Workflow"], said["Step"], said["Asked for by"]) == ("Refund", "approve", "requester")
    assert said["Due"].endswith("(UTC)")
    assert item.link == f"http://localhost:8000/requirements/{requirement.pk}/"
    assert "DE02" not in repr(item)


@pytest.mark.parametrize(
    ("setting", "discretion", "subject"),
    [
        ("title", "names", "Refund: A question waits for you"),
        ("title", "nothing", "A question waits for you"),
        ("names", "title", "Refund: A question waits for you"),
        ("no such word", None, "A question waits for you"),
    ],
)
def test_settings_and_discretion_say_less(
    told: Told,
    requirement: Requirement,
    reviewer: User,
    settings: LazySettings,
    setting: str,
    discretion: str | None,
    subject: str,
) -> None:
    settings.HITL_NOTIFY_DETAIL = setting
    if discretion:
        Discretion.objects.create(workflow=requirement.run.workflow, detail=discretion)
    opened(requirement)
    carried()

    message = told.sent[0][1]
    assert message.subject == subject
    assert "Pay" not in repr(message.items[0].title)


def test_what_a_model_wrote_leads_nowhere_and_hides_nothing(
    told: Told, run: WorkflowRun, reviewer: User
) -> None:
    message = "Pay at https://evil.example/now\u202e or mail me@evil.example, key whsec_abc"
    opened(a_requirement(run, message=message))
    carried()

    subject = told.sent[0][1].subject
    assert "https[:]//evil[.]example/now⟦U+202E⟧" in subject
    assert "me@evil[.]example" in subject
    assert "whsec_abc" not in subject


def test_a_title_is_one_line_and_has_an_end(told: Told, run: WorkflowRun, reviewer: User) -> None:
    run.workflow.title = "Refund\r\nBcc: all@example.org" + "x" * 160
    run.workflow.save()
    opened(a_requirement(run))
    carried()

    subject = told.sent[0][1].subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) < 450


def test_what_was_decided_meanwhile_is_not_sent(told: Told, requirement: Requirement, reviewer: User) -> None:
    opened(requirement)
    derive()
    Requirement.objects.update(status="applied")
    carried()

    assert told.sent == []
    assert standing() == [("dropped", "It was decided, or is not yours to decide any more.")]


def test_what_can_still_be_undone_waits_for_that(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    opened(requirement)
    derive()
    release_at = timezone.now() + timedelta(seconds=30)
    Requirement.objects.update(status="decided", release_at=release_at)
    carried()

    found = Dispatch.objects.get()
    assert (found.status, told.sent) == ("pending", [])
    assert found.next_try_at is not None
    assert found.next_try_at > release_at


def test_who_may_not_see_it_any_more_hears_nothing(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    opened(requirement)
    derive()
    reviewer.groups.clear()
    carried()

    assert told.sent == []
    assert standing() == [("dropped", "It is not yours to see any more.")]


def test_who_has_left_hears_nothing(told: Told, requirement: Requirement, reviewer: User) -> None:
    opened(requirement)
    derive()
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    carried()

    assert standing() == [("dropped", "The account is closed.")]


def test_what_was_switched_off_or_muted_meanwhile_is_not_sent(
    told: Told, requirement: Requirement, reviewer: User, admin: User
) -> None:
    opened(requirement)
    derive()
    wants(reviewer, told="off")
    Mute.objects.create(person=admin, workflow=requirement.run.workflow)
    carried()

    assert standing() == [("dropped", "You have switched it off.")] * 2


def test_a_mention_that_was_erased_is_not_sent(
    told: Told, requirement: Requirement, reviewer: User, admin: User
) -> None:
    comment = comment_on_requirement(requirement.pk, "@reviewer", actor=Actor.of(admin))
    derive()
    erase_comment(comment.pk, actor=Actor.of(admin))
    carried()

    assert told.sent == []


def test_what_is_due_together_goes_in_one_message(told: Told, run: WorkflowRun, reviewer: User) -> None:
    wants(reviewer, told="digest")
    for number in range(3):
        opened(a_requirement(run, path=f"step {number}", message=f"Number {number}?"))
    derive()
    Dispatch.objects.update(next_try_at=timezone.now())

    assert carried() == 1
    message = told.sent[0][1]
    assert [item.title for item in message.items] == [f"Refund: Number {number}?" for number in range(3)]
    assert message.subject == "HITL Portal: 3 things for you"


def test_what_was_read_in_the_page_is_not_in_the_daily_message(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    wants(reviewer, told="digest")
    opened(requirement)
    derive()
    Note.objects.update(read_at=timezone.now())
    Dispatch.objects.update(next_try_at=timezone.now())
    carried()

    assert told.sent == []


def test_what_failed_is_tried_again_later_under_the_same_id(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    def away() -> None:
        raise Undelivered("Nobody there", wait=600)

    opened(requirement)
    told.meanwhile = away
    carried()
    found = Dispatch.objects.get()
    assert (found.status, found.reason, found.failures) == ("pending", "Nobody there", 1)
    assert found.next_try_at is not None
    assert found.next_try_at > timezone.now() + timedelta(seconds=590)

    told.meanwhile = lambda: None
    Dispatch.objects.update(next_try_at=timezone.now())
    carried()
    assert told.sent[0][1].id == found.pk
    assert Dispatch.objects.get().status == "sent"


def test_what_can_never_arrive_is_given_up(told: Told, requirement: Requirement, reviewer: User) -> None:
    def refuse() -> None:
        raise Undelivered("No such thing", again=False)

    told.meanwhile = refuse
    opened(requirement)
    carried()

    assert standing() == [("failed", "No such thing")]


def test_a_fault_of_a_channel_is_recorded_by_its_name_alone(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    def fail() -> None:
        raise RuntimeError("token 123")

    told.meanwhile = fail
    opened(requirement)
    carried()

    assert standing() == [("pending", "RuntimeError")]


def test_a_sender_that_died_leaves_it_to_the_next_one(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    opened(requirement)
    derive()
    first = outbox.claim()
    assert outbox.claim() is None
    Dispatch.objects.update(next_try_at=timezone.now())  # the lease is over
    second = outbox.claim()

    assert first
    assert second
    outbox.note_failed(first, first.dispatches, Undelivered("too late"))
    assert Dispatch.objects.get().lease == second.lease
    send(second)
    assert Dispatch.objects.get().status == "sent"


def test_a_run_is_told_to_who_may_see_it_only(told: Told, run: WorkflowRun, requester: User) -> None:
    an_event(run, type="WorkflowCompleted")
    derive()
    WorkflowRun.objects.update(requested_by=None)
    carried()

    assert told.sent == []


def test_of_what_one_grant_named_the_end_of_the_grant_is_the_end(
    told: Told, run: WorkflowRun, stranger: User
) -> None:
    policy = {"deciders": {"groups": [], "users": ["stranger"]}}
    requirement = a_requirement(run, policy=policy, is_restricted=True)
    Grant.objects.create(run=run, requirement=requirement, username="stranger", decides=True)
    opened(requirement)
    derive()
    Grant.objects.all().delete()
    carried()

    assert told.sent == []
    assert standing()[0][0] == "dropped"
