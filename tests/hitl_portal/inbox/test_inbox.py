"""The list of what waits, and of what was decided."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.inbox.listing import PAGE_SIZE
from tests.hitl_portal.conftest import Ask, SignIn
from tests.rows import an_event
from workflows.models import Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer


def next_page(page: str) -> str:
    """Where the button leads."""
    found = re.search('rel="next" href="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_a_reviewer_sees_what_waits(as_: SignIn, ask: Ask, reviewer: User) -> None:
    ask(message="Refund 249.50 EUR?")
    page = as_(reviewer).get("/").content.decode()
    assert "Refund 249.50 EUR?" in page
    assert "<title>(1) Inbox" in page


def test_a_requester_sees_their_own_and_that_reviewers_decide(as_: SignIn, ask: Ask, requester: User) -> None:
    ask(message="Refund 249.50 EUR?")
    page = as_(requester).get("/").content.decode()
    assert "Refund 249.50 EUR?" in page
    assert "Reviewers decide these" in page


def test_a_stranger_sees_nothing(as_: SignIn, ask: Ask, stranger: User) -> None:
    ask(message="Refund 249.50 EUR?")
    page = as_(stranger).get("/").content.decode()
    assert "Refund" not in page
    assert "Nothing waits for you." in page


def test_nobody_is_asked_to_sign_in(client: Client) -> None:
    response = client.get("/?show=decided")
    assert response.status_code == 302
    assert response.headers["Location"] == "/accounts/sign-in/?next=/%3Fshow%3Ddecided"


def test_a_fragment_of_nobody_loads_the_whole_page_again(client: Client, db: None) -> None:
    response = client.get("/inbox/rows/", headers={"HX-Request": "true"})
    assert response.headers["HX-Refresh"] == "true"
    assert not response.content


def test_the_longest_waiting_comes_first(as_: SignIn, ask: Ask, reviewer: User) -> None:
    newer, older = ask(message="the newer one"), ask(message="the older one")
    Requirement.objects.filter(id=older.id).update(opened_at=newer.opened_at - timedelta(hours=1))
    page = as_(reviewer).get("/").content.decode()
    assert page.index("the older one") < page.index("the newer one")


def test_what_is_not_open_is_not_in_the_list(as_: SignIn, ask: Ask, reviewer: User) -> None:
    for status in ("decided", "applied", "withdrawn"):
        Requirement.objects.filter(id=ask(message="gone").id).update(status=status)
    assert "gone" not in as_(reviewer).get("/").content.decode()


def test_the_decided_say_who_did_what(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask(message="Refund 249.50 EUR?", on_reject="cancel")
    resolve(requirement.id, revision=1, answer=Answer(action=Action.cancel), actor=Actor.of(reviewer))
    page = as_(reviewer).get("/?show=decided").content.decode()
    assert "Refund 249.50 EUR?" in page
    assert "reviewer ended the run" in page


def test_a_deadline_says_what_happens_then(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask(on_timeout="approve")
    soon = timezone.now() + timedelta(minutes=20)
    Requirement.objects.filter(id=requirement.id).update(timeout_at=soon)
    page = as_(reviewer).get("/").content.decode()
    assert "approved by itself" in page
    assert 'data-urgency="soon"' in page


def test_the_fragment_is_the_page_s_own_text(as_: SignIn, ask: Ask, reviewer: User) -> None:
    ask()
    client = as_(reviewer)
    fragment = client.get("/inbox/rows/").content.decode().strip()
    assert fragment in client.get("/").content.decode()


def test_the_fragment_marks_the_card_that_is_open(as_: SignIn, ask: Ask, reviewer: User) -> None:
    ask()
    shown = ask()
    where = f"http://testserver/requirements/{shown.id}/"
    headers = {"HX-Request": "true", "HX-Current-URL": where}
    fragment = as_(reviewer).get("/inbox/rows/", headers=headers).content.decode()
    assert fragment.count('aria-current="true"') == 2  # the tab and the row
    assert f'id="row-{shown.id}" href="/requirements/{shown.id}/" aria-current="true"' in fragment


def test_more_than_a_page_is_paged(as_: SignIn, ask: Ask, reviewer: User) -> None:
    for number in range(PAGE_SIZE + 1):
        ask(message=f"Number {number:03}?")
    client = as_(reviewer)
    first = client.get("/").content.decode()
    assert first.count('class="row"') == PAGE_SIZE
    second = client.get(next_page(first)).content.decode()
    assert second.count('class="row"') == 1
    assert f"Number {PAGE_SIZE:03}?" in second
    assert f"<title>({PAGE_SIZE + 1}) Inbox" in second


@pytest.mark.parametrize("items", [1, 12])
@pytest.mark.parametrize("address", ["/", "/?show=decided"])
def test_it_takes_eight_queries_however_many_items(
    as_: SignIn, ask: Ask, reviewer: User, django_assert_max_num_queries: Any, items: int, address: str
) -> None:
    for _number in range(items):
        resolve(ask().id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer))
        ask()
    client = as_(reviewer)
    with django_assert_max_num_queries(8):
        client.get(address)


def test_the_first_view_is_small(as_: SignIn, ask: Ask, reviewer: User) -> None:
    for _number in range(50):
        ask()
    assert len(as_(reviewer).get("/").content) < 40_000


def test_the_page_says_how_far_it_has_read_the_log(as_: SignIn, ask: Ask, reviewer: User) -> None:
    decision = resolve(ask().id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer))
    newest = decision.requirement.events.get().sequence
    assert f'data-sequence="{newest}"' in as_(reviewer).get("/").content.decode()


def test_a_page_that_answers_a_form_is_told_again_of_what_has_just_happened(
    as_: SignIn, ask: Ask, reviewer: User
) -> None:
    requirement = ask()
    long_ago = an_event(requirement.run, created_at="2020-01-01T00:00Z")
    an_event(requirement.run)

    page = as_(reviewer).post(f"/requirements/{requirement.id}/decide/", {"action": "approve"})

    assert (page.status_code, f'data-sequence="{long_ago.sequence}"' in page.content.decode()) == (422, True)


def test_no_page_is_kept_by_the_browser(as_: SignIn, reviewer: User) -> None:
    assert "no-store" in as_(reviewer).get("/").headers["Cache-Control"]
