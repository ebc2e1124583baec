"""The tree of a page joins the outline with what has happened."""

from typing import Any

from hitl_portal.places import Place, draw
from workflows.models import StepRecord

LOOP: dict[str, Any] = {
    "children": [
        {
            "name": "refine",
            "kind": "Loop",
            "path": "refine",
            "children": [{"name": "draft", "kind": "Step", "path": "refine/draft"}],
        },
        {"name": "7", "kind": "Step", "path": "7"},
    ]
}


def record(path: str, status: str = "completed") -> StepRecord:
    return StepRecord(path=path, name=path, kind="Step", status=status)


def draft_of(places: list[Place]) -> Place:
    return places[0].children[0]


def test_what_nobody_reached_is_ahead() -> None:
    assert [place.state for place in draw(LOOP)] == ["ahead", "ahead"]


def test_the_rounds_of_a_loop_meet_at_one_place() -> None:
    draft = draft_of(draw(LOOP, records=[record("refine/1/draft"), record("refine/2/draft", "running")]))
    assert len(draft.records) == 2
    assert draft.state == "running"


def test_a_step_whose_name_is_a_number_is_itself() -> None:
    assert draw(LOOP, records=[record("7")])[1].state == "completed"


def test_the_current_place_waits() -> None:
    draft = draft_of(draw(LOOP, current="refine/3/draft"))
    assert draft.is_current
    assert draft.state == "waiting"


def test_what_the_outline_does_not_have_is_left_out() -> None:
    assert [place.state for place in draw(LOOP, records=[record("gone")], current="gone")] == [
        "ahead",
        "ahead",
    ]


def test_an_empty_outline_has_no_places() -> None:
    assert draw({}) == []
