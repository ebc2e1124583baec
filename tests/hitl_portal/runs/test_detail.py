"""The page of one run: its tree, its story, what people were asked."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn, happened
from workflows.models import Requirement, StepRecord, WorkflowRun
from workflows.services import Actor, claim, comment_on_requirement, resolve, undo
from workflows.types import Action, Answer


def page_of(as_: SignIn, user: User, run: WorkflowRun) -> str:
    return as_(user).get(f"/runs/{run.id}/").content.decode()


def test_it_shows_what_every_step_gave(
    as_: SignIn, run: WorkflowRun, finished_step: StepRecord, reviewer: User
) -> None:
    page = page_of(as_, reviewer, run)
    assert f'id="output-{finished_step.id}"' in page
    assert "over the limit" in page
    assert 'data-state="completed"' in page
    assert page.count('data-state="ahead"') == 2


def test_it_leads_to_what_waits(as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User) -> None:
    requirement = ask(run=run)
    page = page_of(as_, reviewer, run)
    assert f"/requirements/{requirement.id}/" in page
    assert "Waits for a person: Pay 249.50?" in page


def test_it_says_who_decided(as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User) -> None:
    answer = Answer(action=Action.reject, feedback="Too much.")
    resolve(ask(run=run).id, revision=1, answer=answer, actor=Actor.of(reviewer))
    page = page_of(as_, reviewer, run)
    assert "<strong>reviewer</strong> rejected" in page
    assert "reviewer rejected: “pay”." in page
    assert "Too much." in page


def test_it_says_what_was_filled_in(as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User) -> None:
    requirement = ask("user_input", run=run, fields=[{"name": "city"}])
    answer = Answer(action=Action.approve, values={"city": "Graz"})
    resolve(requirement.id, revision=1, answer=answer, actor=Actor.of(reviewer))
    page = page_of(as_, reviewer, run)
    assert "<strong>reviewer</strong> answered" in page
    assert "Graz" in page


@pytest.mark.parametrize(
    ("type_", "path", "sentence"),
    [
        ("RunQueued", "", "The run was started by somebody."),
        ("StepCompleted", "outer/check", "“check” finished."),
        ("StepPaused", "1:a%2Fb", "“a/b” waits for a person."),
        ("StepOutputReview", "check", "The output of “check” waits for a review."),
        ("WorkflowCompleted", "", "The run is complete."),
        ("SomethingQuiteNew", "", "Something quite new"),
    ],
)
def test_events_are_told_in_sentences(
    as_: SignIn, run: WorkflowRun, reviewer: User, type_: str, path: str, sentence: str
) -> None:
    happened(run, type_, path)
    assert sentence in page_of(as_, reviewer, run)


def test_a_step_that_finished_with_an_error_failed(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    happened(run, "StepCompleted", "check", error="no answer")
    page = page_of(as_, reviewer, run)
    assert "“check” failed." in page
    assert "no answer" in page


def test_an_event_says_why(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    happened(run, "WorkflowError", error="<b>no money</b>")
    assert "&lt;b&gt;no money&lt;/b&gt;" in page_of(as_, reviewer, run)


def test_a_stranger_finds_nothing(as_: SignIn, run: WorkflowRun, stranger: User) -> None:
    answers = [as_(stranger).get(f"/runs/{run.id}/{part}") for part in ("body/", "cancel/", "")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "It does not exist, or it is not yours to see." in answers[-1].content.decode()


def test_the_fragment_is_the_page_s_own_text(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    fragment = as_(reviewer).get(f"/runs/{run.id}/body/").content.decode().strip()
    assert fragment in page_of(as_, reviewer, run)


@pytest.mark.parametrize("number", [1, 12])
def test_it_takes_fifteen_queries_however_much_happened(
    as_: SignIn,
    run: WorkflowRun,
    ask: Ask,
    reviewer: User,
    django_assert_max_num_queries: Any,
    number: int,
) -> None:
    for index in range(number):
        requirement = ask(run=run)
        resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer))
        Requirement.objects.filter(id=requirement.id).update(key=f"before:{index + 1}")
        run.records.create(path=f"step {index}", name="step", kind="Step", started_at=run.created_at)
    client = as_(reviewer)
    with django_assert_max_num_queries(15):
        client.get(f"/runs/{run.id}/")


def test_its_story_says_who_commented_and_who_works_on_what(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    requirement, actor = ask(run=run), Actor.of(reviewer)
    claim(requirement.id, actor=actor)
    comment_on_requirement(requirement.id, "Looks odd.", actor=actor)
    page = page_of(as_, reviewer, run)
    assert "reviewer works on “pay”." in page
    assert "reviewer wrote a comment." in page


def test_an_answer_that_was_taken_back_is_told_from_the_one_that_counts(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User, settings: Any
) -> None:
    settings.HITL_HOLD_SECONDS = 30
    requirement, actor = ask(run=run), Actor.of(reviewer)
    taken_back = resolve(requirement.id, revision=1, answer=Answer(action=Action.reject), actor=actor)
    undo(taken_back.id, actor=actor)
    page = page_of(as_, reviewer, run)
    assert page.count("does not count any more") == 1
    assert 'data-kind="open">waits<' in page
    resolve(requirement.id, revision=2, answer=Answer(action=Action.approve), actor=actor)
    page = page_of(as_, reviewer, run)
    assert page.count("does not count any more") == 1
    assert 'data-kind="open">waits<' not in page
