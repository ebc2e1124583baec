"""The decision zone: what comes after each answer and after silence, who is needed besides, and until when it can be
undone."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.hitl_portal.conftest import Ask, SignIn, person
from tests.hitl_portal.outlines import nothing, outline_of, step
from workflows import Condition, HumanReview, Loop, Parallel, Router
from workflows.models import Requirement, Workflow
from workflows.policy import REVIEWERS
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

SHIP = step("ship", irreversible=True, risk="high")


@pytest.fixture
def zone(as_: SignIn, ask: Ask, workflow: Workflow, reviewer: User) -> Any:
    """Give the text of what stands below a button, for a question at a path of a workflow of these items."""

    def shown(*items: Any, path: str = "pay", kind: str = "confirmation", **asked: Any) -> str:
        workflow.outline = outline_of(*items)
        workflow.save()
        later = {name: asked.pop(name) for name in ("timeout_at", "policy") if name in asked}
        requirement = ask(kind, **asked)
        changes = {"path": path, "step_name": path.rpartition("/")[2]} | later
        Requirement.objects.filter(id=requirement.id).update(**changes)
        html = as_(reviewer).get(f"/requirements/{requirement.id}/").content.decode()
        found = html.partition('<div class="card-side">')[2].partition("<aside")[0]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())

    return shown


def test_it_names_what_runs_next_and_how_the_run_ends(zone: Any) -> None:
    text = zone(step("pay"), step("notify"))
    assert "What comes then: pay notify run completed" in text
    assert "What comes then: notify run completed" in text


def test_what_cannot_be_undone_is_marked(zone: Any) -> None:
    assert "ship (cannot be undone, high risk)" in zone(step("pay"), SHIP)


def test_what_cannot_be_undone_is_named_also_beyond_the_line(zone: Any) -> None:
    text = zone(step("pay"), *(step(f"s{number}") for number in range(5)), SHIP)
    assert "3 more run completed later: ship cannot be undone" in text


def test_it_ends_where_people_are_asked_again(zone: Any) -> None:
    text = zone(step("pay"), step("sign", requires_confirmation=True), step("file"))
    assert "pay people asked: approval of “sign”" in text
    assert "file" not in text


def test_what_a_function_decides_is_not_guessed(zone: Any) -> None:
    large = Condition(name="large", steps=[step("board")], else_steps=[SHIP], evaluator=nothing)
    text = zone(step("pay"), large)
    assert "“large” decides" in text
    assert "then “large” decides between if so “board” runs else “ship” runs" in text


def test_a_loop_and_branches_are_told(zone: Any) -> None:
    loop = Loop(name="refine", steps=[step("draft")], max_iterations=3)
    text = zone(step("pay"), loop, Parallel("sides", step("left"), step("right")))
    assert "refine, up to 3 times" in text
    assert "left ∥ right" in text


def test_people_who_are_asked_inside_a_branch_are_told(zone: Any) -> None:
    sides = Parallel("sides", step("left"), step("right", requires_confirmation=True))
    assert "left ∥ right people asked: approval of “right”" in zone(step("pay"), sides, step("end"))


def test_other_branches_are_waited_for(zone: Any) -> None:
    sides = Parallel("sides", step("left"), step("right", requires_confirmation=True))
    assert "right other branches end run completed" in zone(sides, step("end"), path="sides/right")


def test_each_route_tells_what_it_causes(zone: Any) -> None:
    way = Router(name="way", choices=[step("fast"), SHIP], requires_user_input=True)
    text = zone(
        way, path="way", kind="route", choices=[{"name": "fast"}, {"name": "ship"}], step_type="Router"
    )
    assert "What comes then: fast run completed" in text
    assert "What comes then: ship (cannot be undone, high risk) run completed" in text


def test_a_request_for_changes_says_that_it_is_asked_again(zone: Any) -> None:
    review = HumanReview(requires_output_review=True, on_reject="retry")
    asked = {"content": "a", "on_reject": "retry", "max_retries": 3, "retry_count": 0}
    text = zone(step("pay", human_review=review), kind="output_review", **asked)
    assert "pay people asked: review of “pay”" in text


def test_an_output_that_says_stop_ends_the_run(zone: Any, ask: Ask, as_: SignIn, reviewer: User) -> None:
    zone(step("pay"), step("notify"))
    requirement = ask("output_review", content="a")
    assert requirement.evidence is not None
    type(requirement.evidence).objects.update(data='{"content": "a", "stop": true}')
    html = as_(reviewer).get(f"/requirements/{requirement.id}/").content.decode()
    approve = html.partition('value="approve"')[2].partition("</button>")[2].partition("<button")[0]
    assert "run completed" in approve
    assert "notify" not in approve


def test_silence_is_told_with_what_comes_of_it(zone: Any) -> None:
    soon = timezone.now() + timedelta(minutes=3)
    text = zone(step("pay"), step("notify"), timeout_at=soon, on_timeout="skip")
    assert "If nobody answers in time: the step is skipped . What comes then: notify run completed" in text


def test_silence_that_cannot_approve_ends_the_run(zone: Any) -> None:
    soon = timezone.now() + timedelta(minutes=3)
    fields = [{"name": "city", "field_type": "str", "required": True}]
    text = zone(step("pay"), kind="user_input", timeout_at=soon, on_timeout="approve", fields=fields)
    assert "If nobody answers in time: the run ends" in text


def test_when_time_is_up_the_buttons_go(zone: Any) -> None:
    past = timezone.now() - timedelta(seconds=2)
    text = zone(step("pay"), step("notify"), timeout_at=past, on_timeout="skip")
    assert "Time is up." in text
    assert "Approve" not in text


def test_one_vote_of_several_says_that_nothing_happens_yet(zone: Any) -> None:
    text = zone(step("pay"), policy={"quorum": 2})
    assert "Yes: 0 of 2. No: 0 of 1." in text
    assert "1 of 2: nothing happens until another reviewer says the same. Then: “pay” runs" in text
    assert text.count("nothing happens until") == 1


def test_the_vote_that_completes_a_quorum_decides(zone: Any, as_: SignIn) -> None:
    zone(step("pay"), policy={"quorum": 2})
    requirement = Requirement.objects.get()
    second = person("second", REVIEWERS)
    resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(second))
    reviewer = User.objects.get(username="reviewer")
    html = as_(reviewer).get(f"/requirements/{requirement.id}/").content.decode()
    assert "Yes: 1 of 2." in html
    assert "nothing happens until" not in html


def test_it_says_for_how_long_it_can_be_undone(zone: Any) -> None:
    assert "You can undo it for 20 seconds; nothing of it happens before." in zone(
        step("pay"), policy={"hold": 20}
    )


def test_a_long_name_is_cut_and_a_hidden_character_is_shown(zone: Any) -> None:
    text = zone(step("pay"), step("a" * 90), step("b\u202eb"))
    assert "a" * 59 + "…" in text
    assert "\u202e" not in text


def test_where_the_definition_has_no_such_place_nothing_is_foretold(zone: Any) -> None:
    assert "What comes then" not in zone(step("other"), path="gone")
