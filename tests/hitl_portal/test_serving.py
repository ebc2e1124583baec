"""A request has one thread, from its begin to its end, and waits there for nothing of the event loop."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from hitl_portal import serving
from hitl_portal.serving import Pages

WITHIN = 10.0

seen: list[int] = []
begun, go, ended = threading.Event(), threading.Event(), threading.Event()


def here() -> None:
    seen.append(threading.get_ident())


def looking(get_response: Any) -> Any:
    """A middleware."""

    def answering(request: HttpRequest) -> HttpResponse:
        here()
        response: HttpResponse = get_response(request)
        here()
        return response

    return answering


def view(request: HttpRequest) -> HttpResponse:
    here()
    return HttpResponse("here")


def slow(request: HttpRequest) -> HttpResponse:
    begun.set()
    assert go.wait(WITHIN)
    return HttpResponse("at last")


def late(get_response: Any) -> Any:
    """A middleware that says when the view has come back to it."""

    def answering(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        ended.set()
        return response

    return answering


urlpatterns = [path("", view), path("slow/", slow)]


@pytest.fixture(autouse=True)
def portal(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [f"{__name__}.looking", f"{__name__}.late"]
    settings.ALLOWED_HOSTS = ["*"]
    yield
    seen.clear()
    for event in (begun, go, ended):
        event.clear()


async def asked(pages: Pages, path: str = "/") -> list[dict[str, Any]]:
    """What is sent back."""
    sent: list[dict[str, Any]] = []
    is_asked = False

    async def receive() -> dict[str, Any]:
        nonlocal is_asked
        if is_asked:
            await asyncio.Event().wait()
        is_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await pages(scope, receive, send)
    return sent


async def test_middleware_and_view_run_in_one_thread_that_is_used_again() -> None:
    pages = Pages()
    first, second = await asked(pages), await asked(pages)

    assert [message.get("status", message.get("body")) for message in first] == [200, b"here"]
    assert [message["type"] for message in second] == [message["type"] for message in first]
    assert len(seen) == 6
    assert len(set(seen)) == 1


async def test_requests_at_the_same_time_have_threads_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "KEPT", 1)
    pages = Pages()
    waiting = asyncio.create_task(asked(pages, "/slow/"))
    await asyncio.to_thread(begun.wait, WITHIN)
    await asked(pages)
    go.set()
    await waiting

    assert len(set(seen)) == 2
    assert len(pages._idle) == 1


def test_it_ends_though_the_loop_has_stopped() -> None:
    """Or else a web process that is told to stop would hang for as long as it may."""
    loop = asyncio.new_event_loop()
    pages = Pages()
    request = loop.create_task(asked(pages, "/slow/"))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    assert begun.wait(WITHIN)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    go.set()

    assert ended.wait(WITHIN)
    loop.run_until_complete(request)
    loop.close()
