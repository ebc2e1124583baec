"""Every hostile text through every place that shows what others wrote: inert, and seen.

A new place is a function under `@place` that puts a text somewhere and gives back the page that shows it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, SignIn, happened, new_run
from tests.hitl_portal.tools import a_turn, a_use, ask_about_tool, call
from tests.hostile import HOSTILE, HUGE, MARK, assert_inert, deep, everywhere
from workflows.models import Requirement, Value, Workflow, WorkflowRun
from workflows.services import Actor, comment_on_requirement, resolve
from workflows.types import Action, Answer

pytestmark = pytest.mark.one_database

LIMIT = 60_000  # characters of a page, whatever somebody put into a value
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


@dataclass(kw_only=True)
class World:
    """What the places are made of."""

    as_: SignIn
    ask: Ask
    reviewer: User
    requester: User
    workflow: Workflow

    def run(self, **fields: Any) -> WorkflowRun:
        return new_run(self.workflow, self.requester, **fields)

    @cached_property
    def client(self) -> Client:
        return self.as_(self.reviewer)

    def read(self, address: str) -> str:
        response = self.client.get(address)
        assert response.status_code == 200, address
        return response.content.decode()

    def card(self, asked: Requirement) -> str:
        return self.read(f"/requirements/{asked.id}/")


Place = Callable[[World, str], str]
PLACES: dict[str, Place] = {}


def place(make: Place) -> Place:
    PLACES[make.__name__] = make
    return make


def keep(run: WorkflowRun, path: str, slot: str, data: Any) -> Value:
    return Value.objects.create(run=run, path=path, slot=slot, data=json.dumps(data))


@pytest.fixture
def world(as_: SignIn, ask: Ask, reviewer: User, requester: User, workflow: Workflow) -> World:
    return World(as_=as_, ask=ask, reviewer=reviewer, requester=requester, workflow=workflow)


@place
def evidence(world: World, text: str) -> str:
    return world.card(world.ask(content=list(everywhere(text))))


@place
def evidence_text(world: World, text: str) -> str:
    return world.card(world.ask(content=text))


@place
def evidence_of_a_model(world: World, text: str) -> str:
    asked = world.ask("output_review", content="x")
    told = {"content": text, "executor_type": "agent", "step_name": text[:60], "error": text}
    Value.objects.filter(run=asked.run, path="check").update(data=json.dumps(told))
    return world.card(asked)


@place
def message(world: World, text: str) -> str:
    return world.card(
        world.ask("user_input", text, input_message=text, fields=[{"name": "a", "description": text}])
    )


@place
def headline_in_the_list(world: World, text: str) -> str:
    world.ask(message=text, run=world.run(summary=f"{MARK} {text}"[:180]))
    return world.read("/")


@place
def summary(world: World, text: str) -> str:
    return world.card(world.ask(run=world.run(summary=f"{MARK} {text}"[:180])))


@place
def routes(world: World, text: str) -> str:
    return world.card(world.ask("route", choices=[{"name": text[:150], "description": text}, {"name": "b"}]))


@place
def failure(world: World, text: str) -> str:
    return world.card(world.ask("error", "", error={"type": text, "message": text}))


@place
def tool(world: World, text: str) -> str:
    asked = ask_about_tool(
        world.ask, name=text[:150], args={"order": text, text: {text: text}}, description=text
    )
    a_turn(asked.run, "pay", 1, text)
    return world.card(asked)


@place
def questions_of_a_model(world: World, text: str) -> str:
    options = [{"label": f"{MARK} {text}"[:90], "description": text}, {"label": "b", "description": None}]
    asked = [{"question": text, "header": text[:40], "options": options, "multi_select": False}]
    return world.card(ask_about_tool(world.ask, "feedback", name="ask", questions=asked))


@place
def arguments_on_their_page(world: World, text: str) -> str:
    asked = ask_about_tool(world.ask, args={"order": text, text: 1})
    return world.read(f"/requirements/{asked.id}/asked/")


@place
def feedback(world: World, text: str) -> str:
    asked = world.ask()
    answer = Answer(action=Action.reject, feedback=text.replace("\0", ""))
    resolve(asked.id, revision=1, answer=answer, actor=Actor.of(world.reviewer))
    return world.card(asked) + world.read(f"/runs/{asked.run_id}/body/")


@place
def comment(world: World, text: str) -> str:
    asked = world.ask()
    comment_on_requirement(asked.id, text, actor=Actor.of(world.reviewer))
    return world.read(f"/comments/requirements/{asked.id}/")


@place
def run_page(world: World, text: str) -> str:
    run = world.run(status="COMPLETED", outcome=text, summary=f"{MARK} {text}"[:180])
    run.output = keep(run, "check", "call:0.0", {"content": list(everywhere(text)), "error": text})
    run.save()
    happened(run, "StepError", "pay", error=text)
    return world.read(f"/runs/{run.id}/")


@place
def transcript(world: World, text: str) -> str:
    run = world.run(status="COMPLETED")
    calls = [call(text[:150], "0.0:use", args={text: text, "b": [text]})]
    a_turn(run, "pay", 0, text, thinking=text, calls=calls, name=text[:150])
    a_use(run, "pay/0.0:use", {text: text})
    return world.read(f"/runs/{run.id}/")


@place
def whole_value(world: World, text: str) -> str:
    run = world.run()
    value = keep(run, "check", "x", {"content": list(everywhere(text)), "step_name": text})
    return world.read(f"/values/{value.id}/") + world.read(f"/runs/{run.id}/outputs/{value.id}/")


@place
def file_name(world: World, text: str) -> str:
    item = {"content": {"$type": "bytes", "value": PIXEL}, "filename": text, "mime_type": text}
    asked = world.ask(content=MARK)
    told = {"content": MARK, "images": [item], "files": [item]}
    Value.objects.filter(run=asked.run, path="check").update(data=json.dumps(told))
    return world.card(asked)


@pytest.mark.parametrize("name", PLACES)
def test_it_is_inert(world: World, name: str) -> None:
    for kind, text in HOSTILE.items():
        assert_inert(PLACES[name](world, text), f"{name}: {kind}")


@pytest.mark.parametrize("name", ["evidence", "evidence_text", "failure", "run_page", "file_name"])
def test_a_megabyte_does_not_blow_up_a_page(world: World, name: str) -> None:
    page = PLACES[name](world, HUGE)
    assert_inert(page, name)
    assert len(page) < LIMIT


def test_endless_data_does_not_blow_up_a_page(world: World) -> None:
    wide = [{f"key {number}": list(range(200)) for number in range(200)}] * 50
    page = world.card(world.ask(content=[MARK, wide, deep()]))
    assert_inert(page)
    assert len(page) < LIMIT


def test_templates_are_not_evaluated(world: World) -> None:
    for make in PLACES.values():
        assert "{{ 7|add:7 }}" in make(world, HOSTILE["template"]).replace("&#x27;", "'")
