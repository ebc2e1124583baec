"""The card of an error: what failed, each time, what people said to it, and what the step was given."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.inbox.asked_again import asked, rejected
from workflows.models import Requirement, StepRecord, Value, WorkflowRun
from workflows.types import Action


def failed(run: WorkflowRun, number: int, message: str, **fields: Any) -> Requirement:
    error = {"type": "TimeoutError", "message": message}
    return asked(run, number, "error", key=f"error:0.{number - 1}", error=error, **fields)


def remembered(run: WorkflowRun, path: str = "pay", **messages: str) -> None:
    """What the step's own record has of its calls: `_0_1_2` is the third try of the second series."""
    memo = {
        f"call:{key.strip('_').replace('_', '.')}": {"failure": ["TimeoutError", message, False, False]}
        for key, message in messages.items()
    }
    StepRecord.objects.create(
        run=run, path=path, name=path, kind="Step", memo=memo, tries=len(memo), started_at=timezone.now()
    )


def page(as_: SignIn, person: User, requirement: Requirement) -> str:
    found = as_(person).get(f"/requirements/{requirement.id}/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_it_lists_every_try_and_who_let_it_be_tried_again(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    rejected(failed(run, 1, "second"), reviewer, action=Action.retry)
    remembered(run, _0_0_0="first", _0_0_1="second", _0_1_0="third")
    found = page(as_, reviewer, failed(run, 2, "third"))
    places = [found.index(part) for part in ("Tried 3 times", "first", "reviewer tried again")]
    assert places == sorted(places)
    assert found.rindex("second") < places[-1] < found.rindex("third")


def test_it_says_how_often_a_call_was_cut_off(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    remembered(run, _0_0_0="died")
    StepRecord.objects.filter(run=run).update(tries=0, memo={"interruptions": 3})
    found = page(as_, reviewer, failed(run, 1, "died", idempotency_key="run:pay:1"))
    assert "Tried 3 times." in found
    assert "by its idempotency key: run:pay:1" in found


def test_what_the_step_has_forgotten_is_known_from_the_questions(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    rejected(failed(run, 1, "no answer"), reviewer, action=Action.retry)
    found = page(as_, reviewer, failed(run, 2, "no route"))
    assert "Tried 2 times" in found
    assert found.index("TimeoutError no answer") < found.rindex("TimeoutError no route")


def test_where_a_container_asks_the_tries_are_those_of_the_step_inside(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    remembered(run, "group/inner", _0_0_0="first", _0_0_1="second")
    error = {"type": "TimeoutError", "message": "second"}
    requirement = asked(run, 1, "error", path="group", key="error:group/inner:0", error=error)
    assert "Tried 2 times" in page(as_, reviewer, requirement)


def test_it_shows_what_the_step_was_given(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    found = page(as_, reviewer, failed(run, 1, "no answer", content="the address of the bank"))
    assert "the address of the bank" in found
    assert "249.5" in found
    assert "Try again" in found
    assert "Skip the step" in found


def test_of_a_tool_that_was_cut_off_it_shows_the_arguments(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    said = {"content": "", "calls": [{"name": "pay", "args": {"iban": "X-9"}, "place": "2.0:pay"}]}
    Value.objects.create(run=run, path="answer", slot="turn:2", data=json.dumps(said))
    requirement = failed(run, 1, "was cut off", path="answer/2.0:pay")
    found = page(as_, reviewer, requirement)
    assert "What the tool was used with" in found
    assert "X-9" in found


def test_of_many_tries_the_newest_are_listed(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    remembered(run, **{f"_0_0_{number}": f"failure {number}." for number in range(50)})
    found = page(as_, reviewer, failed(run, 1, "failure 49."))
    assert "Tried 50 times" in found
    assert "30 earlier ones are not listed." in found
    assert "failure 29." not in found
    assert "failure 30." in found


def test_hostile_errors_are_inert(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    rejected(failed(run, 1, hostile), reviewer, hostile, action=Action.retry)
    found = as_(reviewer).get(f"/requirements/{failed(run, 2, hostile).id}/").content.decode()
    assert "<script>alert" not in found
    assert "\u202e" not in found


@pytest.mark.parametrize("times", [2, 60])
def test_it_takes_twelve_queries_however_often_it_failed(
    as_: SignIn, run: WorkflowRun, reviewer: User, django_assert_max_num_queries: Any, times: int
) -> None:
    for number in range(1, times):
        rejected(failed(run, number, "no answer"), reviewer, action=Action.retry)
    remembered(run, **{f"_0_{number}_0": "no answer" for number in range(times)})
    newest, client = failed(run, times, "no answer", content="a"), as_(reviewer)
    with django_assert_max_num_queries(12):
        client.get(f"/requirements/{newest.id}/")
