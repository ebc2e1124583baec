"""Two runs side by side: what differs is named, what is the same is not repeated, at a bounded cost."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import SignIn, new_run
from tests.hitl_portal.outlines import kept
from workflows.models import Value, Workflow, WorkflowRun


def given(run: WorkflowRun, path: str, content: Any) -> None:
    """A step of a run gave something."""
    output = Value.objects.create(run=run, path=path, slot="call", data=json.dumps({"content": content}))
    kept(run, path, output=output)


@pytest.fixture
def pair(workflow: Workflow, requester: User) -> list[WorkflowRun]:
    """Give two runs, of which one went further."""
    runs = [new_run(workflow, requester) for _ in range(2)]
    for number, run in enumerate(runs):
        given(run, "check", "the same text")
        given(run, "pay", f"paid {number} euros")
    given(runs[1], "notify", "told")
    return runs


def page_of(as_: SignIn, user: User, pair: list[WorkflowRun]) -> str:
    return as_(user).get(f"/runs/compare/?a={pair[0].id}&b={pair[1].id}").content.decode()


def test_each_step_is_the_same_other_or_gone(as_: SignIn, pair: list[WorkflowRun], reviewer: User) -> None:
    page = page_of(as_, reviewer, pair)
    assert [page.count(f'data-change="{change}"') for change in ("same", "other", "gone")] == [1, 1, 1]
    assert "only in the second" in page
    assert "2 are different" in page


def test_what_differs_is_shown_as_a_difference(as_: SignIn, pair: list[WorkflowRun], reviewer: User) -> None:
    page = page_of(as_, reviewer, pair)
    assert "<del" in page
    assert "<ins" in page


def test_the_same_input_is_not_repeated(as_: SignIn, pair: list[WorkflowRun], reviewer: User) -> None:
    assert "The same." in page_of(as_, reviewer, pair)
    Value.objects.filter(run=pair[1], slot="inputs").update(data='{"input": {"order_id": 8}}')
    assert "The same." not in page_of(as_, reviewer, pair)


def test_who_sees_only_one_of_them_sees_nothing(
    as_: SignIn, pair: list[WorkflowRun], stranger: User, requester: User
) -> None:
    WorkflowRun.objects.filter(id=pair[1].id).update(requested_by=stranger)
    for person in (stranger, requester):
        response = as_(person).get(f"/runs/compare/?a={pair[0].id}&b={pair[1].id}")
        assert response.status_code == 404


@pytest.mark.parametrize("query", ["", "?a=x&b=y"])
def test_without_a_run_there_is_nothing(as_: SignIn, reviewer: User, query: str) -> None:
    assert as_(reviewer).get(f"/runs/compare/{query}").status_code == 404


@pytest.mark.parametrize("number", [1, 200])
def test_it_takes_as_many_queries_however_much_happened(
    as_: SignIn, pair: list[WorkflowRun], reviewer: User, django_assert_max_num_queries: Any, number: int
) -> None:
    for run in pair:
        for each in range(number):
            given(run, f"check/{each}", f"text {each}")
    client = as_(reviewer)
    with django_assert_max_num_queries(16):
        client.get(f"/runs/compare/?a={pair[0].id}&b={pair[1].id}")


def test_outputs_too_long_to_be_read_differ_though_they_are_as_long(
    as_: SignIn, workflow: Workflow, requester: User, reviewer: User
) -> None:
    runs = [new_run(workflow, requester) for _ in range(2)]
    for run, letter in zip(runs, "ab", strict=True):
        given(run, "check", letter * 10_000)
        given(run, "pay", "c" * 10_000)
    page = page_of(as_, reviewer, runs)
    assert [page.count(f'data-change="{change}"') for change in ("same", "other")] == [1, 1]


def test_the_other_run_is_chosen_from_those_of_the_same_workflow(
    as_: SignIn, pair: list[WorkflowRun], reviewer: User
) -> None:
    Workflow.objects.update(name="r&d #1")
    response = as_(reviewer).get(f"/runs/compare/?a={pair[0].id}")
    assert response["Location"] == f"/runs/?workflow=r%26d+%231&compare={pair[0].id}"
