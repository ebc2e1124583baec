"""Tokens: what is no link of ours opens nothing, and new keys leave the links of before alone."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.links.models import AnswerLink
from hitl_portal.links.services import find
from hitl_portal.links.standing import Dead
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.links.conftest import token_for

OLD, NEW = "2026-01:" + "o" * 40, "2026-11:" + "n" * 40


def is_known(token: str) -> bool:
    try:
        find(token)
    except Dead:
        return False
    return True


@pytest.fixture
def token(ask: Ask, reviewer: User) -> str:
    """Give the token of a link of the reviewer's."""
    return token_for(ask(), reviewer)


def test_what_was_issued_is_known(token: str) -> None:
    assert is_known(token)


def test_the_database_has_no_part_of_it_that_opens_anything(token: str) -> None:
    kept = " ".join(map(str, AnswerLink.objects.values_list().get()))
    _key, random, signature = token.split(".")
    assert random not in kept
    assert signature not in kept


def test_its_secret_part_is_long_and_never_the_same(ask: Ask, reviewer: User) -> None:
    requirement = ask()
    secret = {token_for(requirement, reviewer).split(".")[1] for _ in range(20)}
    assert len(secret) == 20
    assert {len(part) for part in secret} == {27}  # 160 bits


@pytest.mark.parametrize("length", [0, 1, 10, 40, 80, -1])
def test_a_truncated_one_is_unknown(token: str, length: int) -> None:
    assert not is_known(token[:length])


@pytest.mark.parametrize(
    "nonsense", ["", "x", "a.b.c", "../../admin", "\0", "k." + "é" * 27 + "." + "s" * 43]
)
def test_nonsense_is_unknown(db: None, nonsense: str) -> None:
    assert not is_known(nonsense)


@pytest.mark.parametrize("place", range(0, 83, 7))
def test_one_with_a_changed_letter_is_unknown(token: str, place: int) -> None:
    other = "A" if token[place] != "A" else "B"
    assert not is_known(token[:place] + other + token[place + 1 :])


def test_a_signature_of_another_link_does_not_fit(ask: Ask, reviewer: User, admin: User) -> None:
    requirement = ask()
    mine = token_for(requirement, reviewer).split(".")
    for other in (token_for(requirement, admin), token_for(ask(), reviewer)):
        assert not is_known(".".join([*mine[:2], other.split(".")[2]]))


@pytest.mark.parametrize("what", ["requirement", "revision", "person", "expires_at"])
def test_a_row_that_somebody_has_turned_to_something_else_is_no_link(
    token: str, ask: Ask, admin: User, what: str
) -> None:
    other = {"requirement": ask(), "revision": 2, "person": admin, "expires_at": timezone.now()}
    AnswerLink.objects.update(**{what: other[what]})
    assert not is_known(token)


def test_new_keys_leave_it_alone(ask: Ask, reviewer: User, settings: LazySettings) -> None:
    by_own = token_for(ask(), reviewer)
    settings.HITL_SECRET_KEYS = [OLD]
    by_old = token_for(ask(), reviewer)
    settings.HITL_SECRET_KEYS = [NEW, OLD]
    by_new = token_for(ask(), reviewer)
    assert [token.split(".")[0] for token in (by_own, by_old, by_new)] == ["secret-key", "2026-01", "2026-11"]
    assert all(map(is_known, (by_own, by_old, by_new)))


def test_it_ends_when_its_key_is_taken_away(ask: Ask, reviewer: User, settings: LazySettings) -> None:
    settings.HITL_SECRET_KEYS = [OLD]
    token = token_for(ask(), reviewer)
    settings.HITL_SECRET_KEYS = [NEW]
    assert not is_known(token)


def test_a_new_secret_key_leaves_it_alone_while_the_old_one_is_named(
    ask: Ask, reviewer: User, settings: LazySettings
) -> None:
    token, before = token_for(ask(), reviewer), settings.SECRET_KEY
    settings.SECRET_KEY = "another one " * 5
    assert not is_known(token)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert is_known(token)
