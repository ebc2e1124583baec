"""What can never be decided is found before anybody waits for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from tests.rows import a_person, a_run, a_workflow
from tests.workflows.driving import a_flow, an_ask, decide, statements
from workflows import HumanReview, Step, policy
from workflows.coverage import Finding, findings
from workflows.models import Delegation, Requirement, Workflow
from workflows.types import Circle, ReviewPolicy

pytestmark = pytest.mark.django_db


def a_flow_with(**policy: Any) -> None:
    """One registered workflow whose only step asks under this policy."""
    review = HumanReview(requires_confirmation=True, **policy)
    a_flow(Step("pay", lambda _: "paid", human_review=review))


def asked(requester: User | None = None, **policy: Any) -> Requirement:
    """An open requirement under a policy."""
    requirement = an_ask(a_run(requester))
    requirement.policy = ReviewPolicy.from_dict(policy).to_dict()
    requirement.save(update_fields=["policy"])
    return requirement


def problems() -> list[str]:
    return [finding.problem for finding in findings()]


def away(person: User, days: int, deputy: User | None = None) -> None:
    now = timezone.now()
    Delegation.objects.create(
        person=person, deputy=deputy, starts_at=now, ends_at=now + timedelta(days=days), created_by="test"
    )


def test_where_everything_can_be_decided_nothing_is_found(reviewer: User) -> None:
    a_flow_with()
    asked()

    assert findings() == []


def test_without_a_reviewer_nobody_decides() -> None:
    a_flow_with()

    assert findings() == [Finding(problem="nobody", detail="Nobody may decide it", workflow="flow")]


def test_an_empty_group_is_named(reviewer: User) -> None:
    a_flow_with(deciders=["reviewers", "legal"])

    (found,) = findings()
    assert (found.problem, found.path) == ("empty group", "pay")
    assert "'legal'" in found.detail


def test_who_has_left_is_in_no_group() -> None:
    a_person("lawyer", "legal", is_active=False)
    a_flow_with(deciders="legal")

    assert problems() == ["empty group", "nobody"]


def test_a_quorum_larger_than_the_group(reviewer: User, admin: User) -> None:
    a_flow_with(quorum=3)

    (found,) = findings()
    assert (found.problem, found.detail) == ("quorum too large", "3 must agree, and 2 may decide")


def test_one_of_each_group_needs_as_many_people(reviewer: User) -> None:
    a_person("both", "legal", "finance")
    a_flow_with(deciders=["legal", "finance"], quorum="each group")

    assert problems() == ["quorum too large"]


def test_four_eyes_with_one_pair(reviewer: User) -> None:
    a_flow_with(four_eyes=True)

    assert problems() == ["four eyes"]


def test_of_what_is_open_it_is_known_who_asked(reviewer: User, requester: User) -> None:
    asked(requester, four_eyes=True)
    assert findings() == []
    requirement = asked(reviewer, four_eyes=True)

    (found,) = findings()
    assert (found.problem, found.requirement_id) == ("four eyes", requirement.id)


def test_votes_that_can_split(reviewer: User, admin: User) -> None:
    a_flow_with(quorum=2, rejections=2)

    assert problems() == ["split votes"]


def test_everybody_away_before_the_deadline(reviewer: User, stranger: User) -> None:
    requirement = asked()
    Requirement.objects.filter(id=requirement.id).update(timeout_at=timezone.now() + timedelta(days=2))
    away(reviewer, 1)
    assert findings() == []
    away(reviewer, 3)

    assert problems() == ["all away"]


def test_a_deputy_who_is_there_is_enough(reviewer: User, stranger: User) -> None:
    requirement = asked()
    Requirement.objects.filter(id=requirement.id).update(due_at=timezone.now() + timedelta(days=2))
    away(reviewer, 3, stranger)
    assert findings() == []
    away(stranger, 3)

    assert problems() == ["all away"]


def test_what_is_decided_is_not_looked_at(reviewer: User) -> None:
    requirement = asked()
    decide(requirement, reviewer)
    reviewer.groups.clear()

    assert findings() == []


def test_an_admins_approval_needs_an_admin(reviewer: User) -> None:
    an_ask(a_run(), "tool_confirmation", tool={"approval": "required"})

    assert problems() == ["nobody"]


def test_a_workflows_policy_counts_where_its_steps_are_silent(reviewer: User) -> None:
    a_flow_with()
    Workflow.objects.update(policy={"deciders": {"groups": ["legal"]}})

    assert problems() == ["empty group", "nobody"]


def test_a_policy_that_is_none_is_named(reviewer: User) -> None:
    a_workflow(policy={"deciders": {}})

    assert problems() == ["broken policy"]


def test_whom_a_function_chooses_is_not_guessed() -> None:
    a_flow_with(deciders=lambda _: "legal", quorum=9)

    assert findings() == []


@pytest.mark.parametrize("open_ones", [1, 20])
def test_it_costs_the_same_however_much_is_open(reviewer: User, open_ones: int) -> None:
    for _ in range(open_ones):
        asked()

    assert len(statements(findings)) == 5


def test_what_is_alike_is_one_finding_with_a_number(reviewer: User) -> None:
    for number in range(5):
        asked(a_person(f"requester {number}"), quorum=2)

    (found,) = findings()
    assert (found.problem, found.count) == ("quorum too large", 5)


def test_people_are_looked_through_once_for_each_policy(
    reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        asked(four_eyes=True)
    for number in range(5):
        asked(a_person(f"requester {number}"), four_eyes=True)
    looked: list[User] = []
    fits = policy.fits

    def counted(person: User, said: ReviewPolicy, also: Circle) -> bool:
        looked.append(person)
        return fits(person, said, also)

    monkeypatch.setattr(policy, "fits", counted)
    findings()

    assert len(looked) == User.objects.count()


def test_only_under_four_eyes_it_matters_who_asked(reviewer: User, requester: User) -> None:
    asked(requester, four_eyes=True)
    asked(reviewer, four_eyes=True)
    asked(reviewer, four_eyes=False)

    assert [(found.problem, found.count) for found in findings()] == [("four eyes", 1)]


def test_of_what_is_alike_the_first_deadline_counts(reviewer: User) -> None:
    soon, late = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(days=9)
    for end in (late, soon, None):
        Requirement.objects.filter(id=asked().id).update(timeout_at=end)
    away(reviewer, 1)

    (found,) = findings()
    assert found.problem == "all away"
    assert f"{soon:%Y-%m-%d %H:%M}" in found.detail


def test_who_is_switched_off_is_named(reviewer: User) -> None:
    a_person("lawyer", is_active=False)
    a_flow_with(deciders={"groups": ["reviewers"], "users": ["lawyer"]})

    (found,) = findings()
    assert (found.problem, found.path) == ("not there", "pay")
    assert "'lawyer'" in found.detail


def test_an_escalation_to_nobody(reviewer: User) -> None:
    a_flow_with(escalate=[{"after": 60, "groups": ["board"]}, {"after": 90, "users": ["reviewer"]}])

    (found,) = findings()
    assert (found.problem, found.detail) == (
        "escalation to nobody",
        "It is escalated to nobody who is there: board",
    )


def test_who_was_asked_later_counts() -> None:
    a_person("boss", "board")
    requirement = asked(deciders="legal", escalate=[{"after": 60, "groups": ["board"]}])
    assert problems() == ["empty group", "nobody"]
    Requirement.objects.filter(id=requirement.id).update(steps_taken=1)

    assert problems() == ["empty group"]


def test_the_waiting_ends_before_anybody_is_at_work(reviewer: User) -> None:
    now = timezone.now()
    days_off = [f"{now + timedelta(days=day):%Y-%m-%d}" for day in range(-1, 4)]
    requirement = asked(business_hours={"holidays": days_off})
    Requirement.objects.filter(id=requirement.id).update(timeout_at=now + timedelta(days=30))
    assert problems() == []
    Requirement.objects.filter(id=requirement.id).update(timeout_at=now + timedelta(days=2))

    assert problems() == ["after hours"]


def test_whom_the_input_names_is_not_guessed(reviewer: User) -> None:
    a_flow_with()
    Workflow.objects.update(policy={"deciders": {"users_by": "input.owner"}, "quorum": 9})

    assert findings() == []


def test_the_command_prints_them(reviewer: User, capsys: pytest.CaptureFixture[str]) -> None:
    requirement = asked(quorum=2)
    call_command("coverage")

    said = f"refund/pay (requirement {requirement.id}): quorum too large: 2 must agree, and 1 may decide"
    assert said in capsys.readouterr().out


def test_the_command_fails_where_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("coverage", "--fail")


def test_the_command_says_that_all_is_well(
    reviewer: User, admin: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("coverage", "--fail")

    assert capsys.readouterr().out == "Everything can be decided.\n"
