"""Bodies: what is too long is refused before it is read, announced or in pieces, to programs and to people."""

import asyncio
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.asgi import application
from hitl_portal.bodies import bounded
from tests.hitl_portal.api.conftest import is_problem, token_of
from tests.hitl_portal.conftest import SignIn

MOST = 1000


@pytest.fixture(autouse=True)
def little(settings: Any) -> None:
    settings.HITL_MAX_BODY_BYTES = MOST


class Sender:
    """Sends a body in pieces, as a server would hand it on, and hears the answer."""

    def __init__(self, *pieces: bytes, length: int | None = None, path: str = "/api/v1/requirements") -> None:
        self.pieces, self.sent, self.answer = pieces, 0, b""
        self.status = 0
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        headers += [(b"content-length", str(length).encode())] if length is not None else []
        self.scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}

    async def receive(self) -> dict[str, Any]:
        if self.sent == len(self.pieces):
            await asyncio.Event().wait()  # the connection stays open
        self.sent += 1
        has_more = self.sent < len(self.pieces)
        return {"type": "http.request", "body": self.pieces[self.sent - 1], "more_body": has_more}

    async def send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.answer += message.get("body", b"")


async def _read(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads all that it gets."""
    while (message := await receive())["type"] == "http.request":
        await send({"type": "http.response.body", "body": message["body"]})
        if not message.get("more_body"):
            return


async def test_what_is_announced_as_too_long_is_not_read_at_all() -> None:
    sender = Sender(b"x" * MOST, b"x", length=MOST + 1)
    await bounded(_read)(sender.scope, sender.receive, sender.send)
    assert (sender.sent, sender.answer) == (0, b"")


async def test_what_comes_in_pieces_is_read_until_it_is_too_long() -> None:
    sender = Sender(*[b"x" * 400] * 10)
    await bounded(_read)(sender.scope, sender.receive, sender.send)
    assert (sender.sent, len(sender.answer)) == (3, 800)


async def test_what_is_shorter_than_announced_is_no_way_around() -> None:
    sender = Sender(*[b"x" * 400] * 10, length=10)
    await bounded(_read)(sender.scope, sender.receive, sender.send)
    assert len(sender.answer) == 800


async def test_a_body_of_just_the_length_is_read() -> None:
    sender = Sender(b"x" * MOST, length=MOST)
    await bounded(_read)(sender.scope, sender.receive, sender.send)
    assert len(sender.answer) == MOST


@pytest.mark.django_db(transaction=True)
async def test_the_portal_answers_what_it_has_cut_off() -> None:
    sender = Sender(*[b" " * 400] * 10)
    await application(sender.scope, sender.receive, sender.send)
    assert (sender.status, json.loads(sender.answer)["type"]) == (413, "urn:hitl-portal:problem:too-large")


@pytest.mark.parametrize(
    "address", ["/api/v1/requirements", "/api/v1/runs", "/hooks/shop", "/api/v1/nothing"]
)
@pytest.mark.django_db
def test_programs_are_told_by_a_problem(address: str, requester: User) -> None:
    token = {"Authorization": f"Bearer {token_of(requester, 'start')}"}
    answer = Client().post(address, b"x" * (MOST + 1), content_type="application/json", headers=token)
    assert is_problem(answer, 413, "too-large")


def test_people_are_told_on_a_page(as_: SignIn, requester: User) -> None:
    answer = as_(requester).post("/tokens/", {"name": "x" * MOST})
    assert answer.status_code == 413
    assert "choose smaller files" in answer.content.decode()


@pytest.mark.parametrize("said", ["-1", "1e9", "²", "9" * 30, ""])
@pytest.mark.django_db
def test_a_length_without_sense_breaks_nothing(said: str) -> None:
    answer = Client(raise_request_exception=False).post(
        "/api/v1/runs", b"{}", content_type="application/json", headers={"Content-Length": said}
    )
    assert answer.status_code in (400, 401, 413)
