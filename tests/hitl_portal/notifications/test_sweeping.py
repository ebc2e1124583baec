"""What the sweep does: reminders of the engine come through the same door, nothing is lost, nothing is sent twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.notifications import outbox, sweeping
from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Dispatch, Note, Position
from hitl_portal.notifications.sweeping import Sweep
from tests.hitl_portal.notifications.conftest import names, opened
from tests.hitl_portal.notifications.postman import delivering
from tests.hitl_portal.notifications.told import Told
from tests.rows import a_person, a_requirement
from workflows import services, sweep
from workflows.models import Requirement, WorkflowRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sweeper() -> Iterator[Sweep]:
    """Give one whose couriers are back before the tables are emptied."""
    found = Sweep()
    yield found
    assert found.couriers.wait(20)


def test_the_sweep_does_it_all(
    told: Told, requirement: Requirement, reviewer: User, sweeper: Sweep, settings: LazySettings
) -> None:
    reviewer.email = "reviewer@example.org"
    reviewer.save()
    with delivering() as postman:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", postman.port
        settings.HITL_CHANNELS = ["hitl_portal.notifications.mail.Mail"]
        services.assign(requirement.pk, to=reviewer, actor=services.Actor.of(a_person("boss", "admins")))
        assert sweep.sweep([sweeper]) == 1
        assert sweeper.couriers.wait(20)

    assert [mail["to"] for mail in postman.mails] == ["reviewer@example.org"]
    assert names("assigned") == ["reviewer"]


def test_reminders_and_escalations_of_the_engine_are_told(
    told: Told, run: WorkflowRun, reviewer: User, stranger: User
) -> None:
    now = timezone.now()
    policy = {"remind_after": [60], "escalate": [{"after": 120, "users": ["stranger"]}]}
    requirement = a_requirement(run, policy=policy, next_step_at=now)
    Requirement.objects.update(opened_at=now - timedelta(minutes=5))
    services.sweep_due(now)
    derive()

    assert Requirement.objects.get().steps_taken == 2
    assert names("reminder") == ["reviewer", "stranger"]
    assert names("escalation") == ["stranger"]
    assert requirement.pk == Note.objects.get(kind="escalation").requirement_id


def test_a_death_in_between_loses_nothing(
    told: Told, requirement: Requirement, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(requirement)
    before = Position.objects.get().sequence
    with monkeypatch.context() as patch:
        patch.setattr(Position, "save", lambda self: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            derive()
    assert (Note.objects.count(), Position.objects.get().sequence) == (0, before)

    derive()
    assert names("waits") == ["reviewer"]


def test_two_processes_send_nothing_twice(
    told: Told, run: WorkflowRun, reviewer: User, sweeper: Sweep
) -> None:
    for number in range(12):
        opened(a_requirement(run, path=f"step {number}"))
    derive()
    other = Sweep()
    sweeper.couriers.call(), other.couriers.call()

    assert sweeper.couriers.wait(20)
    assert other.couriers.wait(20)
    assert sorted(message.id for _person, message in told.sent) == sorted(
        Dispatch.objects.filter(status="sent").values_list("pk", flat=True)
    )
    assert len(told.sent) == 12


def test_what_is_old_is_forgotten_with_what_was_sent_of_it(
    told: Told, requirement: Requirement, reviewer: User, sweeper: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(requirement)
    derive()
    outbox.try_out(reviewer, "told")
    long_ago = timezone.now() - timedelta(days=91)
    Note.objects.update(created_at=long_ago)
    Dispatch.objects.update(created_at=long_ago, status="sent")
    monkeypatch.setattr(sweeping, "PRUNE_EVERY", 0.0)
    sweeper()

    assert not Note.objects.exists()
    assert not Dispatch.objects.exists()
