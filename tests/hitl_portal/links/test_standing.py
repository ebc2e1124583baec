"""Standing: a link ends with what it is about, and with its person's say in it."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group, User
from django.db.models import F
from django.utils import timezone

from hitl_portal.links.models import AnswerLink
from hitl_portal.links.services import answer_by, find, issue, take_back
from hitl_portal.links.standing import Why
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.links.conftest import YES, away, standing_of, token_for
from tests.hitl_portal.tools import ask_about_tool
from workflows import services
from workflows.models import Requirement
from workflows.policy import REVIEWERS
from workflows.services import Actor


@pytest.fixture
def asked(ask: Ask) -> Requirement:
    """Give what the link is about."""
    return ask()


@pytest.fixture
def token(asked: Requirement, reviewer: User) -> str:
    """Give the token of the reviewer's link about it."""
    return token_for(asked, reviewer)


def test_it_counts_while_nothing_happens(token: str) -> None:
    assert standing_of(token) is None


def test_it_ends_when_what_is_asked_changes(token: str, asked: Requirement) -> None:
    Requirement.objects.filter(pk=asked.pk).update(revision=F("revision") + 1)
    assert standing_of(token) is Why.CHANGED


def test_it_ends_when_somebody_else_decides(token: str, asked: Requirement, admin: User) -> None:
    services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(admin))
    assert standing_of(token) is Why.DECIDED


def test_it_ends_when_its_person_decides_elsewhere(token: str, asked: Requirement, reviewer: User) -> None:
    services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(reviewer))
    assert standing_of(token) is Why.DECIDED


def test_it_outlives_a_decision_that_was_taken_back(
    token: str, asked: Requirement, admin: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    decision = services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(admin))
    assert standing_of(token) is Why.DECIDED
    services.undo(decision.id, actor=Actor.of(admin))
    assert standing_of(token) is None


def test_it_ends_when_what_is_asked_changes_after_that(
    token: str, asked: Requirement, admin: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    decision = services.resolve(asked.id, revision=1, answer=YES, actor=Actor.of(admin))
    services.undo(decision.id, actor=Actor.of(admin))
    Requirement.objects.filter(pk=asked.pk).update(revision=F("revision") + 1)
    assert standing_of(token) is Why.CHANGED


def test_it_is_used_up_by_its_own_decision_also_when_that_is_taken_back(
    token: str, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    answer_by(find(token), revision=1, answer=YES)
    assert standing_of(token) is Why.USED
    take_back(find(token))
    assert standing_of(token) is Why.USED


def test_it_ends_with_the_run(token: str, asked: Requirement, admin: User) -> None:
    services.cancel_run(asked.run_id, actor=Actor.of(admin))
    assert standing_of(token) is Why.WITHDRAWN


def test_it_ends_after_its_time(token: str) -> None:
    AnswerLink.objects.update(expires_at=timezone.now())
    with pytest.raises(Exception, match="unknown"):  # a row that was changed is no link of ours
        find(token)


def test_it_ends_with_its_time_and_with_the_deadline(
    asked: Requirement, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_ANSWER_LINK_SECONDS = 0
    assert standing_of(token_for(asked, reviewer)) is Why.EXPIRED
    settings.HITL_ANSWER_LINK_SECONDS = 3600
    asked.timeout_at = timezone.now() - timedelta(seconds=1)
    assert standing_of(token_for(asked, reviewer)) is Why.EXPIRED


def test_it_ends_when_somebody_else_is_to_decide(
    token: str, asked: Requirement, reviewer: User, admin: User
) -> None:
    services.assign(asked.id, to=admin, actor=Actor.of(reviewer))
    assert standing_of(token) is Why.HANDED_ON
    services.assign(asked.id, to=reviewer, actor=Actor.of(admin))
    assert standing_of(token) is Why.HANDED_ON
    assert standing_of(token_for(asked, reviewer)) is None


def test_it_outlives_that_its_person_is_to_decide(
    token: str, asked: Requirement, reviewer: User, admin: User
) -> None:
    services.assign(asked.id, to=reviewer, actor=Actor.of(admin))
    assert standing_of(token) is None


def test_it_ends_when_its_person_has_a_deputy(token: str, reviewer: User, admin: User) -> None:
    away(reviewer, admin)
    assert standing_of(token) is Why.HANDED_ON


def test_a_deputy_has_one_until_they_are_no_deputy(
    asked: Requirement, reviewer: User, stranger: User
) -> None:
    absence = away(reviewer, stranger)
    token = token_for(asked, stranger)
    assert standing_of(token) is None
    services.revoke_delegation(absence.id, actor=Actor.of(reviewer))
    assert standing_of(token) is Why.NOT_THEIRS


def test_it_ends_when_its_person_decides_no_more(token: str, reviewer: User) -> None:
    reviewer.groups.remove(Group.objects.get(name=REVIEWERS))
    assert standing_of(token) is Why.NOT_THEIRS


def test_it_ends_with_its_person_s_account(token: str) -> None:
    User.objects.update(is_active=False)
    assert standing_of(token) is Why.NOT_THEIRS


def test_it_ends_when_the_risk_becomes_high_or_links_are_switched_off(
    token: str, settings: LazySettings
) -> None:
    settings.HITL_ANSWER_LINKS = False
    assert standing_of(token) is Why.OFF
    settings.HITL_ANSWER_LINKS = True
    Requirement.objects.update(risk="high")
    assert standing_of(token) is Why.OFF


def test_nobody_gets_one_who_could_not_use_it(
    ask: Ask, reviewer: User, stranger: User, settings: LazySettings
) -> None:
    risky, decided, plain = ask(), ask(), ask()
    risky.risk, decided.status = "high", Requirement.Status.DECIDED
    assert [issue(one, reviewer) for one in (risky, decided)] == [None, None]
    assert issue(plain, stranger) is None
    settings.HITL_ANSWER_LINKS = False
    assert issue(plain, reviewer) is None
    assert not AnswerLink.objects.exists()


def test_nobody_gets_one_where_answers_are_signed(ask: Ask, reviewer: User, settings: LazySettings) -> None:
    settings.HITL_SIGNED_DECISIONS = "all"
    assert issue(ask(), reviewer) is None


def test_nobody_gets_one_where_only_admins_decide(ask: Ask, admin: User) -> None:
    assert issue(ask_about_tool(ask, approval="required"), admin) is None
