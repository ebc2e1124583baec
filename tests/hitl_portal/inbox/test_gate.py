"""Where the risk is high, nobody says yes before everything that was folded has been opened; a no is always free."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.inbox import gate
from tests.hitl_portal.conftest import Ask, SignIn, answering
from workflows.models import Decision, Requirement

LONG = "\n".join(f"line {number} of something long enough to be folded" for number in range(200))


@pytest.fixture
def risky(ask: Ask) -> Requirement:
    requirement = ask(content=LONG)
    Requirement.objects.filter(id=requirement.id).update(risk="high")
    requirement.refresh_from_db()
    return requirement


def address(requirement: Requirement, query: str = "") -> str:
    return f"/requirements/{requirement.id}/{query}"


def page(client: Client, requirement: Requirement, query: str = "") -> str:
    return client.get(address(requirement, query)).content.decode()


def sealed(html: str) -> str:
    found = re.search(r'name="folds" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def send(client: Client, requirement: Requirement, action: str = "approve", **typed: Any) -> Any:
    return client.post(address(requirement, "decide/"), answering(requirement, action, **typed))


def test_a_yes_is_refused_while_something_is_folded(as_: SignIn, risky: Requirement, reviewer: User) -> None:
    client = as_(reviewer)
    response = send(client, risky, folds=sealed(page(client, risky)), seen="")
    assert response.status_code == 422
    assert "still folded" in response.content.decode()
    assert not Decision.objects.exists()


def test_a_yes_counts_when_everything_was_opened(as_: SignIn, risky: Requirement, reviewer: User) -> None:
    client = as_(reviewer)
    html = page(client, risky)
    found = re.search(r'data-folds="([^"]+)"', html)
    assert found is not None
    assert send(client, risky, folds=sealed(html), seen=found[1]).status_code == 302
    assert Decision.objects.get().action == "approve"


def test_without_javascript_everything_can_be_shown(as_: SignIn, risky: Requirement, reviewer: User) -> None:
    client = as_(reviewer)
    assert f'href="{address(risky)}?unfolded=1"' in page(client, risky)
    html = page(client, risky, "?unfolded=1")
    assert not [fold for fold in re.findall(r"<details[^>]*data-fold[^>]*>", html) if " open" not in fold]
    assert send(client, risky, folds=sealed(html), seen="").status_code == 302


def test_a_yes_that_names_no_folds_is_refused(as_: SignIn, risky: Requirement, reviewer: User) -> None:
    response = send(as_(reviewer), risky)
    assert response.status_code == 422
    assert "look at everything here first" in response.content.decode()


def test_what_another_card_has_folded_does_not_count(
    as_: SignIn, risky: Requirement, ask: Ask, reviewer: User
) -> None:
    folds = gate.sealed(ask().id, risky.revision, [])
    assert send(as_(reviewer), risky, folds=folds, seen="").status_code == 422


def test_a_no_needs_nothing_opened(as_: SignIn, risky: Requirement, reviewer: User) -> None:
    assert send(as_(reviewer), risky, "reject").status_code == 302


def test_a_stale_yes_is_told_that_first(as_: SignIn, risky: Requirement, reviewer: User) -> None:
    client = as_(reviewer)
    folds = sealed(page(client, risky))
    Requirement.objects.filter(id=risky.id).update(revision=2)
    assert send(client, risky, folds=folds, seen="").status_code == 409


def test_what_carries_no_high_risk_has_no_gate(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask(content=LONG)
    client = as_(reviewer)
    assert 'name="folds"' not in page(client, requirement)
    assert send(client, requirement).status_code == 302


def test_a_key_that_approves_is_not_offered(as_: SignIn, risky: Requirement, reviewer: User) -> None:
    html = page(as_(reviewer), risky)
    assert "data-gated" in html
    assert "<kbd aria-hidden" not in html.partition('id="decision-title"')[2].partition("</section>")[0]


def test_folds_are_named_by_their_ids() -> None:
    html = '<details class="a" data-fold id="x"><details data-fold><details data-fold open id="y"><details id="z">'
    shown, names = gate.folded(html)
    assert names == ["x", "fold-1"]
    assert 'id="x" data-fold="x"' in shown
    assert gate.unfolded(html).count(" open") == 4


def test_foreign_text_is_no_fold() -> None:
    assert gate.folded("&lt;details data-fold id=&quot;x&quot;&gt;")[1] == []
