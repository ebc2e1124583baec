"""The client asks, waits, and tells what was refused; against the portal itself, over its ASGI application."""

import asyncio
import inspect
import subprocess
import sys
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from hitl_portal.api.listening import _listening
from hitl_portal.asgi import application
from hitl_portal.client import AsyncPortal, NotAnswered, Portal, PortalError
from tests.hitl_portal.api.conftest import token_of
from tests.hitl_portal.serving import CuttingProxy, nothing_left_open, served
from tests.waiting import eventually
from workflows.models import Requirement, Workflow
from workflows.services import Actor, cancel_run, resolve
from workflows.types import Action, Answer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def token(requester: User) -> str:
    return token_of(requester, "read", "start")


@pytest.fixture
async def portal(token: str) -> Any:
    """Give a client that reaches the application without a socket."""
    http = httpx.AsyncClient(transport=httpx.ASGITransport(application))
    async with AsyncPortal("http://localhost:8000", token, http=http) as made:
        yield made
    await nothing_left_open()


def say(action: str, person: User, **said: Any) -> None:
    row = Requirement.objects.get()
    resolve(row.pk, revision=1, answer=Answer(action=Action(action), **said), actor=Actor.of(person, "api"))


def end(person: User) -> None:
    cancel_run(Requirement.objects.get().run_id, actor=Actor.of(person))


async def test_it_asks_and_gets_the_answer(portal: AsyncPortal, reviewer: User) -> None:
    asked = await portal.ask("Pay?", title="Refund", wait=False)
    assert (asked.status, asked.answer) == ("open", None)
    await sync_to_async(say)("approve", reviewer, feedback="Fine.")
    answer = await portal.answer(asked)
    assert (answer.approved, answer.feedback, answer.decided_by) == (True, "Fine.", "reviewer")


async def test_a_form_comes_back_filled_in(portal: AsyncPortal, reviewer: User) -> None:
    fields = [{"name": "amount", "field_type": "int"}]
    asked = await portal.ask("How much?", kind="user_input", fields=fields, wait=False)
    await sync_to_async(say)("approve", reviewer, values={"amount": 7})
    assert (await portal.answer(asked.requirement_id)).values == {"amount": 7}


async def test_patience_ends(portal: AsyncPortal) -> None:
    with pytest.raises(TimeoutError):
        await portal.ask("Pay?", within=0.0)
    assert await Requirement.objects.acount() == 1


async def test_what_nobody_answers_any_more_is_told(portal: AsyncPortal, requester: User) -> None:
    asked = await portal.ask("Pay?", wait=False)
    await sync_to_async(end)(requester)
    with pytest.raises(NotAnswered):
        await portal.answer(asked)


async def test_the_same_key_asks_once(portal: AsyncPortal) -> None:
    first, again = [await portal.ask("Pay?", key="order 7", wait=False) for _ in range(2)]
    assert first == again


async def test_a_refusal_says_its_kind(portal: AsyncPortal) -> None:
    with pytest.raises(PortalError) as refused:
        await portal.ask("Which?", kind="route", wait=False)
    assert (refused.value.status, refused.value.kind) == (422, "validation")


async def test_it_starts_runs(portal: AsyncPortal) -> None:
    await Workflow.objects.acreate(name="refund", title="Refund", fingerprint="f", outline={})
    started = await portal.start("refund", {"order_id": 7})
    assert (await portal.run(started["run_id"]))["status"] == "PENDING"


async def test_a_wait_outlives_a_proxy_that_cuts_it(token: str, reviewer: User) -> None:
    async with served() as port:
        proxy = CuttingProxy(port)
        async with proxy.listening() as before, AsyncPortal(f"http://localhost:{before}", token) as portal:
            asked = await portal.ask("Pay?", wait=False)
            waiting = asyncio.create_task(portal.answer(asked))
            for _ in range(2):
                await asyncio.to_thread(eventually, lambda: _listening.total() == 1)
                proxy.cut()
                await asyncio.to_thread(eventually, lambda: _listening.total() == 0)
            await sync_to_async(say)("approve", reviewer)
            assert (await waiting).approved


def test_blocking_is_the_same(live_server: Any, token: str, reviewer: User) -> None:
    with Portal(live_server.url, token) as portal:
        asked = portal.ask("Pay?", wait=False)
        say("reject", reviewer, feedback="Too much.")
        assert not portal.answer(asked).approved
        assert portal.look(asked).status == "decided"


def test_it_works_where_there_is_no_django() -> None:
    code = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"django", "workflows", "ninja", "channels", "pydantic"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from hitl_portal.client import AsyncPortal, Portal
with Portal("http://localhost:9", "hitl_x") as portal:
    assert portal.ask and AsyncPortal.ask
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_both_clients_offer_the_same() -> None:
    def offered(kind: type) -> dict[str, list[str]]:
        found = {name: getattr(kind, name) for name in vars(kind) if not name.startswith("_")}
        return {name: list(inspect.signature(each).parameters) for name, each in found.items()}

    assert offered(Portal) == offered(AsyncPortal)
