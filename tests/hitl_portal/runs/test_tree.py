"""The tree of a run's page: rounds, branches, routes, what waits, and outputs that do not grow the page."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn, happened
from tests.hitl_portal.outlines import EVERYTHING, kept
from workflows.models import Requirement, Value, WorkflowRun


@pytest.fixture
def run(run: WorkflowRun) -> WorkflowRun:
    run.workflow.outline = EVERYTHING
    run.workflow.save()
    return run


def page_of(as_: SignIn, user: User, run: WorkflowRun) -> str:
    return as_(user).get(f"/runs/{run.id}/").content.decode()


def iterate(run: WorkflowRun, times: int, content: str = "words") -> None:
    for number in range(1, times + 1):
        path = f"refine/{number}/draft"
        output = Value.objects.create(run=run, path=path, slot="call", data=json.dumps({"content": content}))
        kept(run, f"refine/{number}", memo={"last": path})
        kept(run, path, output=output)


def test_iterations_fold_and_the_last_one_is_open(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    kept(run, "refine", "pending")
    iterate(run, 3)
    page = page_of(as_, reviewer, run)
    assert page.count('<details class="round"') == 3
    last = run.records.get(path="refine/3")
    assert page.count(" open><summary data-state") == 1
    assert f'id="round-{last.id}" open' in page
    assert "loop, iteration 3 of 5" in page


def test_of_a_long_loop_the_last_twenty_are_shown(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    kept(run, "refine", "pending")
    iterate(run, 25)
    page = page_of(as_, reviewer, run)
    assert page.count('<details class="round"') == 20
    assert "5 earlier rounds" in page


def test_the_branch_and_the_routes_that_were_not_taken_are_greyed(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    kept(run, "way")
    kept(run, "way/1", memo={"route": ["slow"]})
    kept(run, "way/1/slow")
    kept(run, "large")
    kept(run, "large/if", memo={"last": "large/if/ask"})
    page = page_of(as_, reviewer, run)
    assert page.count('data-state="passed"') == 5  # fast; reserve and ask, which never came; else, book


def test_parallel_branches_are_marked_as_such(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    assert page_of(as_, reviewer, run).count("data-side-by-side") == 1


def test_what_waits_in_an_iteration_is_linked_there(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    kept(run, "refine", "pending")
    iterate(run, 1)
    requirement = ask("iteration_review", "", run=run)
    Requirement.objects.update(path="refine/1", step_name="refine")
    page = page_of(as_, reviewer, run)
    assert page.index("Iteration 1") < page.index("Waits for a person: Is “refine” good enough?")
    assert f"/requirements/{requirement.id}/" in page


def test_a_long_output_has_a_page_of_its_own(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    iterate(run, 1, content="long " * 10_000)
    value = Value.objects.get(path="refine/1/draft")
    page = page_of(as_, reviewer, run)
    assert f'href="/runs/{run.id}/outputs/{value.id}/"' in page
    assert "long long" not in page
    whole = as_(reviewer).get(f"/runs/{run.id}/outputs/{value.id}/").content.decode()
    assert "What “draft” gave" in whole
    assert "long long" in whole


def test_an_output_is_found_through_its_own_run_alone(
    as_: SignIn, run: WorkflowRun, reviewer: User, stranger: User, ask: Ask
) -> None:
    iterate(run, 1)
    value, other = Value.objects.get(path="refine/1/draft"), ask().run
    assert as_(stranger).get(f"/runs/{run.id}/outputs/{value.id}/").status_code == 404
    assert as_(reviewer).get(f"/runs/{other.id}/outputs/{value.id}/").status_code == 404


@pytest.mark.parametrize(
    ("type_", "path", "data", "sentence"),
    [
        ("LoopIterationStarted", "refine/2", {"iteration": 2}, "Iteration 2 of “refine” began."),
        ("RouterExecutionStarted", "way", {"selected_steps": ["slow"]}, "“way” took its route: slow."),
        ("ConditionExecutionStarted", "large", {"branch": "else"}, "“large” took its branch: else."),
        ("ConditionExecutionStarted", "large", {"branch": None}, "“large” took its branch: none."),
        ("DefinitionChanged", "", {"reason": "no 'pay'"}, "The run stopped: its definition has changed."),
        ("StepStarted", "refine/2/7", {}, "“7” began."),
    ],
)
def test_every_primitive_is_told_in_sentences(
    as_: SignIn, run: WorkflowRun, reviewer: User, type_: str, path: str, data: Any, sentence: str
) -> None:
    happened(run, type_, path, **data)
    assert sentence in page_of(as_, reviewer, run)


@pytest.mark.parametrize("times", [2, 200])
def test_it_takes_sixteen_queries_however_long_a_loop_has_run(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User, django_assert_max_num_queries: Any, times: int
) -> None:
    asked = ask("iteration_review", run=run, content="a draft")
    iterate(run, times)
    for number in range(times):
        happened(run, "StepStarted", f"refine/{number}/draft")
        asked.pk, asked.key, asked.status = None, f"review:{number}", "applied"
        asked.save(force_insert=True)
    client = as_(reviewer)
    with django_assert_max_num_queries(16):
        assert len(client.get(f"/runs/{run.id}/").content) < 120_000
