"""Lists: what is in them, whose, a page at a time, and what they cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.hitl_portal.api.conftest import Call, is_problem, token_of
from tests.hitl_portal.conftest import Ask, SignIn, new_run
from workflows.models import Workflow, WorkflowRun


def test_runs_are_told_newest_first_and_only_ones_own(
    call: Call, workflow: Workflow, requester: User, stranger: User
) -> None:
    first, second = new_run(workflow, requester), new_run(workflow, requester)
    told = call(requester, "/runs").json()
    assert [run["run_id"] for run in told["data"]] == [str(second.id), str(first.id)]
    assert told["next"] is None
    assert call(stranger, "/runs").json()["data"] == []


def test_a_cursor_goes_on_where_the_page_before_ended(
    call: Call, workflow: Workflow, requester: User
) -> None:
    made = [new_run(workflow, requester) for _ in range(5)]
    WorkflowRun.objects.update(created_at=timezone.now())  # all at one moment: the ids tell them apart
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = call(requester, "/runs", limit=2, **cursor).json()
        seen += [run["run_id"] for run in page["data"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sorted(seen) == sorted(str(run.id) for run in made)


@pytest.mark.parametrize("cursor", ["x", "bm90IG9uZQ", "MjAyNi0wMS0wMSAxMjM", "é"])
def test_a_cursor_that_is_not_ours_is_refused(call: Call, requester: User, cursor: str) -> None:
    answer = call(requester, "/runs", cursor=cursor)
    assert is_problem(answer, 422, "validation")
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"status": "PAUSED"}, 1),
        ({"status": "COMPLETED"}, 0),
        ({"workflow": "refund"}, 1),
        ({"workflow": "other"}, 0),
        ({"requested_by": "requester"}, 1),
        ({"source": "portal"}, 1),
        ({"created_before": "2020-01-01T00:00:00Z"}, 0),
        ({"created_after": "2020-01-01T00:00:00Z"}, 1),
    ],
)
def test_runs_are_filtered(
    call: Call, run: WorkflowRun, reviewer: User, wanted: dict[str, str], found: int
) -> None:
    assert len(call(reviewer, "/runs", **wanted).json()["data"]) == found


def test_a_filter_that_cannot_be_read_is_pointed_at(call: Call, reviewer: User) -> None:
    answer = call(reviewer, "/runs", limit=1000)
    assert is_problem(answer, 422, "validation")
    assert answer.json()["errors"][0]["pointer"] == "/limit"


def test_requirements_wait_longest_first(call: Call, ask: Ask, reviewer: User, stranger: User) -> None:
    first, second = ask(), ask("route", choices=[{"name": "a", "description": ""}])
    told = call(reviewer, "/requirements").json()["data"]
    assert [each["requirement_id"] for each in told] == [str(first.pk), str(second.pk)]
    assert told[1]["choices"] == [{"name": "a", "description": ""}]
    assert call(stranger, "/requirements").json()["data"] == []


def test_requirements_are_filtered_by_kind_and_standing(call: Call, ask: Ask, reviewer: User) -> None:
    ask()
    assert len(call(reviewer, "/requirements", kind="confirmation").json()["data"]) == 1
    assert call(reviewer, "/requirements", kind="route").json()["data"] == []
    assert call(reviewer, "/requirements", status="decided").json()["data"] == []


def test_workflows_are_told_with_what_their_input_is(call: Call, workflow: Workflow, stranger: User) -> None:
    Workflow.objects.update(input_schema={"type": "object"})
    (line,) = call(stranger, "/workflows").json()["data"]
    assert (line["workflow_id"], line["enabled"]) == ("refund", True)
    assert call(stranger, "/workflows/refund").json()["input_schema"] == {"type": "object"}
    assert is_problem(call(stranger, "/workflows/none"), 404, "not-found")


def test_a_session_tells_its_runs_and_its_state_to_who_sees_them_all(
    call: Call, run: WorkflowRun, requester: User, stranger: User
) -> None:
    told = call(requester, f"/sessions/{run.session_id}").json()
    assert [each["run_id"] for each in told["runs"]] == [str(run.id)]
    assert told["state"] == {}
    assert is_problem(call(stranger, f"/sessions/{run.session_id}"), 404, "not-found")


def test_who_sees_some_runs_of_a_session_does_not_see_its_state(
    call: Call, run: WorkflowRun, requester: User, stranger: User
) -> None:
    hidden = new_run(run.workflow, stranger)
    WorkflowRun.objects.filter(id=hidden.id).update(session=run.session)
    assert call(requester, f"/sessions/{run.session_id}").json()["state"] is None


def test_the_same_answer_is_not_sent_twice(call: Call, run: WorkflowRun, reviewer: User) -> None:
    etag = call(reviewer, "/runs").headers["ETag"]
    again = call(reviewer, "/runs", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    WorkflowRun.objects.update(summary="order_id: 8", created_at=timezone.now() - timedelta(days=1))
    assert call(reviewer, "/runs", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("address", ["/runs", "/requirements", "/workflows"])
@pytest.mark.parametrize("number", [1, 12])
def test_a_list_takes_six_queries_however_long_it_is(
    as_: SignIn, ask: Ask, reviewer: User, django_assert_max_num_queries: Any, address: str, number: int
) -> None:
    for _ in range(number):
        ask()
    client = as_(reviewer)
    with django_assert_max_num_queries(6):
        assert client.get(f"/api/v1{address}").status_code == 200


def test_a_list_by_token_takes_six_queries(
    call: Call, ask: Ask, reviewer: User, django_assert_max_num_queries: Any
) -> None:
    ask()
    token = token_of(reviewer, "read")
    with django_assert_max_num_queries(6):
        assert call(token, "/requirements").status_code == 200


def test_workflows_come_a_page_at_a_time_by_title(call: Call, requester: User) -> None:
    titles = ["Ümlaut", "a", "B", "B", "c"]
    for number, title in enumerate(titles):
        schema = {"type": "object"} if number else None
        Workflow.objects.create(
            name=f"w{number}", title=title, fingerprint="f", outline={}, input_schema=schema
        )
    seen: list[dict[str, Any]] = []
    page = call(requester, "/workflows", limit=2).json()
    while page["next"]:
        seen += page["data"]
        page = call(requester, "/workflows", limit=2, cursor=page["next"]).json()
    seen += page["data"]
    assert [each["name"] for each in seen] == list(
        Workflow.objects.order_by("title").values_list("title", flat=True)
    )
    assert {each["workflow_id"]: each["input_schema"] for each in seen}["w1"] == {"type": "object"}


def test_the_runs_of_a_session_come_a_page_at_a_time(
    call: Call, run: WorkflowRun, workflow: Workflow, requester: User
) -> None:
    WorkflowRun.objects.create(
        workflow=workflow,
        session=run.session,
        requested_by=requester,
        fingerprint="f",
        source="portal",
        external_id="2",
    )
    at = f"/sessions/{run.session_id}"
    first = call(requester, at, limit=1).json()
    second = call(requester, at, limit=1, cursor=first["next"]).json()
    assert {page["runs"][0]["run_id"] for page in (first, second)} == {
        str(each.pk) for each in run.session.runs.all()
    }
    assert second["next"] is None
