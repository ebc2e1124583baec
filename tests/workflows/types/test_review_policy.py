"""What is said of who decides: read strictly, kept as data, and completed by who speaks next."""

from typing import Any

import pytest

from workflows.types import Circle, HumanReview, ReviewPolicy

EVERYTHING: dict[str, Any] = {
    "deciders": {"groups": ["finance"], "users": []},
    "viewers": {"groups": [], "users": ["auditor"]},
    "quorum": 2,
    "rejections": 1,
    "four_eyes": True,
    "exclusive": False,
    "priority": "high",
    "risk": "high",
    "irreversible": True,
    "hold": 10,
    "due": 3600,
    "remind_after": [600, 1200],
    "escalate": [{"after": 7200, "groups": ["managers"], "users": []}],
    "business_hours": {
        "zone": "Europe/Vienna",
        "days": ["mon"],
        "start": "09:00",
        "end": "17:00",
        "holidays": [],
    },
}


def test_as_data_and_back() -> None:
    policy = ReviewPolicy.from_dict(EVERYTHING)

    assert policy.to_dict() == EVERYTHING
    assert ReviewPolicy.from_dict(policy.to_dict()) == policy


def test_what_nobody_said_is_not_written() -> None:
    assert ReviewPolicy().to_dict() == {}


@pytest.mark.parametrize(
    ("given", "circle"),
    [
        ("finance", Circle(groups=("finance",))),
        (["finance", "legal"], Circle(groups=("finance", "legal"))),
        ({"users": "reviewer"}, Circle(users=("reviewer",))),
        ({"groups": ["legal"], "users": ["reviewer"]}, Circle(groups=("legal",), users=("reviewer",))),
    ],
)
def test_people_are_named_in_several_ways(given: Any, circle: Circle) -> None:
    assert Circle.of(given) == circle


@pytest.mark.parametrize(
    "given", [[], {}, {"groups": []}, {"group": "legal"}, 7, None, [7], [""], {"users": 7}]
)
def test_nobody_is_never_meant(given: Any) -> None:
    with pytest.raises(ValueError, match=r"named|names|given"):
        Circle.of(given)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quorum": 0},
        {"quorum": "all"},
        {"quorum": True},
        {"rejections": 0},
        {"priority": "asap"},
        {"risk": "extreme"},
        {"hold": -1},
        {"hold": float("nan")},
        {"due": "tomorrow"},
        {"remind_after": ["soon"]},
        {"escalate": [{"after": 1}]},
        {"escalate": [{"groups": ["managers"]}]},
        {"escalate": ["managers"]},
        {"escalate": 7},
        {"four_eyes": "no"},
        {"exclusive": 1},
        {"business_hours": 9},
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_is_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ReviewPolicy.from_dict(wrong)
    with pytest.raises(ValueError, match=r"."):
        HumanReview(**wrong)


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="A policy has no quota"):
        ReviewPolicy.from_dict({"quota": 2})


def test_the_first_that_says_something_counts() -> None:
    step = ReviewPolicy(quorum=2, four_eyes=False)
    workflow = ReviewPolicy(quorum=3, four_eyes=True, due=60)

    assert step.over(workflow) == ReviewPolicy(quorum=2, four_eyes=False, due=60)


def test_a_workflows_hold_is_longer_where_a_step_cannot_be_undone() -> None:
    irreversible, workflow = ReviewPolicy(irreversible=True), ReviewPolicy(hold=4)

    assert irreversible.over(workflow).hold == 12
    assert ReviewPolicy(irreversible=True, hold=0).over(workflow).hold == 0


@pytest.mark.parametrize(
    ("said", "bound"),
    [
        ({}, False),
        ({"risk": "low"}, False),
        ({"priority": "urgent", "due": 60, "hold": 3}, False),
        ({"deciders": "finance"}, True),
        ({"quorum": 2}, True),
        ({"quorum": "each group"}, True),
        ({"four_eyes": True}, True),
        ({"risk": "high"}, True),
    ],
)
def test_it_is_bound_to_certain_people_or_it_is_not(said: dict[str, Any], bound: bool) -> None:
    assert ReviewPolicy.from_dict(said).is_bound is bound


def test_a_review_keeps_what_it_says_as_data() -> None:
    review = HumanReview(deciders="finance", quorum=2, remind_after=60)
    data = review.to_dict()

    assert (data["deciders"], data["quorum"], data["remind_after"]) == (
        {"groups": ["finance"], "users": []},
        2,
        [60],
    )
    assert HumanReview.from_dict(data).policy == review.policy


def by_input(step_input: Any) -> str:
    return "finance"


def test_a_function_that_chooses_is_kept_by_its_address() -> None:
    review = HumanReview.from_dict(HumanReview(deciders=by_input, viewers="audit").to_dict())

    assert review.choosers == {"deciders": by_input}
    assert review.policy.viewers == Circle(groups=("audit",))
