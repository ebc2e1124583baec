"""What is told: when nobody can undo it, with names, ids and links, and never contents."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.outbound.deriving import derive
from hitl_portal.outbound.models import Delivery, EventType
from hitl_portal.outbound.telling import MOST_BYTES, OPENING, body_of
from tests.hitl_portal.outbound.conftest import MakeEndpoint
from tests.rows import a_requirement, a_run, an_event
from tests.workflows.driving import a_flow, decide, drive_only, overdue, paused, started, work
from tests.workflows.engine.runs import Recorder
from workflows import HumanReview, OnTimeout, Step, Workflow, services
from workflows.engine.machine import OPENED
from workflows.models import Requirement
from workflows.services import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def listening(endpoint: MakeEndpoint) -> None:
    """Have an endpoint that is told of everything."""
    endpoint()


@pytest.fixture
def gate() -> Workflow:
    review = HumanReview(
        requires_confirmation=True,
        confirmation_message="Pay 4711 to the canary?",
        timeout=3600,
        on_timeout=OnTimeout.approve,
    )
    return a_flow(Step("act", Recorder().returning("canary", name="act"), human_review=review), id="gate")


def told() -> Iterator[dict[str, Any]]:
    """What was put into the outbox, in order."""
    derive()
    for delivery in Delivery.objects.order_by("event"):
        yield json.loads(delivery.body)


def types() -> list[str]:
    return [message["type"] for message in told()]


def test_a_run_is_told_from_its_start_to_its_end(gate: Workflow, reviewer: User) -> None:
    decide(paused(gate, {"card": "canary"}), reviewer, feedback="canary")
    work(gate)

    assert types() == [
        "run.started",
        "requirement.opened",
        "run.paused",
        "requirement.decided",
        "run.completed",
    ]
    assert "canary" not in "".join(Delivery.objects.values_list("body", flat=True))


def test_a_message_has_names_ids_and_links(gate: Workflow, reviewer: User, settings: LazySettings) -> None:
    settings.HITL_PUBLIC_URL = "https://hitl.example"
    requirement = paused(gate)
    decision = decide(requirement, reviewer)
    message = list(told())[-1]

    assert message.keys() == {"type", "timestamp", "data"}
    assert message["timestamp"].endswith("Z")
    assert message["data"]["run"] == {
        "id": str(requirement.run_id),
        "url": f"https://hitl.example/runs/{requirement.run_id}/",
        "workflow": {"name": "gate", "title": requirement.run.workflow.title},
    }
    assert message["data"]["requirement"] == {
        "id": str(requirement.pk),
        "url": f"https://hitl.example/requirements/{requirement.pk}/",
        "kind": "confirmation",
        "step": "act",
        "path": "act",
    }
    said = message["data"]["decision"]
    assert (said["id"], said["by"], said["action"]) == (str(decision.pk), "reviewer", "approve")
    assert said.keys() == {"id", "by", "action", "revision", "channel", "decided_at"}


def test_a_decision_that_can_be_undone_is_not_told(
    gate: Workflow, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    requirement = paused(gate)
    decision = decide(requirement, reviewer)
    assert "requirement.decided" not in types()

    Requirement.objects.update(release_at=timezone.now())
    services.confirm_decisions(requirement.run_id)
    message = list(told())[-1]
    assert message["type"] == "requirement.decided"
    assert message["data"]["decision"]["id"] == str(decision.pk)
    assert message["data"]["decision"]["by"] == "reviewer"


def test_a_decision_that_was_undone_was_never_made(
    gate: Workflow, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    before = len([paused(gate), *types()])
    services.undo(decide(Requirement.objects.get(), reviewer).pk, actor=Actor.of(reviewer))

    assert len(types()) == before - 1


def test_the_second_decision_is_told_after_the_first_was_undone(
    gate: Workflow, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    requirement = paused(gate)
    services.undo(decide(requirement, reviewer, "reject").pk, actor=Actor.of(reviewer))
    requirement.refresh_from_db()
    decide(requirement, reviewer)
    Requirement.objects.update(release_at=timezone.now())
    services.confirm_decisions(requirement.run_id)

    assert [m["data"]["decision"]["action"] for m in told() if m["type"] == "requirement.decided"] == [
        "approve"
    ]


def test_silence_is_told_as_what_it_is(gate: Workflow) -> None:
    requirement = paused(gate)
    overdue(requirement)
    services.expire_overdue(requirement.run_id)

    assert types()[-1] == "requirement.expired"


def test_what_is_asked_anew_is_told_as_opened_again(gate: Workflow, reviewer: User) -> None:
    requirement = paused(gate)
    decide(requirement, reviewer)
    reviewer.groups.clear()
    services.confirm_decisions(requirement.run_id)

    assert types()[-1] == "requirement.opened"


def test_the_end_by_a_person_is_told(gate: Workflow, admin: User) -> None:
    services.cancel_run(started(gate).pk, actor=Actor.of(admin))

    assert types() == ["run.cancelled"]


def test_a_failure_is_told_without_its_words() -> None:
    def broken(step_input: Any) -> str:
        raise ValueError("canary")

    flow = a_flow(Step("act", broken, max_retries=0, on_error="fail"), id="broken")
    drive_only(started(flow), flow)

    assert types() == ["run.started", "run.failed"]
    assert "canary" not in Delivery.objects.get(type="run.failed").body


def test_the_engines_words_for_opening_are_all_known() -> None:
    assert {"StepPaused", *OPENED.values(), "RequirementReopened"} == set(OPENING)


def test_the_longest_names_make_no_message_too_long() -> None:
    run = a_run()
    run.workflow.title = run.workflow.name = "\N{GRINNING FACE}" * 200
    requirement = a_requirement(run, path="\N{GRINNING FACE}" * 1000, step_name="\N{GRINNING FACE}" * 200)
    requirement.run = run
    data = {"on_behalf_of": "x" * 150, "action": "approve", "revision": 1, "digest": "f" * 64}
    event = an_event(run, type="RequirementDecided", requirement=requirement, actor="x" * 200, data=data)
    event.run, event.requirement = run, requirement

    assert len(body_of(event, EventType.DECIDED, {}).encode()) < MOST_BYTES
