"""Who decides and sees is named by the run's input: found when it is asked, and kept to from then on."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person
from tests.workflows.driving import a_flow, decide, events_of, paused, started, work
from workflows import HumanReview, Step, Workflow, cel, policy
from workflows.errors import NotEligible
from workflows.models import Requirement, WorkflowRun
from workflows.models import Workflow as Definition
from workflows.naming import resolved
from workflows.services import Actor
from workflows.types import ReviewPolicy

ADMINS = {"groups": ["admins"], "users": []}
INPUT = {
    "owner": "lawyer",
    "order": {"region": "eu"},
    "lines": [{"team": ["support", "sales"]}],
    "amount": 12,
}


def named(**deciders: Any) -> dict[str, Any]:
    """Whom an expression names for INPUT."""
    said = resolved(ReviewPolicy.from_dict({"deciders": deciders}), INPUT).to_dict()
    found: dict[str, Any] = said["deciders"]
    return found


@pytest.mark.parametrize(
    ("expression", "groups"),
    [
        ("input.order.region", ["eu"]),
        ("input.lines[0].team", ["support", "sales"]),
        ('input.amount > 1000 ? "directors" : "finance"', ["finance"]),
        ('["legal", "sales-" + input.order.region]', ["legal", "sales-eu"]),
    ],
)
def test_an_expression_names_groups(expression: str, groups: list[str]) -> None:
    assert named(groups_by=expression) == {"groups": groups, "users": []}


def test_it_names_them_besides_those_who_are_named_always() -> None:
    found = named(users_by="input.owner", users=["boss"], groups=["legal"])

    assert found == {"groups": ["legal"], "users": ["boss", "lawyer"]}


@pytest.mark.parametrize(
    "expression",
    [
        "input.nobody",
        "input.amount",
        "input",
        "input.lines[7].team",
        "input.lines",
        "input.owner.name",
        "input.x + 1",
    ],
)
def test_what_names_nobody_leaves_it_to_admins(expression: str) -> None:
    assert named(users_by=expression, groups=["legal"]) == ADMINS


def test_nothing_is_run_as_python() -> None:
    assert named(users_by="__import__('os').getcwd()") == ADMINS


def test_without_cel_it_is_left_to_admins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cel, "CEL_AVAILABLE", False)

    assert named(users_by='input.amount > 1 ? "boss" : "lawyer"') == ADMINS
    assert named(users_by="input.owner") == {"groups": [], "users": ["lawyer"]}


@pytest.mark.parametrize("wrong", ["input.owner +", "import os", 7, "input."])
def test_what_is_no_expression_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="expression"):
        ReviewPolicy.from_dict({"deciders": {"users_by": wrong}})


def test_whom_it_is_escalated_to_is_named_likewise() -> None:
    said = ReviewPolicy(escalate=({"after": 60, "users_by": "input.owner"},))  # type: ignore[arg-type]

    assert resolved(said, INPUT).to_dict()["escalate"] == [{"after": 60, "groups": [], "users": ["lawyer"]}]


def flow(**said: Any) -> Workflow:
    """A workflow whose step asks under this policy."""
    review = HumanReview(requires_confirmation=True, **said)
    return a_flow(Step("pay", lambda _: "paid", human_review=review))


@pytest.fixture
def lawyer(db: None) -> User:
    return a_person("lawyer")


def ways(**said: Any) -> list[Any]:
    """The same policy, said by the step or by the workflow."""
    return [pytest.param("step", said, id="step"), pytest.param("workflow", said, id="workflow")]


def asked(where: str, said: dict[str, Any], **options: Any) -> tuple[Workflow, Requirement]:
    """What such a run asks."""
    workflow = flow(**(said if where == "step" else {}))
    Definition.objects.update(policy=said if where == "workflow" else {})
    return workflow, paused(workflow, INPUT, **options)


@pytest.mark.django_db
@pytest.mark.parametrize(("where", "said"), ways(deciders={"users_by": "input.owner"}))
def test_they_alone_see_and_decide_it(where: str, said: Any, lawyer: User, reviewer: User) -> None:
    _flow, requirement = asked(where, said)

    assert [list(Requirement.objects.visible(one)) for one in (lawyer, reviewer)] == [[requirement], []]
    assert [list(WorkflowRun.objects.visible(one)) for one in (lawyer, reviewer)] == [[requirement.run], []]
    with pytest.raises(NotEligible):
        decide(requirement, reviewer)
    assert decide(requirement, lawyer).closes


@pytest.mark.django_db
@pytest.mark.parametrize(("where", "said"), ways(deciders={"users_by": "input.owner"}))
def test_who_may_no_more_is_not_heard_when_the_run_goes_on(where: str, said: Any, lawyer: User) -> None:
    workflow, requirement = asked(where, said)
    decide(requirement, lawyer)
    User.objects.filter(pk=lawyer.pk).update(is_active=False)
    run = work(workflow)

    assert "RequirementReopened" in events_of(run)
    assert Requirement.objects.get().is_open


@pytest.mark.django_db
@pytest.mark.parametrize(("where", "said"), ways(viewers={"users_by": "input.owner"}))
def test_viewers_see_and_do_not_decide(where: str, said: Any, lawyer: User, reviewer: User) -> None:
    _flow, requirement = asked(where, said)

    assert requirement in Requirement.objects.visible(lawyer)
    assert not policy.may_decide(lawyer, requirement)
    assert policy.may_decide(reviewer, requirement)


@pytest.mark.django_db
def test_who_asks_names_themselves_in_vain_under_four_eyes(lawyer: User) -> None:
    said = {"deciders": {"users_by": "input.owner"}, "four_eyes": True}
    _flow, requirement = asked("step", said, actor=Actor.of(lawyer))

    assert not policy.may_decide(lawyer, requirement)


@pytest.mark.django_db
def test_a_run_is_restricted_from_its_start(lawyer: User, reviewer: User) -> None:
    workflow = flow()
    Definition.objects.update(policy={"deciders": {"users_by": "input.owner"}})
    run = started(workflow, INPUT)

    assert list(WorkflowRun.objects.visible(lawyer)) == [run]
    assert not WorkflowRun.objects.visible(reviewer).exists()
