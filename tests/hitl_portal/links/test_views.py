"""The page behind an answer link: it shows one card and nothing else, and only its form decides."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.links.limiting import MOST_WRONG
from hitl_portal.links.models import AnswerLink
from tests.hitl_portal.conftest import Ask, SignIn, answering
from tests.hitl_portal.links.conftest import YES, path_to
from workflows import services
from workflows.models import Decision, Requirement, RunEvent, Value, Workflow
from workflows.services import Actor

MINE = re.compile(r'(?:href|action|src|hx-(?:get|post))="(/[^"]*)"')
MOST_QUERIES = 24


def words_of(response: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_it_shows_the_card_without_a_session(client: Client, ask: Ask, reviewer: User) -> None:
    path = path_to(ask("output_review", "Is it right?", content="The parcel was lost."), reviewer)
    shown = client.get(path)
    assert shown.status_code == 200
    assert "Is it right?" in words_of(shown)
    assert "The parcel was lost." in words_of(shown)
    assert "You answer as reviewer" in words_of(shown)
    assert "hitl_session" not in client.cookies


def test_a_post_of_its_form_decides(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    response = client.post(path_to(requirement, reviewer), answering(requirement, "approve"), follow=True)
    decision = Decision.objects.get(requirement=requirement)
    assert (decision.person, decision.channel, decision.action) == (reviewer, "link", "approve")
    assert response.status_code == 200
    assert "Your decision is saved" in words_of(response)
    assert "hitl_session" not in client.cookies


def test_a_used_link_tells_a_closed_account_nothing(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content="x", on_reject="retry")
    path = path_to(requirement, reviewer)
    client.post(path, answering(requirement, "reject", feedback="Much shorter."))
    assert "Much shorter." in words_of(client.get(path))
    User.objects.update(is_active=False)
    over = client.get(path)
    assert over.status_code == 410
    assert not [said for said in ("shorter", "is saved", "Undo") if said in words_of(over)]


def test_the_log_says_who_and_by_which_way(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    client.post(path_to(requirement, reviewer), answering(requirement, "approve"))
    event = RunEvent.objects.get(type="RequirementDecided")
    assert (event.actor, event.data["channel"]) == ("reviewer", "link")


def test_no_answer_of_it_is_kept_or_told_elsewhere(client: Client, ask: Ask, reviewer: User) -> None:
    path = path_to(ask(), reviewer)
    for response in (client.get(path), client.get("/answer/none/"), client.post(path, {})):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]
        assert "noindex" in response.headers["X-Robots-Tag"]


@pytest.mark.parametrize("signed_in", [False, True])
def test_nothing_else_of_the_portal_is_reached_from_it(
    client: Client, ask: Ask, reviewer: User, signed_in: bool
) -> None:
    if signed_in:
        client.force_login(reviewer)
    path = path_to(ask("output_review", content={"text": "x " * 9000}), reviewer)
    addresses = set(MINE.findall(client.get(path).content.decode()))
    assert not [one for one in addresses if not one.startswith((path, "/static/", "/favicon"))]
    assert all(client.get(one).status_code in (200, 405) for one in addresses if one.startswith(path))


def test_what_the_card_shows_can_be_had_in_full(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content={"note": "all of it"})
    value, path = requirement.evidence_id, path_to(requirement, reviewer)
    assert "all of it" in client.get(f"{path}values/{value}/").content.decode()
    assert client.get(f"{path}values/{value}/data/").json()["content"] == {"note": "all of it"}
    assert client.get(f"/values/{value}/").status_code == 302


def test_no_other_value_can(client: Client, ask: Ask, reviewer: User, workflow: Workflow) -> None:
    requirement = ask("output_review", content="this")
    other = ask("output_review", content="that")
    beside = Value.objects.create(run=requirement.run, path="x", slot="call:0.0", data='"beside"')
    path = path_to(requirement, reviewer)
    for value in (other.evidence_id, beside.id, other.run.values.get(slot="inputs").id):
        for page in ("", "data/", "media/0/"):
            assert client.get(f"{path}values/{value}/{page}").status_code == 404


def test_what_is_wrong_comes_back_with_what_was_typed(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", on_reject="retry", content="x")
    path = path_to(requirement, reviewer)
    response = client.post(path, answering(requirement, "reject"))
    assert response.status_code == 422
    assert "Say what should change" in words_of(response)
    assert AnswerLink.objects.get().decision is None
    assert client.post(path, answering(requirement, "reject", feedback="Shorter.")).status_code == 302


def test_what_an_edit_changes_is_shown_before_it_is_sent(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask("output_review", content="One two three.")
    path = path_to(requirement, reviewer)
    typed = answering(requirement, "edit", **{"answer-content": "One two four."})
    assert "four" in words_of(client.post(f"{path}preview/", typed, headers={"hx-request": "true"}))
    assert client.post(f"{path}preview/", typed).status_code == 200
    assert not Decision.objects.exists()


def test_opened_again_it_says_what_was_decided(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    path = path_to(requirement, reviewer)
    client.post(path, answering(requirement, "approve"))
    for again in (client.get(path), client.post(path, answering(requirement, "reject"))):
        assert again.status_code == 410
        assert "Your decision is saved reviewer approved" in words_of(again)
    assert Decision.objects.get().action == "approve"


def test_who_was_faster_is_told_to_who_may_see_it(
    client: Client, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask()
    path = path_to(requirement, reviewer)
    services.resolve(requirement.id, revision=1, answer=YES, actor=Actor.of(admin))
    assert "admin approved" in words_of(client.get(path))
    reviewer.groups.clear()
    assert "admin approved" not in words_of(client.get(path))
    assert client.get(path).status_code == 410


def test_a_dead_one_shows_nothing_of_its_question_and_the_way_in(
    client: Client, ask: Ask, reviewer: User
) -> None:
    requirement = ask(message="Pay the ransom?")
    path = path_to(requirement, reviewer)
    Requirement.objects.update(revision=2)
    for page in ("", "asked/", f"values/{requirement.run.values.get().id}/"):
        response = client.get(path + page)
        assert response.status_code == 410
        assert "ransom" not in response.content.decode()
        assert f"/accounts/sign-in/?next=/requirements/{requirement.id}/" in response.content.decode()


def test_it_does_not_open_for_somebody_else(as_: SignIn, ask: Ask, reviewer: User, admin: User) -> None:
    requirement = ask()
    path, browser = path_to(requirement, reviewer), as_(admin)
    response = browser.get(path)
    assert response.status_code == 403
    assert "It is for reviewer , and this browser is signed in as admin" in words_of(response)
    assert f'href="/requirements/{requirement.id}/"' in response.content.decode()
    assert browser.post(path, answering(requirement, "approve")).status_code == 403
    assert not Decision.objects.exists()


def test_its_own_person_may_be_signed_in(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    path, browser = path_to(requirement, reviewer), as_(reviewer)
    assert browser.post(path, answering(requirement, "approve")).status_code == 302
    assert Decision.objects.get().channel == "link"


def test_a_vote_uses_it_up_and_leaves_those_of_others(
    client: Client, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask()
    Requirement.objects.update(policy={"quorum": 2})
    requirement.refresh_from_db()
    mine, theirs = path_to(requirement, reviewer), path_to(requirement, admin)
    response = client.post(mine, answering(requirement, "approve"), follow=True)
    assert "Your vote is counted" in words_of(response)
    assert client.get(mine).status_code == 410
    assert client.post(theirs, answering(requirement, "approve")).status_code == 302
    assert Decision.objects.filter(closes=True).get().person == admin


def test_a_decision_can_be_taken_back_and_another_link_goes_on(
    client: Client, ask: Ask, reviewer: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    requirement = ask()
    path = path_to(requirement, reviewer)
    done = client.post(path, answering(requirement, "approve"), follow=True)
    assert "Undo" in words_of(done)
    undone = client.post(f"{path}undo/")
    following = undone.headers["Location"]
    assert following.startswith("/answer/")
    requirement.refresh_from_db()
    assert (requirement.is_open, requirement.revision) == (True, 2)
    assert "You have taken it back" in words_of(client.get(path))
    assert client.post(following, answering(requirement, "reject")).status_code == 302


def test_nothing_can_be_taken_back_after_the_hold(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    path = path_to(requirement, reviewer)
    client.post(f"{path}undo/")
    client.post(path, answering(requirement, "approve"))
    client.post(f"{path}undo/")
    requirement.refresh_from_db()
    assert not requirement.is_open


def test_an_old_page_does_not_answer_a_new_question(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    response = client.post(
        path_to(requirement, reviewer), answering(requirement, "approve") | {"revision": 9}
    )
    assert response.status_code == 409
    assert "has changed since you opened it" in words_of(response)
    assert not Decision.objects.exists()


def test_what_somebody_has_claimed_for_themselves_stays_theirs(
    client: Client, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask()
    Requirement.objects.update(policy={"exclusive": True})
    services.claim(requirement.id, actor=Actor.of(admin))
    response = client.post(path_to(requirement, reviewer), answering(requirement, "approve"))
    assert response.status_code == 409
    assert "admin has claimed it." in words_of(response)
    assert AnswerLink.objects.get().decision is None


def test_names_of_others_are_not_suggested(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask("user_input", fields=[{"name": "who", "field_type": "user"}])
    words = client.get(path_to(requirement, reviewer)).content.decode()
    assert 'name="answer-who"' in words
    assert "/fields/people/" not in words


def test_too_many_wrong_ones_are_not_looked_at(
    client: Client, ask: Ask, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hitl_portal.links.limiting.this_minute", lambda: 7)
    path = path_to(ask(), reviewer)
    for number in range(MOST_WRONG):
        assert client.get(f"/answer/none-{number}/").status_code == 410
    refused = client.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_behind_a_proxy_wrong_ones_close_the_links_of_nobody_else(
    client: Client, ask: Ask, reviewer: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    monkeypatch.setattr("hitl_portal.links.limiting.MOST_WRONG", 1)
    path, stranger, own = path_to(ask(), reviewer), "192.0.2.66", "192.0.2.7"
    assert client.get("/answer/none/", headers={"x-forwarded-for": stranger}).status_code == 410
    assert client.get(path, headers={"x-forwarded-for": stranger}).status_code == 429
    assert client.get(path, headers={"x-forwarded-for": own}).status_code == 200


def test_its_page_costs_a_bounded_number_of_queries(
    client: Client, ask: Ask, reviewer: User, django_assert_max_num_queries: Any
) -> None:
    path = path_to(ask("output_review", content="x"), reviewer)
    with django_assert_max_num_queries(MOST_QUERIES):
        response = client.get(path)
    assert len(response.content) < 40_000


def test_no_line_of_the_log_has_it(
    client: Client, ask: Ask, reviewer: User, capfd: pytest.CaptureFixture[str]
) -> None:
    requirement = ask()
    path = path_to(requirement, reviewer)
    client.post(path, answering(requirement, "reject") | {"revision": "x"})
    client.post(path, answering(requirement, "approve"))
    client.get(path)
    said = capfd.readouterr()
    assert path.split("/")[2] not in said.out + said.err


def test_the_link_of_a_decision_that_was_made_anew_says_so(
    client: Client, ask: Ask, reviewer: User, admin: User, settings: LazySettings
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    requirement = ask()
    path = path_to(requirement, reviewer)
    client.post(path, answering(requirement, "approve"))
    client.post(f"{path}undo/")
    services.resolve(requirement.id, revision=2, answer=YES, actor=Actor.of(admin))
    words = words_of(client.get(path))
    assert "This is decided admin approved" in words
    assert "Undo" not in words


def test_who_is_signed_in_can_be_signed_out_to_open_it(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    path, browser = path_to(ask(), reviewer), as_(admin)
    assert browser.post(f"{path}sign-out/").headers["Location"] == path
    assert browser.get(path).status_code == 200
    assert "_auth_user_id" not in browser.session
