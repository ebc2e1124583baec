"""Sharing work: claiming, handing over, putting off and undoing."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.hitl_portal.conftest import Ask, SignIn, answering
from workflows.models import Decision, Requirement, Snooze
from workflows.services import Actor, claim, resolve
from workflows.types import Action, Answer

DOING = ("claim", "unclaim", "assign", "snooze")


@pytest.fixture(autouse=True)
def hold(settings: Any) -> None:
    """Let what is decided be undone for a while."""
    settings.HITL_HOLD_SECONDS = 30


def do(client: Any, requirement: Requirement, what: str, **data: str) -> Any:
    return client.post(f"/requirements/{requirement.id}/{what}/", data)


def decide(client: Any, requirement: Requirement) -> Decision:
    client.post(f"/requirements/{requirement.id}/decide/", answering(requirement, "approve"))
    return Decision.objects.get(requirement=requirement)


def release(requirement: Requirement) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Requirement.objects.filter(id=requirement.id).update(release_at=past)


def test_a_claim_is_shown_to_everybody_and_given_back(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement, client = ask(), as_(reviewer)
    assert do(client, requirement, "claim").headers["Location"] == f"/requirements/{requirement.id}/"
    assert "You work on it" in client.get(f"/requirements/{requirement.id}/").content.decode()
    assert "reviewer works on it" in as_(admin).get(f"/requirements/{requirement.id}/").content.decode()
    assert "data-mine>Mine<" in client.get("/").content.decode()
    do(client, requirement, "unclaim")
    assert Requirement.objects.get().holder() is None


def test_who_claims_second_is_told_who_was_first(as_: SignIn, ask: Ask, reviewer: User, admin: User) -> None:
    requirement = ask()
    claim(requirement.id, actor=Actor.of(admin))
    response = do(as_(reviewer), requirement, "claim")
    assert response.status_code == 409
    assert "admin was faster and has claimed it." in response.content.decode()


def test_what_was_decided_meanwhile_cannot_be_claimed(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask()
    resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    response = do(as_(reviewer), requirement, "claim")
    assert response.status_code == 409
    assert "<strong>admin</strong> approved" in response.content.decode()


def test_it_is_handed_to_somebody_who_may_decide_it(
    as_: SignIn, ask: Ask, reviewer: User, admin: User, requester: User
) -> None:
    requirement, client = ask(), as_(reviewer)
    page = client.get(f"/requirements/{requirement.id}/assign/").content.decode()
    assert "admin</option>" in page
    assert "requester</option>" not in page
    do(client, requirement, "assign", to=str(admin.pk))
    assert Requirement.objects.get().holder() == admin


def test_it_is_not_handed_to_somebody_who_may_not(
    as_: SignIn, ask: Ask, reviewer: User, requester: User
) -> None:
    requirement = ask()
    assert do(as_(reviewer), requirement, "assign", to=str(requester.pk)).status_code == 422
    assert Requirement.objects.get().holder() is None


def test_put_off_it_is_gone_until_then_or_until_one_wants_it(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement, client = ask(message="Refund?"), as_(reviewer)
    do(client, requirement, "snooze", **{"for": "hour"})
    assert "Refund?" not in client.get("/").content.decode()
    assert "see it now" in client.get(f"/requirements/{requirement.id}/").content.decode()
    do(client, requirement, "snooze", **{"for": "now"})
    assert "Refund?" in client.get("/").content.decode()
    assert not Snooze.objects.exists()


def test_putting_off_leads_on_in_the_view(as_: SignIn, ask: Ask, reviewer: User) -> None:
    first, second = ask(), ask()
    response = as_(reviewer).post(f"/requirements/{first.id}/snooze/?sort=due", {"for": "tomorrow"})
    assert response.headers["Location"] == f"/requirements/{second.id}/?sort=due"


@pytest.mark.parametrize("what", DOING)
def test_a_stranger_finds_nothing(as_: SignIn, ask: Ask, stranger: User, what: str) -> None:
    assert do(as_(stranger), ask(), what).status_code == 404


@pytest.mark.parametrize("what", ["claim", "assign"])
def test_a_requester_does_not_work_on_it(as_: SignIn, ask: Ask, requester: User, what: str) -> None:
    requirement = ask()
    assert do(as_(requester), requirement, what).status_code == 403
    page = as_(requester).get(f"/requirements/{requirement.id}/").content.decode()
    assert f"/{what}/" not in page


@pytest.mark.parametrize("what", ["claim", "unclaim", "snooze"])
def test_looking_changes_nothing(as_: SignIn, ask: Ask, reviewer: User, what: str) -> None:
    assert as_(reviewer).get(f"/requirements/{ask().id}/{what}/").status_code == 405


def test_a_decision_offers_to_be_undone_wherever_one_goes(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement, client = ask(message="Refund?"), as_(reviewer)
    decision = decide(client, requirement)
    for address in (f"/requirements/{requirement.id}/", "/", f"/requirements/{ask().id}/"):
        assert f"/decisions/{decision.id}/undo/" in client.get(address).content.decode()


def test_undone_it_waits_again(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement, client = ask(), as_(reviewer)
    response = client.post(f"/decisions/{decide(client, requirement).id}/undo/", follow=True)
    assert "Taken back" in response.content.decode()
    assert Requirement.objects.get().is_open
    assert "/undo/" not in client.get("/").content.decode()


def test_once_it_is_released_it_is_too_late_and_the_page_says_so(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    requirement, client = ask(), as_(reviewer)
    decision = decide(client, requirement)
    release(requirement)
    assert "/undo/" not in client.get("/").content.decode()
    response = client.post(f"/decisions/{decision.id}/undo/")
    assert response.status_code == 409
    assert "Too late to undo" in response.content.decode()
    assert "<strong>reviewer</strong> approved" in response.content.decode()
    assert not Requirement.objects.get().is_open


def test_nobody_undoes_what_others_have_decided(
    as_: SignIn, ask: Ask, reviewer: User, admin: User, stranger: User
) -> None:
    decision = decide(as_(reviewer), ask())
    assert as_(admin).post(f"/decisions/{decision.id}/undo/").status_code == 403
    assert as_(stranger).post(f"/decisions/{decision.id}/undo/").status_code == 404
    assert not Requirement.objects.get().is_open


def test_another_browser_of_the_same_person_undoes_above_the_card(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    requirement = ask()
    decision = decide(as_(reviewer), requirement)
    page = as_(reviewer).get(f"/requirements/{requirement.id}/").content.decode()
    assert page.count(f"/decisions/{decision.id}/undo/") == 1


def test_a_claim_can_be_prolonged_by_who_holds_it(as_: SignIn, ask: Ask, reviewer: User, admin: User) -> None:
    requirement, client = ask(), as_(reviewer)
    do(client, requirement, "claim")
    soon = timezone.now() + timedelta(minutes=1)
    Requirement.objects.update(claimed_until=soon)
    page = f"/requirements/{requirement.id}/"
    assert "Keep it longer" in client.get(page).content.decode()
    assert "Keep it longer" not in as_(admin).get(page).content.decode()
    do(client, requirement, "claim")
    until = Requirement.objects.get().claimed_until
    assert until is not None
    assert until > soon


def test_what_was_assigned_for_longer_is_not_made_shorter(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask()
    do(as_(admin), requirement, "assign", to=str(reviewer.pk))
    page = as_(reviewer).get(f"/requirements/{requirement.id}/").content.decode()
    assert "You work on it" in page
    assert "Keep it longer" not in page


def test_a_held_decision_says_when_the_run_goes_on(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement, client = ask(), as_(reviewer)
    decide(client, requirement)
    page = f"/requirements/{requirement.id}/"
    assert "as soon as this cannot be undone" in client.get(page).content.decode()
    release(requirement)
    assert "as soon as this cannot be undone" not in client.get(page).content.decode()
