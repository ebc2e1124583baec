"""What each answer causes is said in the words of what is asked, from the outline and the policy."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn
from tests.hitl_portal.outlines import nothing, outline_of, step
from workflows import Condition, Loop, Parallel, Router, Steps
from workflows.models import Requirement, Workflow

CHOICES = [{"name": "fast", "description": "At once."}, {"name": "slow", "description": ""}]
BOTH = [step("fast"), step("slow")]


@pytest.fixture
def card(as_: SignIn, ask: Ask, workflow: Workflow, reviewer: User) -> Any:
    """Show a reviewer the card of what a component asks."""

    def shown(component: Any, kind: str = "confirmation", **asked: Any) -> str:
        workflow.outline = outline_of(component)
        workflow.save()
        fields = {"step_type": str(component.kind), "on_reject": str(component.human_review.on_reject)}
        requirement = ask(kind, asked.pop("message", ""), **fields | asked)
        path = asked.get("path", component.name)
        Requirement.objects.filter(id=requirement.id).update(path=path, step_name=component.name)
        return as_(reviewer).get(f"/requirements/{requirement.id}/").content.decode()

    return shown


def test_a_step_that_cannot_be_undone_says_so(card: Any) -> None:
    page = card(step("pay", requires_confirmation=True, irreversible=True))
    assert "“pay” runs and the run goes on. It cannot be undone." in page


def test_a_group_names_its_steps(card: Any) -> None:
    page = card(Steps(name="publish", steps=[step("render"), step("upload")], requires_confirmation=True))
    assert "These run, one after another: “render”, “upload”." in page


def test_many_steps_are_counted(card: Any) -> None:
    page = card(Steps(name="publish", steps=[step(f"s{n}") for n in range(9)], requires_confirmation=True))
    assert "“s5” and 3 more." in page


def test_branches_run_side_by_side(card: Any) -> None:
    assert "These run side by side: “fast”, “slow”." in card(Parallel("both", *BOTH))


def test_a_loop_says_how_often_at_most(card: Any) -> None:
    page = card(Loop(name="refine", steps=[step("draft")], max_iterations=5, requires_confirmation=True))
    assert "May the loop “refine” begin?" in page
    assert "Up to 5 iterations run: “draft”." in page


@pytest.mark.parametrize(
    ("settings", "no", "causes"),
    [
        ({"else_steps": [step("book")]}, "No: run the else branch", "These run: “book”."),
        ({}, "No: skip it", "There is no else branch"),
        ({"on_reject": "skip"}, "No: skip both branches", "Neither branch runs; the run goes on."),
        ({"on_reject": "cancel"}, "Reject and end the run", "The run ends as cancelled"),
    ],
)
def test_a_condition_is_answered_by_what_runs(card: Any, settings: Any, no: str, causes: str) -> None:
    page = card(Condition(name="large", steps=[step("ask")], requires_confirmation=True, **settings))
    assert "Yes: run the if branch" in page
    assert "These run: “ask”." in page
    assert no in page
    assert causes in page


def test_a_condition_that_is_gone_still_has_both_answers(card: Any, workflow: Workflow) -> None:
    page = card(Condition(name="large", steps=[step("ask")], requires_confirmation=True), path="gone")
    assert "The other branch of the condition runs." in page


def test_a_proposed_route_stands_out_among_the_choices(card: Any) -> None:
    router = Router(name="way", choices=BOTH, selector=nothing, requires_confirmation=True, on_reject="retry")
    page = card(router, choices=CHOICES, proposal=["fast"])
    assert page.count('class="is-meant"') == 1
    assert "proposed" in page
    assert "These run: “fast”." in page
    assert "Choose another route" in page
    assert "next, somebody is asked which route to take." in page


def test_a_router_that_proposes_nothing_says_so(card: Any) -> None:
    router = Router(name="way", choices=BOTH, selector=nothing, requires_confirmation=True)
    assert "No route is proposed" in card(router, choices=CHOICES)


def test_a_router_that_lets_people_choose_says_that_this_comes_next(card: Any) -> None:
    router = Router(name="way", choices=BOTH, requires_confirmation=True, requires_user_input=True)
    assert "Next, somebody is asked which route to take." in card(router, choices=CHOICES)


def test_a_choice_can_be_refused(card: Any) -> None:
    router = Router(name="way", choices=BOTH, requires_user_input=True)
    page = card(router, "route", choices=CHOICES)
    assert "Take no route" in page
    assert "None of them runs; the run goes on." in page


def test_what_a_route_gave_can_be_sent_another_way(card: Any) -> None:
    router = Router(
        name="way", choices=BOTH, selector=nothing, requires_output_review=True, on_reject="retry"
    )
    page = card(router, "output_review", choices=CHOICES, retry_count=1, max_retries=2, content="hello")
    assert "attempt 2 of 3" in page
    assert "Choose another route" in page
    assert "A route is chosen anew and runs with your words" in page


def test_at_the_limit_no_other_route_is_offered(card: Any) -> None:
    router = Router(
        name="way", choices=BOTH, selector=nothing, requires_output_review=True, on_reject="retry"
    )
    page = card(router, "output_review", choices=CHOICES, retry_count=2, max_retries=2, content="hello")
    assert "another route can no longer be chosen." in page
    assert "Choose another route" not in page


def refining(**settings: Any) -> Loop:
    return Loop(
        name="refine", steps=[step("draft")], max_iterations=4, requires_iteration_review=True, **settings
    )


def test_an_iteration_is_accepted_or_done_again(card: Any) -> None:
    page = card(refining(on_reject="retry"), "iteration_review", retry_count=0, path="refine/1", content="a")
    assert "iteration 1 of 4" in page
    assert "Accept and leave the loop" in page
    assert "Iteration 2 of 4 runs with your words, and you review it anew." in page
    assert "What this iteration gave" in page


def test_the_last_iteration_is_said_to_be_unreviewed(card: Any) -> None:
    page = card(refining(on_reject="retry"), "iteration_review", retry_count=2, path="refine/3", content="a")
    assert "Iteration 4 of 4 runs with your words. It is the last: not reviewed." in page


def test_a_loop_whose_retries_are_used_up_is_accepted_or_ended(card: Any) -> None:
    asked = {"retry_count": 1, "max_retries": 1, "path": "refine/2", "content": "a"}
    page = card(refining(on_reject="retry"), "iteration_review", **asked)
    assert "Request changes" not in page
    assert "This was the last iteration that may be asked for" in page


def test_a_rejected_loop_is_dropped(card: Any) -> None:
    page = card(refining(), "iteration_review", retry_count=0, path="refine/1", content="a")
    assert "“refine” ends and its output is dropped; the run goes on without it." in page


def test_an_error_says_how_often_it_was_tried(card: Any) -> None:
    page = card(step("charge"), "error", error={"type": "TimeoutError", "message": "no answer"})
    assert "“charge” failed. What now?" in page
    assert "“charge” runs once more with the same input." in page
    assert "The run goes on without “charge”." in page


@pytest.mark.parametrize(
    "message",
    [
        "Execute step 'pay'?",
        "Execute condition 'pay'? (yes=if branch, no=else branch)",
        "Execute router 'pay' with selected steps?",
        "Execute parallel steps 'pay'?",
        "Select a route from: fast, slow",
        "Review output of step 'pay'?",
        "Loop 'pay' completed iteration 1/3. Continue?",
        "Step 'pay' failed. Try again, or go on without it?",
    ],
)
def test_what_the_engine_says_by_itself_is_said_in_our_words(card: Any, message: str) -> None:
    page = card(step("pay"), message=message)
    assert "May “pay” run?" in page
    assert message.replace("'", "&#x27;") not in page


def test_words_that_nobody_knows_yet_are_their_own(card: Any, as_: SignIn, reviewer: User) -> None:
    page = card(step("pay"), on_reject="send_home", on_timeout="ask_twice")
    assert "Reject and skip" in page
    Requirement.objects.update(kind="second_opinion")
    assert "Second opinion" in as_(reviewer).get("/").content.decode()
