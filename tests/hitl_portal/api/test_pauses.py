"""A program tells of a run that waits elsewhere."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.adapters.models import Report, Server, Speaks
from hitl_portal.api import pauses
from tests.hitl_portal.api.conftest import Call, is_problem

TOLD = {"server": "clerks", "place": "agent/clerk", "run": "1", "session": "s"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(db: None) -> Server:
    later = timezone.now() + timedelta(hours=1)
    return Server.objects.create(
        name="clerks",
        speaks=Speaks.AGNO,
        url="https://agno.example",
        places=["agent/clerk"],
        next_look_at=later,
    )


def test_it_is_looked_at_next(call: Call, requester: User, server: Server) -> None:
    answers = [call(requester, "/pauses", json=TOLD) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    report = Report.objects.get()
    assert (report.server, report.place, report.far_run, report.session) == (server, "agent/clerk", "1", "s")
    server.refresh_from_db()
    assert server.next_look_at <= timezone.now()


@pytest.mark.parametrize("place", ["agent/payer", "clerk", "agent/"])
def test_only_of_what_the_server_was_registered_for(
    call: Call, requester: User, server: Server, place: str
) -> None:
    assert is_problem(call(requester, "/pauses", json=TOLD | {"place": place}), 422, "validation")


def test_a_server_that_is_off_is_none(call: Call, requester: User, server: Server) -> None:
    Server.objects.update(enabled=False)
    assert is_problem(call(requester, "/pauses", json=TOLD), 404, "not-found")


def test_nobody_floods_it(
    call: Call, requester: User, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "MOST_WAITING", 1)
    call(requester, "/pauses", json=TOLD)
    assert is_problem(call(requester, "/pauses", json=TOLD | {"run": "2"}), 429, "too-many")
