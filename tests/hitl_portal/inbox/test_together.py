"""Several at once: only what is alike, listed before, decided one by one, with a result for each."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.hitl_portal.conftest import Ask, SignIn
from workflows.models import Decision, Requirement
from workflows.services import Actor, claim, resolve
from workflows.types import Action, Answer


@pytest.fixture(autouse=True)
def hold(settings: Any) -> None:
    """Let what is decided be undone for a while."""
    settings.HITL_HOLD_SECONDS = 30


def listed(client: Client, do: str, *items: Requirement) -> str:
    """The page that asks before anything is done."""
    return client.get("/inbox/bulk/", {"do": do, "item": [str(item.id) for item in items]}).content.decode()


def send(client: Client, action: str, *items: Requirement, **typed: str) -> Any:
    data = {"item": [f"{item.id}:{item.revision}" for item in items], "action": action, **typed}
    return client.post("/inbox/bulk/", data)


def change(requirement: Requirement, **fields: Any) -> Requirement:
    Requirement.objects.filter(id=requirement.id).update(**fields)
    return requirement


def test_it_lists_what_is_about_to_be_approved_and_does_nothing_yet(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    page = listed(as_(reviewer), "approve", ask(message="Refund A?"), ask(message="Refund B?"))
    assert "Refund A?" in page
    assert "Refund B?" in page
    assert "Approve (2)" in page
    assert "“pay” runs" in page
    assert not Decision.objects.exists()


def test_each_is_decided_by_itself_and_can_be_undone(as_: SignIn, ask: Ask, reviewer: User) -> None:
    items = [ask(), ask()]
    page = send(as_(reviewer), "approve", *items, feedback="Within the budget.").content.decode()
    assert "2 of 2 done" in page
    assert page.count("/undo/") >= 2
    assert {item.feedback for item in Decision.objects.all()} == {"Within the budget."}
    assert Decision.objects.count() == 2


def test_one_that_somebody_else_has_decided_does_not_stop_the_others(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    theirs, mine = ask(), ask()
    resolve(theirs.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    page = send(as_(reviewer), "approve", theirs, mine).content.decode()
    assert "1 of 2 done" in page
    assert "admin was faster." in page
    assert Decision.objects.get(requirement=mine).person == reviewer


def test_one_that_has_changed_since_it_was_listed_is_not_decided(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    requirement = ask()
    change(requirement, revision=2)
    page = send(as_(reviewer), "approve", requirement).content.decode()
    assert "0 of 1 done" in page
    assert "has changed meanwhile" in page
    assert not Decision.objects.exists()


def test_what_is_not_alike_has_buttons_of_its_own(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = listed(as_(reviewer), "approve", ask(), ask("output_review", "Good?", content="a draft"))
    assert page.count("Approve (1)") == 2
    assert "They are not all alike" in page


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        ("user_input", {}, "It asks for more than a yes"),
        ("route", {}, "It asks for more than a yes"),
        ("error", {}, "It has no such answer"),
        ("confirmation", {"risk": "high"}, "High risk: open it"),
        ("confirmation", {"status": "applied"}, "It is decided already."),
    ],
)
def test_what_needs_a_look_is_left_out_and_why(
    as_: SignIn, ask: Ask, reviewer: User, kind: str, fields: dict[str, Any], why: str
) -> None:
    requirement = change(ask(kind, "Refund?", choices=[{"name": "fast"}]), **fields)
    page = listed(as_(reviewer), "approve", requirement)
    assert why in page
    assert 'name="action"' not in page


def test_a_no_says_what_it_causes_and_asks_for_words_where_they_are_needed(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    client, item = (
        as_(reviewer),
        ask("output_review", "Good?", content="a draft", on_reject="retry", max_retries=3),
    )
    assert "Request changes (1)" in listed(client, "reject", item)
    response = client.post("/inbox/bulk/", {"do": "reject", "item": f"{item.id}:1", "action": "reject"})
    assert response.status_code == 422
    assert "Say what should change" in response.content.decode()
    assert not Decision.objects.exists()
    assert "1 of 1 done" in send(client, "reject", item, feedback="Shorter.").content.decode()


def test_several_are_claimed(as_: SignIn, ask: Ask, reviewer: User, admin: User) -> None:
    free, theirs = ask(), ask()
    claim(theirs.id, actor=Actor.of(admin))
    client = as_(reviewer)
    assert "Claim these 2" in listed(client, "claim", free, theirs)
    page = send(client, "claim", free, theirs).content.decode()
    assert "1 of 2 done" in page
    assert "admin has claimed it." in page
    assert Requirement.objects.get(id=free.id).holder() == reviewer


def test_what_is_not_alike_is_claimed_together(as_: SignIn, ask: Ask, reviewer: User) -> None:
    items = [ask(), ask("user_input", "How much?")]
    query = "&".join(f"item={item.pk}" for item in items)
    page = as_(reviewer).get(f"/inbox/bulk/?do=claim&{query}").content.decode()

    assert "Claim these 2" in page


def test_a_requester_may_not_and_a_stranger_sees_nothing(
    as_: SignIn, ask: Ask, requester: User, stranger: User
) -> None:
    requirement = ask(message="Refund?")
    assert "It is not yours to decide." in listed(as_(requester), "approve", requirement)
    assert "This is for others to do." in send(as_(requester), "approve", requirement).content.decode()
    assert "Refund?" not in send(as_(stranger), "approve", requirement).content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("query", ["", "?do=approve", "?do=delete&item=x", "?do=approve&item=nonsense"])
def test_nothing_ticked_leads_back(as_: SignIn, ask: Ask, reviewer: User, query: str) -> None:
    ask()
    assert as_(reviewer).get(f"/inbox/bulk/{query}").headers["Location"] == "/"


def test_once_the_time_is_over_the_page_offers_no_undo(
    as_: SignIn, ask: Ask, reviewer: User, settings: Any
) -> None:
    settings.HITL_HOLD_SECONDS = 0
    page = send(as_(reviewer), "approve", ask()).content.decode()
    assert "1 of 1 done" in page
    assert "/undo/" not in page
    assert timezone.now() - Decision.objects.get().decided_at < timedelta(minutes=1)


def test_no_yes_to_a_high_risk_comes_in_beside_its_card(as_: SignIn, ask: Ask, reviewer: User) -> None:
    risky, plain = change(ask(), risk="high"), ask()
    page = send(as_(reviewer), "approve", risky, plain).content.decode()
    assert "1 of 2 done" in page
    assert "High risk: open it" in page
    assert Decision.objects.get().requirement == plain


@pytest.mark.parametrize("action", ["retry", "skip"])
def test_nor_does_another_try_of_what_has_one(as_: SignIn, ask: Ask, reviewer: User, action: str) -> None:
    risky = change(ask("error", error={"type": "E", "message": "m"}), risk="high")
    assert "High risk: open it" in send(as_(reviewer), action, risky).content.decode()
    assert not Decision.objects.exists()
