"""What was decided is told over there once, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from hitl_portal.adapters.answering import again, deliver, prune, settle
from hitl_portal.adapters.bringing import look_at
from hitl_portal.adapters.far import Busy, Trouble
from hitl_portal.adapters.models import Pause, Server
from hitl_portal.adapters.sweeping import Looks, Replies, Sweep
from tests.hitl_portal.adapters.conftest import PAY, Played, Say, Wait
from workflows.models import Requirement, RunEvent
from workflows.services import SCRIPT_CHANNEL, Actor, cancel_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(server: Server, waits: Wait, say: Say) -> None:
    """Bring one pause in and decide it."""
    waits("one")
    look_at(server)
    say("approve")
    assert settle() == 1


def carry() -> Pause:
    """Answer what is due, and give it as it stands."""
    Pause.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    claimed = Replies().claim(())
    assert claimed is not None
    deliver(claimed)
    return Pause.objects.get()


def told() -> list[str]:
    return list(RunEvent.objects.filter(type__startswith="Answer").values_list("type", flat=True))


def test_it_is_told_once(decided: None, played: Played) -> None:
    assert carry().status == "delivered"
    assert [answers["call-0"] for answers in played.answers] == [{"action": "approve"}]
    assert told() == ["AnswerDelivered"]
    assert Replies().claim(()) is None


def test_nothing_is_due_before_all_is_answered(server: Server, waits: Wait, say: Say, played: Played) -> None:
    waits("one", PAY, PAY)
    look_at(server)
    say("approve")
    assert settle() == 0
    say("reject", feedback="No.")
    assert settle() == 1
    carry()
    assert [answer["action"] for answer in played.answers[0].values() if answer] == ["approve", "reject"]


def test_a_question_that_has_ended_is_told_as_no_answer(server: Server, waits: Wait, played: Played) -> None:
    waits("one")
    look_at(server)
    cancel_run(Requirement.objects.get().run_id, actor=Actor(name="admin", channel=SCRIPT_CHANNEL))
    settle()
    carry()
    assert played.answers == [{"call-0": None}]


def test_who_was_faster_over_there_has_decided(decided: None, played: Played) -> None:
    played.runs.clear()
    assert carry().status == "elsewhere"
    assert (played.answers, told()) == ([], ["AnswerNotTaken"])


def test_an_answer_that_may_have_arrived_is_looked_for_before_it_is_sent_again(
    decided: None, played: Played
) -> None:
    played.troubles = [None, Trouble("No answer within 15 s")]
    pause = carry()
    assert (pause.status, pause.problem) == ("due", "No answer within 15 s")
    assert pause.next_try_at is not None
    assert pause.next_try_at > timezone.now() + timedelta(seconds=25)
    assert carry().status == "delivered"
    assert len(played.answers) == 1


def test_one_that_has_not_arrived_is_sent_again(decided: None, played: Played) -> None:
    played.lasts, played.troubles = True, [None, Trouble("connection refused")]
    carry()
    assert (carry().status, len(played.answers)) == ("delivered", 2)


def test_a_refusal_was_not_taken(decided: None, played: Played) -> None:
    """Who waits no more after that was answered by somebody else."""
    played.troubles = [None, Trouble("409: busy", 409)]
    assert carry().sent_at is None
    assert carry().status == "elsewhere"


def test_a_server_that_is_busy_is_told_later(decided: None, played: Played) -> None:
    played.troubles = [Busy("It is busy")]
    assert carry().status == "due"
    assert carry().status == "delivered"


def test_what_is_refused_for_good_is_given_up_until_an_admin_tries_again(
    decided: None, played: Played
) -> None:
    played.lasts, played.troubles = True, [None, Trouble("422: no such tool", 422)]
    pause = carry()
    assert (pause.status, pause.problem, told()) == ("failed", "422: no such tool", ["AnswerNotTaken"])
    assert again(pause)
    assert not again(pause)
    assert carry().status == "delivered"


def test_who_is_late_reports_nothing(decided: None) -> None:
    late = Replies().claim(())
    assert late is not None
    carry()
    late.sent_at = None
    deliver(late)
    assert told() == ["AnswerDelivered"]


def test_what_ended_long_ago_is_forgotten_and_its_run_is_not(decided: None) -> None:
    carry()
    now = timezone.now()
    assert prune(now + timedelta(days=29)) == 0
    assert prune(now + timedelta(days=31)) > 0
    assert not Pause.objects.exists()
    assert Requirement.objects.exists()


def test_a_sweep_looks_and_answers(server: Server, waits: Wait, say: Say, played: Played) -> None:
    """Both by couriers; here they are called by hand, where threads would have another database."""
    waits("one")
    looks = Looks()
    found = looks.claim(())
    assert found is not None
    assert looks.claim(()) is None
    looks.carry(found)
    say("approve")
    settle()
    assert (Replies().waiting((), 8), Replies().waiting((server.pk,), 8)) == (1, 0)
    carry()
    assert len(played.answers) == 1


def test_without_servers_a_sweep_costs_one_query(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Server.objects.all().delete()
    with django_assert_num_queries(1):
        Sweep()()
