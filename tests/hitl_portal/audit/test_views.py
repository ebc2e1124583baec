"""The audit page is for admins; receipts are for who may see what was decided."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.hitl_portal.conftest import Ask, SignIn, happened
from workflows import services
from workflows.audit.keys import trusted_keys
from workflows.audit.receipt import check
from workflows.audit.sealing import seal
from workflows.models import Decision, Verification, WorkflowRun
from workflows.types import Action, Answer

PAGE, VERIFY = "/audit/", "/audit/verify/"


@pytest.fixture
def decision(ask: Ask, reviewer: User) -> Decision:
    """Give a decision of the reviewer's."""
    requirement = ask()
    return services.resolve(
        requirement.id, revision=1, answer=Answer(action=Action.approve), actor=services.Actor.of(reviewer)
    )


def text(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def verified(client: Client, run: WorkflowRun) -> str:
    return client.post(VERIFY, {"run": str(run.id)}).content.decode()


def test_admins_see_what_is_sealed(as_: SignIn, admin: User, decision: Decision) -> None:
    checkpoint = seal()
    assert checkpoint is not None

    page = text(as_(admin))
    assert checkpoint.digest[:16] in page
    assert "0 runs have events that are not sealed yet" in page
    assert "not trusted" not in page


def test_the_page_is_empty_where_nothing_was_sealed(as_: SignIn, admin: User) -> None:
    assert "There is none yet" in text(as_(admin))
    assert "Nobody has verified everything yet" in text(as_(admin))


def test_it_tells_what_the_last_verification_found(as_: SignIn, admin: User) -> None:
    now = timezone.now()
    counts = {"runs": 1, "events": 1234, "checkpoints": 3}
    Verification.objects.create(started_at=now, finished_at=now, problem="run 7: <b>broken</b>", **counts)

    page = text(as_(admin))
    assert "run 7: &lt;b&gt;broken&lt;/b&gt;" in page
    assert "1,234 events" in page


def test_one_run_is_verified_on_demand(as_: SignIn, admin: User, decision: Decision) -> None:
    assert "whole, 1 event." in verified(as_(admin), decision.requirement.run)


def test_the_first_broken_link_of_a_run_is_named(as_: SignIn, admin: User, run: WorkflowRun) -> None:
    event = happened(run, "StepStarted")  # written past the chain

    assert f"event {event.sequence} (position 0)" in verified(as_(admin), run)


def test_what_is_no_id_is_said_at_the_field(as_: SignIn, admin: User) -> None:
    answer = as_(admin).post(VERIFY, {"run": "seven"})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_a_run_that_is_not_there_is_not_found(as_: SignIn, admin: User, decision: Decision) -> None:
    assert as_(admin).post(VERIFY, {"run": str(decision.id)}).status_code == 404


@pytest.mark.parametrize("person", ["requester", "reviewer", "stranger"])
def test_it_is_for_admins_alone(
    as_: SignIn, request: pytest.FixtureRequest, person: str, run: WorkflowRun
) -> None:
    client = as_(request.getfixturevalue(person))

    assert client.get(PAGE).status_code == 403
    assert client.post(VERIFY, {"run": str(run.id)}).status_code == 403


def test_the_page_costs_a_few_queries(
    as_: SignIn, admin: User, decision: Decision, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    seal()
    client = as_(admin)
    with django_assert_max_num_queries(8):
        client.get(PAGE)


def test_the_keys_can_be_taken_away(as_: SignIn, stranger: User) -> None:
    assert text(as_(stranger), "/audit/keys.txt").split() == sorted(trusted_keys())


@pytest.mark.parametrize("person", ["requester", "reviewer", "admin"])
def test_who_sees_the_decision_gets_its_receipt(
    as_: SignIn, request: pytest.FixtureRequest, decision: Decision, person: str
) -> None:
    answer = as_(request.getfixturevalue(person)).get(f"/audit/receipts/{decision.id}.json")

    receipt: dict[str, Any] = json.loads(answer.content)
    check(receipt, trusted_keys())
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{decision.id}.json"'


def test_strangers_and_people_who_are_signed_out_get_none(
    as_: SignIn, stranger: User, decision: Decision, client: Client
) -> None:
    address = f"/audit/receipts/{decision.id}.json"

    assert as_(stranger).get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_run_and_card_lead_to_it(as_: SignIn, reviewer: User, decision: Decision) -> None:
    requirement = decision.requirement

    for path in (f"/runs/{requirement.run_id}/", f"/requirements/{requirement.id}/"):
        assert f"/audit/receipts/{decision.id}.json" in text(as_(reviewer), path)


def test_admins_find_the_page(as_: SignIn, admin: User, reviewer: User) -> None:
    assert 'href="/audit/"' in text(as_(admin), "/runs/")
    assert 'href="/audit/"' not in text(as_(reviewer), "/runs/")
