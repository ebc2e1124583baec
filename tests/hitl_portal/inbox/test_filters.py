"""Filters: what an address asks for, and nothing else of what a person may see."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.filters import Filters
from tests.hitl_portal.conftest import Ask, SignIn, new_run
from workflows.models import Grant, Requirement, Workflow, WorkflowRun
from workflows.services import Actor, claim, resolve, snooze
from workflows.types import Action, Answer


def shown(person: User, **wishes: str) -> list[str]:
    """The messages in the order of the list."""
    person = User.objects.get(pk=person.pk)
    desk = Desk.of(person, Filters.of(wishes))
    return [item.message for item in desk.filters.order.of(desk.listed())]


def change(requirement: Requirement, **fields: Any) -> Requirement:
    Requirement.objects.filter(id=requirement.id).update(**fields)
    return requirement


def ago(**span: float) -> Any:
    return timezone.now() - timedelta(**span)


def test_an_address_says_it_all_and_nothing_unknown() -> None:
    given = {"who": "mine", "sort": "due", "kind": "nonsense", "colour": "red", "q": " lamp "}
    assert Filters.of(given).query == "q=lamp&who=mine&sort=due"


def test_by_kind(ask: Ask, reviewer: User) -> None:
    ask("confirmation", "yes or no")
    ask("tool_confirmation", "may I")
    ask("route", "which way", choices=[])
    assert shown(reviewer, kind="approval") == ["yes or no", "may I"]
    assert shown(reviewer, kind="choice") == ["which way"]


def test_by_workflow_and_requester(ask: Ask, reviewer: User, requester: User, workflow: Workflow) -> None:
    other = Workflow.objects.create(name="release", title="Release", fingerprint="f", outline={})
    ask(message="release", run=new_run(other, reviewer))
    ask(message="refund")
    assert shown(reviewer, workflow="release") == ["release"]
    assert shown(reviewer, requester="requester") == ["refund"]


def test_by_who_works_on_it(ask: Ask, reviewer: User, admin: User) -> None:
    claim(ask(message="mine").id, actor=Actor.of(reviewer))
    claim(ask(message="theirs").id, actor=Actor.of(admin))
    change(ask(message="no more"), assignee=admin, claimed_until=ago(minutes=1))
    assert shown(reviewer, who="mine") == ["mine"]
    assert shown(reviewer, who="others") == ["theirs"]
    assert shown(reviewer, who="free") == ["no more"]


def test_by_what_one_s_groups_are_asked(ask: Ask, reviewer: User) -> None:
    reviewer.groups.add(Group.objects.create(name="treasury"))
    ours, _anybody_s = ask(message="ours"), ask(message="anybody's")
    Grant.objects.create(run=ours.run, requirement=ours, group="treasury", decides=True)
    assert shown(reviewer, who="team") == ["ours"]


def test_by_when_it_is_due(ask: Ask, reviewer: User) -> None:
    change(ask(message="late"), due_at=ago(minutes=1))
    change(ask(message="today"), timeout_at=timezone.now() + timedelta(hours=3))
    change(ask(message="soon"), due_at=timezone.now() + timedelta(days=3))
    ask(message="whenever")
    assert shown(reviewer, due="over") == ["late"]
    assert shown(reviewer, due="day") == ["late", "today"]
    assert shown(reviewer, due="week") == ["late", "today", "soon"]
    assert shown(reviewer, due="none") == ["whenever"]


def test_by_risk_and_age(ask: Ask, reviewer: User) -> None:
    change(ask(message="risky"), risk="high")
    change(ask(message="old"), opened_at=ago(days=2))
    assert shown(reviewer, risk="high") == ["risky"]
    assert shown(reviewer, age="day") == ["old"]
    assert shown(reviewer, age="week") == []


def test_what_was_put_off_is_elsewhere_and_only_for_oneself(ask: Ask, reviewer: User, admin: User) -> None:
    later = ask(message="later")
    snooze(later.id, until=timezone.now() + timedelta(hours=1), actor=Actor.of(reviewer))
    assert shown(reviewer) == []
    assert shown(reviewer, show="snoozed") == ["later"]
    assert shown(admin) == ["later"]


def test_what_one_has_decided_oneself(ask: Ask, reviewer: User, admin: User) -> None:
    for person in (reviewer, admin):
        item = ask(message=f"by {person}")
        resolve(item.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(person))
    assert shown(reviewer, show="decided", who="mine") == ["by reviewer"]
    assert shown(reviewer, show="decided") == ["by admin", "by reviewer"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["old", "urgent", "due"]),
        ("newest", ["due", "urgent", "old"]),
        ("due", ["due", "old", "urgent"]),
        ("priority", ["urgent", "old", "due"]),
    ],
)
def test_each_order(ask: Ask, reviewer: User, sort: str, order: list[str]) -> None:
    change(ask(message="old"), opened_at=ago(hours=3))
    change(ask(message="urgent"), opened_at=ago(hours=2), priority=4)
    change(ask(message="due"), opened_at=ago(hours=1), due_at=timezone.now())
    assert shown(reviewer, sort=sort) == order


@pytest.mark.parametrize("sort", ["", "newest", "due", "priority"])
def test_after_an_item_comes_the_next_one_of_the_view(ask: Ask, reviewer: User, sort: str) -> None:
    for number in range(4):
        due = timezone.now() + timedelta(hours=5 - number) if number else None
        change(ask(message=str(number)), due_at=due, priority=1 + number % 3)
    listed = shown(reviewer, sort=sort)
    desk = Desk.of(User.objects.get(pk=reviewer.pk), Filters(sort=sort))
    walked = []
    for message in listed:
        following = desk.after(Requirement.objects.get(message=message))
        assert following
        walked.append(following.message)
    assert walked == [*listed[1:], listed[0]]


def test_a_stranger_finds_nothing_whatever_they_ask_for(ask: Ask, stranger: User) -> None:
    ask(message="refund")
    for wishes in ({}, {"q": "refund"}, {"show": "decided"}, {"who": "free"}):
        assert shown(stranger, **wishes) == []


def test_the_page_says_what_narrows_it_and_how_to_undo_that(as_: SignIn, ask: Ask, reviewer: User) -> None:
    ask(message="refund")
    page = as_(reviewer).get("/?kind=review&risk=high").content.decode()
    assert "0 items:" in page
    assert "Unclaimed<span" in as_(reviewer).get("/?kind=review&who=free").content.decode()
    assert 'href="/?risk=high"><span class="visually-hidden">No longer only: </span>Reviews' in page
    assert "Nothing is like that." in page


def test_the_filters_page_offers_only_what_one_may_see(
    as_: SignIn, run: WorkflowRun, reviewer: User, stranger: User
) -> None:
    assert '<option value="requester">' in as_(reviewer).get("/inbox/filters/").content.decode()
    page = as_(stranger).get("/inbox/filters/").content.decode()
    assert "requester</option>" not in page
    assert "Refund" not in page
