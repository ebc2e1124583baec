"""What waits at a server is asked here once, and no more when it waits no more."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.adapters.bringing import LEASE, look_at
from hitl_portal.adapters.far import Busy, Trouble
from hitl_portal.adapters.models import Pause, Report, Server
from tests.hitl_portal.adapters.conftest import PAY, Played, Say, Wait
from tests.hitl_portal.conftest import SignIn
from workflows.models import Requirement, Workflow

pytestmark = pytest.mark.django_db


class Odd:
    """Data that says nothing."""

    def __str__(self) -> str:
        raise ValueError


def test_what_waits_is_asked_once(server: Server, waits: Wait) -> None:
    waits("one")
    assert [look_at(server), look_at(server)] == [1, 0]
    row = Requirement.objects.get()
    assert (row.message, row.run.source, row.run.requested_by) == ("Pay 5?", "adapter:clerks", None)


def test_several_questions_are_one_pause(server: Server, waits: Wait) -> None:
    waits("one", PAY, PAY | {"message": "Pay 6?"})
    look_at(server)
    spots = [one.spot for one in Pause.objects.get().questions.all()]
    assert (spots, Requirement.objects.count()) == (["call-0", "call-1"], 2)


def test_what_waits_no_more_is_asked_no_more(server: Server, waits: Wait, played: Played) -> None:
    waits("one")
    look_at(server)
    played.runs.clear()
    look_at(server)
    row = Requirement.objects.get()
    assert (row.status, row.run.outcome) == ("withdrawn", "Cancelled by clerks: it no longer waits there")
    assert Pause.objects.get().status == "elsewhere"


def test_another_pause_of_the_run_takes_the_place_of_the_first(server: Server, waits: Wait) -> None:
    waits("one")
    look_at(server)
    waits("one", PAY | {"message": "Pay 4?"}, mark="2")
    look_at(server)
    assert [row.message for row in Requirement.objects.open()] == ["Pay 4?"]


def test_the_policy_of_the_server_counts_and_no_other(server: Server, waits: Wait) -> None:
    Server.objects.update(policy={"deciders": "finance"})
    waits("one", PAY | {"policy": {"deciders": "everybody"}})
    look_at(Server.objects.get())
    assert Requirement.objects.get().policy["deciders"]["groups"] == ["finance"]


def test_only_what_is_admitted_is_brought_in(server: Server, waits: Wait) -> None:
    Server.objects.update(places=["team/office"])
    waits("one")
    waits("two", place="team/office")
    Report.objects.create(server=server, place="agent/clerk", far_run="one")
    assert look_at(Server.objects.get()) == 1
    assert Pause.objects.get().far_run == "two"


def test_what_was_reported_is_looked_at(server: Server, waits: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    waits("one")
    monkeypatch.setattr(Played, "search", lambda *_: [])
    Report.objects.create(server=server, place="agent/clerk", far_run="one")
    assert look_at(server) == 1
    assert not Report.objects.exists()


def test_a_run_that_is_busy_is_left_alone(server: Server, waits: Wait, played: Played) -> None:
    waits("one")
    look_at(server)
    played.troubles = [Busy("It is busy")]
    look_at(server)
    assert Requirement.objects.get().is_open


def test_one_that_cannot_be_read_does_not_hide_the_others(
    server: Server, waits: Wait, played: Played
) -> None:
    waits("one")
    waits("two")
    played.troubles = [TypeError("no list")]
    assert look_at(server) == 1
    server.refresh_from_db()
    assert server.problem == "agent/clerk one cannot be read: TypeError"
    assert server.seen_until is None


def test_a_list_that_cannot_be_read_is_said_and_looked_at_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: Any) -> list[Any]:
        raise AttributeError("'str' object has no attribute 'get'")

    monkeypatch.setattr(Played, "search", unreadable)
    assert look_at(server) == 0
    server.refresh_from_db()
    assert server.problem == "What it answers cannot be read: AttributeError"
    assert (server.seen_until, server.next_look_at < timezone.now() + LEASE) == (None, True)


def test_a_question_that_cannot_be_kept_does_not_hide_the_others(server: Server, waits: Wait) -> None:
    waits("one", PAY | {"message": Odd()})
    waits("two")
    assert look_at(server) == 1
    server.refresh_from_db()
    assert server.problem == "agent/clerk one cannot be read: ValueError"


def test_a_server_that_is_away_is_looked_at_again(server: Server, waits: Wait, played: Played) -> None:
    waits("one")
    look_at(server)
    played.troubles = [Trouble("No answer within 10 s")]
    look_at(server)
    server.refresh_from_db()
    assert (server.problem, Requirement.objects.get().is_open) == ("No answer within 10 s", True)
    look_at(server)
    server.refresh_from_db()
    assert (server.problem, server.seen_until is None) == ("", False)


def test_where_questions_are_switched_off_the_server_says_so(server: Server, waits: Wait) -> None:
    waits("one")
    look_at(server)
    Workflow.objects.update(enabled=False)
    waits("two")
    look_at(server)
    server.refresh_from_db()
    assert "switched off" in server.problem


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "nothing", "message": "?"},
        {"kind": "route", "message": "?", "choices": []},
        {"kind": "tool_confirmation", "message": "?", "tool": {"name": "", "args": {}}},
        {"kind": "confirmation", "message": "?", "unknown": 1},
        {"kind": "confirmation", "message": ""},
        {"kind": "user_input", "message": "?", "fields": [{"name": "a", "pattern": "("}]},
    ],
)
def test_what_cannot_be_asked_is_shown_as_it_is(
    server: Server, waits: Wait, as_: SignIn, reviewer: User, said: dict[str, Any]
) -> None:
    waits("one", said)
    look_at(server)
    row = Requirement.objects.get()
    assert row.kind == "confirmation"
    assert as_(reviewer).get(f"/requirements/{row.pk}/").status_code == 200


def test_words_of_a_model_stay_words(server: Server, waits: Wait, as_: SignIn, reviewer: User) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    tool = {"name": hostile, "args": {hostile: hostile}, "who": hostile, "description": hostile}
    waits("one", {"kind": "tool_confirmation", "message": hostile, "tool": tool})
    look_at(server)
    page = as_(reviewer).get(f"/requirements/{Requirement.objects.get().pk}/").content.decode()
    assert "<script>alert" not in page
    assert "\u202e" not in page.partition("<h2>")[2].partition("</h2>")[0]


def test_an_answer_that_comes_to_nothing_is_told(
    server: Server, waits: Wait, played: Played, say: Say
) -> None:
    waits("one")
    look_at(server)
    say("approve")
    played.runs.clear()
    look_at(server)
    run = Requirement.objects.get().run
    assert run.events.filter(type="AnswerNotTaken").count() == 1
