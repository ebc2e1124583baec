"""One card: what is asked, what it is about, and what each answer causes."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.hitl_portal.conftest import Ask, SignIn
from tests.hitl_portal.outlines import EVERYTHING, kept
from workflows.models import Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:7 }} {% now %}"
KINDS: dict[str, dict[str, Any]] = {
    "confirmation": {},
    "user_input": {"fields": [{"name": "city", "field_type": "str"}]},
    "route": {"choices": [{"name": "fast", "description": "At once."}, {"name": "slow"}]},
    "output_review": {"content": "a draft"},
    "iteration_review": {"content": {"round": 1}},
    "error": {"error": {"type": "TimeoutError", "message": "no answer"}},
}


def card(as_: SignIn, user: User, requirement: Requirement) -> str:
    return as_(user).get(f"/requirements/{requirement.id}/").content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_form(as_: SignIn, ask: Ask, reviewer: User, kind: str) -> None:
    page = card(as_, reviewer, ask(kind, **KINDS[kind]))
    assert 'id="decision"' in page
    assert "Pay 249.50?" in page


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_is_said_where_the_author_said_nothing(
    as_: SignIn, ask: Ask, reviewer: User, kind: str
) -> None:
    page = card(as_, reviewer, ask(kind, "", **KINDS[kind]))
    assert "“pay”" in page.partition("<h2>")[2].partition("</h2>")[0]


def test_it_shows_where_in_the_run_and_what_the_run_was_given(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask(content={"over_limit": True}))
    assert "step 2 of 3: “pay”" in page
    assert 'data-state="waiting" aria-current="step"' in page
    assert "Over limit" in page
    assert "249.5" in page
    assert "<strong>requester</strong>" in page


def test_a_requester_reads_and_does_not_decide(as_: SignIn, ask: Ask, requester: User) -> None:
    page = card(as_, requester, ask())
    assert "Reviewers decide this." in page
    assert 'name="action"' not in page


def test_a_stranger_finds_nothing(as_: SignIn, ask: Ask, stranger: User) -> None:
    address = f"/requirements/{ask().id}/"
    for part in ("", "card/", "standing/"):
        assert as_(stranger).get(address + part).status_code == 404


@pytest.mark.parametrize(
    ("on_reject", "label", "consequence"),
    [
        ("skip", "Reject and skip", "“pay” does not run; the run goes on without it."),
        ("else", "Reject and skip", "“pay” does not run; the run goes on without it."),
        ("cancel", "Reject and end the run", "The run ends as cancelled; nothing after this runs."),
        ("retry", "Reject and ask again", "“pay” does not run; this is asked again with your words."),
    ],
)
def test_each_answer_says_what_it_causes(
    as_: SignIn, ask: Ask, reviewer: User, on_reject: str, label: str, consequence: str
) -> None:
    page = card(as_, reviewer, ask(on_reject=on_reject))
    assert "“pay” runs and the run goes on." in page
    assert label in page
    assert consequence in page


def test_a_review_counts_its_attempts(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(
        as_, reviewer, ask("output_review", content="b", on_reject="retry", retry_count=1, max_retries=3)
    )
    assert "attempt 2 of 4" in page
    assert "Request changes" in page


@pytest.mark.parametrize(
    ("retry_count", "said"),
    [(0, "That is attempt 2 of 3."), (1, "That is attempt 3 of 3, the last: a no to it ends the run.")],
)
def test_asking_for_changes_says_which_attempt_that_makes(
    as_: SignIn, ask: Ask, reviewer: User, retry_count: int, said: str
) -> None:
    review = {"on_reject": "retry", "retry_count": retry_count, "max_retries": 2}
    assert said in card(as_, reviewer, ask("output_review", content="b", **review))


def test_no_changes_are_offered_at_the_last_attempt(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(
        as_, reviewer, ask("output_review", content="b", on_reject="retry", retry_count=3, max_retries=3)
    )
    assert "Request changes" not in page
    assert "This is the last attempt" in page
    assert "Reject and end the run" in page


def test_data_under_review_is_edited_as_json(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask("output_review", content={"title": "Grüße"}))
    assert "{\n  &quot;title&quot;: &quot;Grüße&quot;\n}" in page


def test_an_error_shows_what_went_wrong(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask("error", "", error={"type": "TimeoutError", "message": "no answer"}))
    assert "TimeoutError" in page
    assert "no answer" in page
    assert "Try again" in page


def test_routes_say_what_they_are(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask("route", **KINDS["route"]))
    assert '<button class="button" data-tone="plain" name="choice" value="fast"' in page
    assert "At once." in page
    assert "“slow” runs." in page


def test_many_routes_are_a_list(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask("route", choices=[{"name": f"way {number}"} for number in range(5)]))
    assert page.count('type="radio"') == 5
    assert 'name="choice"' not in page


def test_several_routes_may_be_ticked(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask("route", allow_multiple=True, **KINDS["route"]))
    assert 'type="checkbox"' in page


def test_few_allowed_values_are_buttons_and_many_a_list(as_: SignIn, ask: Ask, reviewer: User) -> None:
    few = {"name": "few", "allowed_values": ["a", "b"]}
    many = {"name": "many", "allowed_values": [1, 2, 3, 4, 5]}
    page = card(as_, reviewer, ask("user_input", fields=[few, many]))
    assert page.count('type="radio"') == 2
    assert '<select name="answer-many"' in page


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_is_inert_wherever_it_stands(as_: SignIn, ask: Ask, reviewer: User, kind: str) -> None:
    details = {
        "input_message": HOSTILE,
        "fields": [{"name": "city", "description": HOSTILE, "value": HOSTILE}],
        "choices": [{"name": HOSTILE, "description": HOSTILE}],
        "error": {"type": HOSTILE, "message": HOSTILE},
    }
    page = card(as_, reviewer, ask(kind, HOSTILE, content={HOSTILE: [HOSTILE, {HOSTILE: 1}]}, **details))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7|add:7 }}" in page


def test_it_has_no_inline_style_or_handler(as_: SignIn, ask: Ask, reviewer: User) -> None:
    page = card(as_, reviewer, ask("output_review", content={"a": [1, 2]}))
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page


def test_a_decided_card_says_who_decided_and_what_is_next(as_: SignIn, ask: Ask, reviewer: User) -> None:
    decided, following = ask(), ask(message="And this one?")
    answer = Answer(action=Action.approve, feedback="Within the budget.")
    resolve(decided.id, revision=1, answer=answer, actor=Actor.of(reviewer))
    page = card(as_, reviewer, decided)
    assert "<strong>reviewer</strong> approved" in page
    assert "Within the budget." in page
    assert f'data-next href="/requirements/{following.id}/"' in page


def test_a_withdrawn_card_says_that_nobody_decided(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    Requirement.objects.filter(id=requirement.id).update(status="withdrawn")
    assert "The run ended before anybody decided." in card(as_, reviewer, requirement)


def test_the_standing_tells_a_writer_who_was_faster(
    as_: SignIn, ask: Ask, reviewer: User, admin: User
) -> None:
    requirement = ask()
    client = as_(reviewer)
    address = f"/requirements/{requirement.id}/standing/"
    assert client.get(address).content.strip() == b""
    resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(admin))
    fragment = client.get(address).content.decode()
    assert "<strong>admin</strong> approved" in fragment
    assert "data-closed" in fragment


def test_the_fragment_is_the_page_s_own_text(as_: SignIn, ask: Ask, requester: User) -> None:
    requirement = ask()
    client = as_(requester)
    fragment, page = (
        re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", client.get(address).content.decode()).strip()
        for address in (f"/requirements/{requirement.id}/card/", f"/requirements/{requirement.id}/")
    )
    assert fragment in page


@pytest.mark.parametrize("items", [1, 12])
@pytest.mark.parametrize("decides", [True, False])
def test_it_takes_twelve_queries_however_many_items(
    as_: SignIn,
    ask: Ask,
    reviewer: User,
    django_assert_max_num_queries: Any,
    items: int,
    decides: bool,
) -> None:
    shown = ask(content={"a": 1})
    for _number in range(items):
        ask()
    if decides:
        resolve(shown.id, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(reviewer))
    client = as_(reviewer)
    with django_assert_max_num_queries(12):
        client.get(f"/requirements/{shown.id}/")


@pytest.mark.parametrize("rounds", [1, 100])
def test_it_takes_twelve_queries_however_long_a_loop_has_run(
    as_: SignIn, ask: Ask, reviewer: User, django_assert_max_num_queries: Any, rounds: int
) -> None:
    shown = ask("iteration_review", content={"a": 1})
    shown.run.workflow.outline = EVERYTHING
    shown.run.workflow.save()
    for number in range(1, rounds + 1):
        kept(shown.run, f"refine/{number}")
        kept(shown.run, f"refine/{number}/draft")
    Requirement.objects.filter(id=shown.id).update(path=f"refine/{rounds}")
    client = as_(reviewer)
    with django_assert_max_num_queries(12):
        page = client.get(f"/requirements/{shown.id}/").content.decode()
    assert page.count(f"Iteration {rounds}</span>") == 1
    assert page.count("Iteration") == 2  # in the head, and in the drawing


def test_time_that_has_run_out_is_said(as_: SignIn, ask: Ask, reviewer: User) -> None:
    requirement = ask(on_timeout="skip")
    past = timezone.now() - timedelta(seconds=1)
    Requirement.objects.filter(id=requirement.id).update(timeout_at=past)
    assert "Time is up: the step is skipped" in card(as_, reviewer, requirement)
