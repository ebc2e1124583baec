"""The tree of a page joins the outline with what has happened."""

from collections.abc import Callable
from typing import Any

import pytest

from hitl_portal.places import Place, draw, everywhere, node_at, records_of
from tests.hitl_portal.outlines import EVERYTHING, LOOP, ROUTER, kept, outline_of, record, step
from workflows import Loop, Router
from workflows.models import Requirement, WorkflowRun

Queries = Callable[[int], Any]


def states(places: list[Place]) -> dict[str, str]:
    """Where each place stands, by path."""
    return {place.path: place.state for place in everywhere(places)}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("refine", "refine"),
        ("refine/3", "refine"),
        ("refine/3/draft", "draft"),
        ("refine/3/7", "7"),
        ("way/2/slow", "slow"),
        ("large/else/book", "book"),
        ("sides/right/one", "one"),
    ],
)
def test_a_path_leads_to_its_node(path: str, name: str) -> None:
    node = node_at(EVERYTHING, path)
    assert node is not None
    assert node["name"] == name


@pytest.mark.parametrize("path", ["gone", "refine/draft", "refine/3/gone", "large/maybe", "sides/1/left"])
def test_a_path_that_the_outline_does_not_have_leads_nowhere(path: str) -> None:
    assert node_at(EVERYTHING, path) is None


def test_what_nobody_reached_is_ahead() -> None:
    assert set(states(draw(EVERYTHING)).values()) == {"ahead"}


def test_each_iteration_has_its_own_steps() -> None:
    done = [record("refine", "pending"), record("refine/1"), record("refine/1/draft")]
    at_work = [record("refine/2", "pending"), record("refine/2/draft", "running")]
    (loop,) = draw(outline_of(LOOP), records=[*done, *at_work])
    assert [(place.number, place.state) for place in loop.children] == [(1, "completed"), (2, "running")]
    assert (loop.number, loop.most) == (2, 5)
    assert states([loop])["refine/2/draft"] == "running"


def test_of_a_long_loop_the_last_rounds_are_drawn() -> None:
    rounds = [record(f"refine/{number}") for number in range(1, 51)]
    (loop,) = draw(outline_of(LOOP), records=[record("refine"), *rounds])
    assert [loop.children[0].number, loop.children[-1].number, loop.earlier] == [31, 50, 30]


def test_the_branch_that_was_not_taken_is_passed() -> None:
    found = states(draw(EVERYTHING, records=[record("large", "pending"), record("large/else", "pending")]))
    assert (found["large/if"], found["large/if/ask"]) == ("passed", "passed")
    assert (found["large/else"], found["large/else/book"]) == ("running", "ahead")


def test_a_condition_that_was_skipped_took_no_branch() -> None:
    found = states(draw(EVERYTHING, records=[record("large", "skipped")]))
    assert (found["large/if"], found["large/else"]) == ("passed", "passed")


def test_the_only_try_at_a_route_is_drawn_without_its_number() -> None:
    tried = record("way/1", "pending", route=["slow"])
    (router,) = draw(outline_of(ROUTER), records=[record("way", "pending"), tried])
    assert states(router.children) == {"way/1/fast": "passed", "way/1/slow": "ahead"}


def test_several_tries_are_drawn_one_by_one() -> None:
    tried = [
        record("way/1", route=["fast"]),
        record("way/1/fast"),
        record("way/2", "pending", route=["slow"]),
    ]
    (router,) = draw(outline_of(ROUTER), records=[record("way", "pending"), *tried])
    assert [(place.kind, place.number) for place in router.children] == [("Try", 1), ("Try", 2)]
    assert states(router.children)["way/2/fast"] == "passed"


def test_what_a_run_that_is_over_has_not_reached_is_passed() -> None:
    found = states(draw(EVERYTHING, records=[record("refine", "waiting")], is_over=True))
    assert set(found.values()) == {"passed"}


def test_the_current_place_waits() -> None:
    (loop,) = draw(outline_of(LOOP), records=[record("refine/1", "waiting")], current="refine/1")
    assert (loop.children[0].is_current, loop.children[0].state) == (True, "waiting")
    assert loop.is_open


def test_what_waits_is_found_at_its_place() -> None:
    (place,) = draw(outline_of(step("pay")), waiting=[Requirement(path="pay")])
    assert (len(place.waiting), place.state) == (1, "waiting")


def test_a_step_whose_name_is_a_number_is_itself() -> None:
    (place,) = draw(outline_of(step("7")), records=[record("7")])
    assert place.state == "completed"


def test_what_the_outline_does_not_have_is_left_out() -> None:
    (place,) = draw(outline_of(step("pay")), records=[record("gone")], current="gone")
    assert place.state == "ahead"


def test_an_empty_outline_has_no_places() -> None:
    assert draw({}) == []


@pytest.fixture
def looping(run: WorkflowRun) -> WorkflowRun:
    """Give a run with a loop inside a route, beside what is no loop."""
    loop = Loop(name="refine (fast)", steps=[step("draft")], max_iterations=500)
    router = Router(name="way", choices=[loop, step("slow")], requires_user_input=True)
    run.workflow.outline = outline_of(step("a.b"), router)
    run.workflow.save()
    return run


def test_of_loops_only_the_newest_records_are_loaded(
    looping: WorkflowRun, django_assert_num_queries: Queries
) -> None:
    for path in ("a.b", "way", "way/1", "way/1/refine (fast)"):
        kept(looping, path, memo={"route": ["refine (fast)"]} if path == "way/1" else {})
    for number in range(1, 31):
        kept(looping, f"way/1/refine (fast)/{number}")
        kept(looping, f"way/1/refine (fast)/{number}/draft")
    with django_assert_num_queries(2):
        records = records_of(looping, most=10)
    assert len(records) == 14
    router = draw(looping.workflow.outline, records=records)[1]
    loop, slow = router.children
    assert [place.number for place in loop.children] == [26, 27, 28, 29, 30]
    assert (loop.earlier, slow.state) == (25, "passed")


def test_without_loops_one_query_is_enough(run: WorkflowRun, django_assert_num_queries: Queries) -> None:
    kept(run, "check")
    with django_assert_num_queries(1):
        assert [record.path for record in records_of(run)] == ["check"]
