"""A yes to a high risk needs a second factor that was shown just now."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.accounts.codes import an_app, code, wrong
from tests.hitl_portal.accounts.conftest import PASSWORD, prove
from tests.hitl_portal.conftest import Ask, answering
from workflows.models import Requirement

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def asked_for(settings: LazySettings) -> None:
    """Ask for it, as installations with https do."""
    settings.HITL_HIGH_RISK_FACTOR = True


@pytest.fixture
def risky(ask: Ask) -> Requirement:
    """Give something of a high risk."""
    requirement = ask()
    Requirement.objects.update(risk="high")
    requirement.refresh_from_db()
    return requirement


def decide(client: Client, requirement: Requirement, action: str = "approve", **typed: str) -> Any:
    """Look at all of it, then answer."""
    card = f"/requirements/{requirement.pk}/"
    found = re.search(r'name="folds" value="([^"]+)"', client.get(f"{card}?unfolded=1").content.decode())
    seen = {"folds": found[1], "seen": ""} if found else {}
    return client.post(f"{card}decide/", answering(requirement, action, **seen, **typed))


def is_open(requirement: Requirement) -> bool:
    requirement.refresh_from_db()
    return requirement.is_open


def test_without_it_a_yes_does_not_count_and_what_was_typed_stays(
    signed_in: Client, risky: Requirement
) -> None:
    answer = decide(signed_in, risky, feedback="The parcel was seen.")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "show a second factor first" in page
    assert "The parcel was seen." in page
    assert "/accounts/confirm/?next=" in page
    assert is_open(risky)


def test_with_it_the_yes_counts(signed_in: Client, reviewer: User, risky: Requirement) -> None:
    an_app(reviewer)
    prove(signed_in, code=code())
    assert decide(signed_in, risky).status_code == 302
    assert not is_open(risky)


def test_a_code_beside_the_answer_does_as_well(signed_in: Client, reviewer: User, risky: Requirement) -> None:
    an_app(reviewer)
    assert 'name="factor_code"' in signed_in.get(f"/requirements/{risky.pk}/").content.decode()
    assert decide(signed_in, risky, factor_code=code()).status_code == 302
    assert not is_open(risky)


def test_a_wrong_code_decides_nothing(signed_in: Client, reviewer: User, risky: Requirement) -> None:
    an_app(reviewer)
    answer = decide(signed_in, risky, factor_code=wrong(), feedback="The parcel was seen.")
    assert answer.status_code == 422
    assert "Nothing is decided yet. Incorrect code." in answer.content.decode()
    assert "The parcel was seen." in answer.content.decode()
    assert is_open(risky)


def test_codes_cannot_be_tried_out_there(signed_in: Client, reviewer: User, risky: Requirement) -> None:
    an_app(reviewer)
    for _ in range(5):
        decide(signed_in, risky, factor_code=wrong())
    assert decide(signed_in, risky, factor_code=code()).status_code == 422
    assert is_open(risky)


def test_a_code_is_not_used_up_by_an_answer_that_does_not_fit(
    signed_in: Client, reviewer: User, risky: Requirement
) -> None:
    an_app(reviewer)
    sent = answering(risky, "approve", factor_code=code())
    assert signed_in.post(f"/requirements/{risky.pk}/decide/", sent).status_code == 422  # nothing was opened
    assert decide(signed_in, risky, factor_code=code()).status_code == 302


def test_to_sign_in_with_one_is_enough(client: Client, reviewer: User, risky: Requirement) -> None:
    an_app(reviewer)
    client.post("/accounts/sign-in/", {"login": "reviewer", "password": PASSWORD})
    client.post("/accounts/sign-in/second/", {"code": code()})
    assert decide(client, risky).status_code == 302


def test_it_is_fresh_for_some_minutes(
    signed_in: Client, reviewer: User, risky: Requirement, settings: LazySettings
) -> None:
    an_app(reviewer)
    prove(signed_in, code=code())
    session = signed_in.session
    session["account_authentication_methods"][-1]["at"] -= settings.HITL_FRESH_SECONDS
    session.save()
    assert decide(signed_in, risky).status_code == 422


def test_the_password_again_is_no_second_factor(signed_in: Client, risky: Requirement) -> None:
    prove(signed_in)
    assert decide(signed_in, risky).status_code == 422


def test_what_somebody_else_has_shown_in_this_browser_does_not_count(
    signed_in: Client, reviewer: User, admin: User, risky: Requirement
) -> None:
    an_app(reviewer)
    prove(signed_in, code=code())
    signed_in.post("/accounts/sign-out/")
    signed_in.post("/accounts/sign-in/", {"login": "admin", "password": PASSWORD})
    assert decide(signed_in, risky).status_code == 422


def test_a_no_is_free(signed_in: Client, risky: Requirement) -> None:
    assert decide(signed_in, risky, "reject").status_code == 302


def test_what_has_no_high_risk_is_free(signed_in: Client, ask: Ask) -> None:
    requirement = ask()
    assert decide(signed_in, requirement).status_code == 302


def test_where_none_is_asked_for_a_yes_is_free(
    signed_in: Client, risky: Requirement, settings: LazySettings
) -> None:
    settings.HITL_HIGH_RISK_FACTOR = False
    assert decide(signed_in, risky).status_code == 302


def test_who_has_none_is_told_how_to_get_one(signed_in: Client, reviewer: User) -> None:
    page = signed_in.get("/accounts/confirm/").content.decode()
    assert "/accounts/security/passkeys/add/" in page
    assert "/accounts/security/app/" in page


def test_who_has_one_comes_back_after_it(signed_in: Client, reviewer: User) -> None:
    an_app(reviewer)
    asked = signed_in.get("/accounts/confirm/?next=/accounts/confirm/done/").headers["Location"]
    answer = signed_in.post(asked, {"code": code(), "next": "/accounts/confirm/done/"})
    assert answer.headers["Location"] == "/accounts/confirm/done/"


@pytest.mark.parametrize("target", ["https://attacker.example/", "//attacker.example"])
def test_it_leads_back_to_us_only(signed_in: Client, reviewer: User, target: str) -> None:
    an_app(reviewer)
    answer = signed_in.post("/accounts/confirm/code/", {"code": code(), "next": target})
    assert "attacker" not in answer.headers["Location"]
