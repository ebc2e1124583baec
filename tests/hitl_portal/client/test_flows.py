"""What is sent again and what is not: the flows by themselves, without a portal and without waiting."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hitl_portal.client import PortalError, flows
from hitl_portal.client.flows import Back, Call, Flow, Pause

QUESTION = "018f2f6e-5d02-7b6c-8c1e-0a9d4e2f7b10"
ANSWER = {
    "action": "approve",
    "approved": True,
    "feedback": "",
    "values": {},
    "choices": [],
    "content": None,
    "decided_by": "reviewer",
    "decided_at": "2026-11-21T09:30:00+00:00",
}
CUT = httpx.RemoteProtocolError("Server disconnected without sending a response.")
AWAY = httpx.ConnectError("Connection refused")
BAD_GATEWAY = httpx.Response(502, text="<html>")


def told(status: str = "open", answer: Any = None) -> httpx.Response:
    of = {"requirement_id": QUESTION, "run_id": "7", "revision": 1, "url": "https://hitl.example.org/"}
    return httpx.Response(200, json=of | {"status": status, "answer": answer})


class Clock:
    """A time that only pauses move."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(flows, "time", clock)
    return clock


def drive(flow: Flow[Any], clock: Clock, backs: Iterator[Back]) -> tuple[Any, list[Call], list[float]]:
    """What a flow returns, what it has sent, and its pauses."""
    sent: list[Call] = []
    pauses: list[float] = []
    back: Back = None
    try:
        while True:
            step = flow.send(back)
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                clock.now += step.seconds
                back = None
            else:
                sent.append(step)
                back = next(backs)
    except StopIteration as end:
        return end.value, sent, pauses


def always(back: Back) -> Iterator[Back]:
    while True:
        yield back


@pytest.mark.parametrize("back", [CUT, AWAY, BAD_GATEWAY, httpx.Response(503), httpx.Response(504)])
def test_a_wait_goes_on_where_the_line_was_cut(clock: Clock, back: Back) -> None:
    backs = iter([told(), back, back, told("decided", ANSWER)])
    answer, sent, pauses = drive(flows.answered(QUESTION, None), clock, backs)
    assert (answer.approved, len(sent), pauses) == (True, 4, [0.25, 0.5])


def test_a_wait_outlives_minutes_without_a_portal_and_not_for_ever(clock: Clock) -> None:
    began = clock.now
    with pytest.raises(httpx.ConnectError):
        drive(flows.answered(QUESTION, None), clock, always(AWAY))
    assert 240 < clock.now - began <= 300


def test_no_wait_goes_on_after_its_end(clock: Clock) -> None:
    began = clock.now
    with pytest.raises(httpx.ConnectError):
        drive(flows.answered(QUESTION, 20), clock, always(AWAY))
    assert clock.now - began <= 20


def test_what_somebody_waits_for_is_tried_for_seconds(clock: Clock) -> None:
    began = clock.now
    with pytest.raises(httpx.ConnectError):
        drive(flows.run_of("7"), clock, always(AWAY))
    assert 4 < clock.now - began <= 8


@pytest.mark.parametrize("back", [CUT, BAD_GATEWAY])
def test_asking_and_starting_are_sent_again_with_the_same_key(clock: Clock, back: Back) -> None:
    for flow in (flows.asked({"message": "Pay?"}, None), flows.started({"workflow": "refund"}, None)):
        _, sent, _ = drive(flow, clock, iter([back, back, told()]))
        assert len(sent) == 3
        assert len({call.headers["Idempotency-Key"] for call in sent}) == 1


def test_what_has_no_key_is_sent_once(clock: Clock) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        drive(flows.withdrawn(QUESTION), clock, iter([CUT]))
    with pytest.raises(PortalError):
        drive(flows.withdrawn(QUESTION), clock, iter([BAD_GATEWAY]))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_a_refusal_is_an_answer(clock: Clock, status: int) -> None:
    with pytest.raises(PortalError):
        drive(flows.run_of("7"), clock, iter([httpx.Response(status)]))


def test_a_portal_that_names_a_time_is_given_it(clock: Clock) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "5"})
    _, _, pauses = drive(flows.asked({"message": "Pay?"}, "k"), clock, iter([busy, told()]))
    assert pauses == [5.0]
    later = httpx.Response(429, headers={"Retry-After": "50"})
    with pytest.raises(PortalError):
        drive(flows.asked({"message": "Pay?"}, "k"), clock, iter([later]))


@pytest.mark.parametrize("name", ["../approvals/7", "7?x=/decide", "7#", "a b", "%2e%2e", "é"])
def test_a_name_stays_one_part_of_the_address(clock: Clock, name: str) -> None:
    _, sent, _ = drive(flows.withdrawn(name), clock, iter([told()]))
    with httpx.Client(base_url="http://portal") as client:
        path = sent[0].request(client).url.raw_path.decode()
    assert path.count("/") == 5
    assert path.endswith("/withdraw")
