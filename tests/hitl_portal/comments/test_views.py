"""Comments: for who may see what they are about; escaped and revealed; mentions are found, read and counted."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, SignIn
from workflows.models import Comment, Requirement, WorkflowRun
from workflows.services import Actor, comment_on_requirement, comment_on_run

HTMX = {"HX-Request": "true"}


@pytest.fixture
def requirement(ask: Ask) -> Requirement:
    return ask(message="Pay 249.50?")


def thread(subject: Requirement | WorkflowRun) -> str:
    kind = "requirements" if isinstance(subject, Requirement) else "runs"
    return f"/comments/{kind}/{subject.id}/"


def say(client: Client, subject: Requirement | WorkflowRun, text: str, **how: Any) -> Any:
    return client.post(thread(subject), {"text": text}, **how)


def read(client: Client, address: str, **how: Any) -> str:
    return client.get(address, **how).content.decode()


def test_without_javascript_one_says_something_on_a_page_and_comes_back_to_it(
    as_: SignIn, requirement: Requirement, reviewer: User
) -> None:
    client = as_(reviewer)
    response = say(client, requirement, "Is the invoice paid?")
    assert response.headers["Location"] == thread(requirement)
    page = read(client, thread(requirement))
    assert "Is the invoice paid?" in page
    assert "<html" in page
    assert Comment.objects.get().requirement == requirement


def test_a_card_gets_the_thread_with_an_empty_form(
    as_: SignIn, requirement: Requirement, reviewer: User
) -> None:
    page = say(as_(reviewer), requirement, "Is the invoice paid?", headers=HTMX).content.decode()
    assert "Is the invoice paid?" in page
    assert "<html" not in page
    assert "autofocus></textarea>" in page


def test_a_run_has_a_thread_of_its_own(as_: SignIn, requirement: Requirement, requester: User) -> None:
    client, run = as_(requester), requirement.run
    say(client, run, "Please hurry.")
    assert "Please hurry." in read(client, thread(run))
    assert "Please hurry." not in read(client, thread(requirement))


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001, "half\0"])
def test_what_cannot_be_kept_comes_back_with_what_was_typed(
    as_: SignIn, requirement: Requirement, reviewer: User, text: str
) -> None:
    response = say(as_(reviewer), requirement, text, headers=HTMX)
    assert response.status_code == 422
    assert "A comment has 1 to 10000 characters." in response.content.decode()
    assert "x" * 10_001 not in text or text in response.content.decode()
    assert not Comment.objects.exists()


def test_a_stranger_finds_nothing_and_says_nothing(
    as_: SignIn, requirement: Requirement, reviewer: User, stranger: User
) -> None:
    comment = comment_on_requirement(requirement.id, "Not yours", actor=Actor.of(reviewer))
    client = as_(stranger)
    for subject in (requirement, requirement.run):
        assert client.get(thread(subject)).status_code == 404
        assert client.get(f"{thread(subject)}people/").status_code == 404
        assert say(client, subject, "Hello").status_code == 404
    assert client.post(f"/comments/{comment.id}/erase/").status_code == 404
    assert Comment.objects.get().text == "Not yours"


def test_nobody_who_is_signed_out_sees_it(client: Client, requirement: Requirement) -> None:
    assert client.get(thread(requirement)).status_code == 302


HOSTILE = ["<script>alert(1)</script>", "[x](javascript:alert(1))", '"><img src=x onerror=y>', "@reviewer<b>"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words(
    as_: SignIn, requirement: Requirement, reviewer: User, admin: User, text: str
) -> None:
    comment_on_requirement(requirement.id, text, actor=Actor.of(admin))
    page = read(as_(reviewer), thread(requirement), headers=HTMX)
    for tag in ("<script", "<img", "<b>", "href"):
        assert tag not in page


def test_what_nobody_sees_is_shown(
    as_: SignIn, requirement: Requirement, reviewer: User, admin: User
) -> None:
    comment_on_requirement(requirement.id, "pay \u202eevif", actor=Actor.of(admin))
    assert "⟦U+202E⟧" in read(as_(reviewer), thread(requirement))


def test_the_card_says_how_many_there_are_and_folds_while_there_are_none(
    as_: SignIn, requirement: Requirement, reviewer: User
) -> None:
    client, card = as_(reviewer), f"/requirements/{requirement.id}/"
    assert 'id="comments">' in read(client, card)
    comment_on_requirement(requirement.id, "One", actor=Actor.of(reviewer))
    page = read(client, card)
    assert 'id="comments" open>' in page
    assert read(client, f"{thread(requirement)}?part=count", headers=HTMX) == "1"


def test_one_erases_one_s_own_and_an_admin_everybody_s(
    as_: SignIn, requirement: Requirement, reviewer: User, requester: User, admin: User
) -> None:
    mine = comment_on_requirement(requirement.id, "I am fond of apricots.", actor=Actor.of(reviewer))
    theirs = comment_on_requirement(requirement.id, "And I of quinces.", actor=Actor.of(requester))
    page = read(as_(reviewer), thread(requirement))
    assert f"/comments/{mine.id}/erase/" in page
    assert f"/comments/{theirs.id}/erase/" not in page
    assert as_(reviewer).post(f"/comments/{theirs.id}/erase/").status_code == 403
    as_(reviewer).post(f"/comments/{mine.id}/erase/")
    as_(admin).post(f"/comments/{theirs.id}/erase/", headers=HTMX)
    page = read(as_(requester), thread(requirement))
    assert page.count("erased</p>") == 2
    assert "apricots" not in page
    assert "quinces" not in page


def test_looking_erases_nothing(as_: SignIn, requirement: Requirement, reviewer: User) -> None:
    comment = comment_on_requirement(requirement.id, "Kept", actor=Actor.of(reviewer))
    assert as_(reviewer).get(f"/comments/{comment.id}/erase/").status_code == 405


def test_who_may_see_it_is_offered_to_be_mentioned(
    as_: SignIn, requirement: Requirement, reviewer: User, admin: User, requester: User, stranger: User
) -> None:
    address = f"{thread(requirement)}people/"
    page = read(as_(reviewer), address)
    assert 'data-name="admin"' in page
    assert 'data-name="requester"' in page
    assert 'data-name="stranger"' not in page
    assert 'data-name="reviewer"' not in page
    assert 'data-name="admin"' not in read(as_(reviewer), f"{address}?q=re")


def test_a_mention_is_marked_for_who_may_see_it_only(
    as_: SignIn, requirement: Requirement, reviewer: User, admin: User, stranger: User
) -> None:
    comment_on_requirement(requirement.id, "@admin. and @stranger", actor=Actor.of(reviewer))
    page = read(as_(admin), thread(requirement))
    assert '<strong class="mention" data-me>@admin</strong>.' in page
    assert "@stranger</strong>" not in page


def test_who_is_mentioned_finds_it_until_it_is_read(
    as_: SignIn, requirement: Requirement, reviewer: User, admin: User
) -> None:
    client = as_(admin)
    comment_on_requirement(requirement.id, "@admin please look", actor=Actor.of(reviewer))
    comment_on_run(requirement.run_id, "@admin here too", actor=Actor.of(reviewer))
    assert "@ 2" in read(client, "/comments/mentions/count/")
    page = read(client, "/comments/mentions/")
    assert "Pay 249.50?" in page
    assert f"/runs/{requirement.run_id}/#comments" in page
    assert "Mark all as read" in page
    client.post("/comments/mentions/read/")
    assert read(client, "/comments/mentions/count/").strip() == ""
    assert "Mark all as read" not in read(client, "/comments/mentions/")


def test_what_comes_into_sight_is_read(
    as_: SignIn, requirement: Requirement, reviewer: User, admin: User
) -> None:
    client = as_(admin)
    comment = comment_on_requirement(requirement.id, "@admin please look", actor=Actor.of(reviewer))
    assert "mentions you" in read(client, thread(requirement))
    response = client.post("/comments/mentions/read/", {"comment": [str(comment.id), "x"]}, headers=HTMX)
    assert "mentions-changed" in response.headers["HX-Trigger"]
    assert "mentions you" not in read(client, thread(requirement))


def test_nobody_reads_for_others(
    as_: SignIn, requirement: Requirement, reviewer: User, admin: User, stranger: User
) -> None:
    comment = comment_on_requirement(requirement.id, "@admin please look", actor=Actor.of(reviewer))
    as_(stranger).post("/comments/mentions/read/", {"comment": str(comment.id)})
    assert "please look" not in read(as_(stranger), "/comments/mentions/")
    assert "@ 1" in read(as_(admin), "/comments/mentions/count/")


@pytest.mark.parametrize("number", [1, 30])
def test_a_thread_takes_ten_queries_however_long_it_is(
    as_: SignIn,
    requirement: Requirement,
    reviewer: User,
    admin: User,
    django_assert_max_num_queries: Any,
    number: int,
) -> None:
    for _number in range(number):
        comment_on_requirement(requirement.id, "@admin look", actor=Actor.of(reviewer))
    client = as_(admin)
    with django_assert_max_num_queries(10):
        client.get(thread(requirement))
    with django_assert_max_num_queries(8):
        client.get("/comments/mentions/")
