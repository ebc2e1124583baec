"""Comments: for who may see it, with those who are named and may see it too; erased text leaves the log whole."""

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person
from tests.workflows.driving import SCRIPT, events_of
from tests.workflows.reviewing.conftest import AskUnder
from workflows.errors import InvalidAnswer, NotEligible
from workflows.models import Comment, Requirement, WorkflowRun
from workflows.services import Actor, comment_on_requirement, comment_on_run, erase_comment
from workflows.teamwork import digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def requirement(ask_under: AskUnder) -> Requirement:
    return ask_under()


def test_a_comment_is_kept_and_the_log_has_its_digest(requirement: Requirement, reviewer: User) -> None:
    comment = comment_on_requirement(requirement.id, " Is the invoice paid? ", actor=Actor.of(reviewer))

    assert (comment.text, comment.author, comment.requirement) == (
        "Is the invoice paid?",
        reviewer,
        requirement,
    )
    event = requirement.run.events.get()
    assert (event.type, event.requirement) == ("CommentAdded", requirement)
    assert event.data == {"comment": str(comment.id), "digest": digest(comment), "mentions": []}
    requirement.refresh_from_db()
    assert requirement.revision == 1


def test_a_run_is_commented_on_too(run: WorkflowRun, requester: User) -> None:
    comment = comment_on_run(run.id, "Please hurry.", actor=Actor.of(requester))

    assert (comment.run, comment.requirement) == (run, None)
    assert events_of(run) == ["CommentAdded"]


def test_who_is_named_is_mentioned(requirement: Requirement, reviewer: User, admin: User) -> None:
    text = "@admin. please look, and @requester too; mail@reviewer is no name, @nobody is nobody"
    comment = comment_on_requirement(requirement.id, text, actor=Actor.of(reviewer))

    assert {person.username for person in comment.mentions.all()} == {"admin", "requester"}
    assert len(requirement.run.events.get().data["mentions"]) == 2


def test_who_may_not_see_it_is_not_mentioned(ask_under: AskUnder, stranger: User) -> None:
    lawyer, other = a_person("lawyer", "legal"), a_person("other", "reviewers")
    requirement = ask_under(deciders="legal")
    comment = comment_on_requirement(requirement.id, "@other @stranger @lawyer", actor=Actor.of(lawyer))

    assert list(comment.mentions.all()) == [lawyer]
    assert other.mentioned_in.count() == stranger.mentioned_in.count() == 0


def test_a_stranger_says_nothing(requirement: Requirement, stranger: User) -> None:
    with pytest.raises(NotEligible):
        comment_on_requirement(requirement.id, "Hello", actor=Actor.of(stranger))
    with pytest.raises(NotEligible):
        comment_on_run(requirement.run_id, "Hello", actor=Actor.of(stranger))


def test_a_machine_says_nothing(requirement: Requirement) -> None:
    with pytest.raises(NotEligible):
        comment_on_requirement(requirement.id, "Hello", actor=SCRIPT)


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001, "half\0"], ids=["empty", "blank", "long", "null"])
def test_what_is_no_text_is_refused(requirement: Requirement, reviewer: User, text: str) -> None:
    with pytest.raises(InvalidAnswer):
        comment_on_requirement(requirement.id, text, actor=Actor.of(reviewer))
    assert not Comment.objects.exists()


@pytest.mark.parametrize("name", ["requester", "admin"])
def test_an_erased_comment_leaves_the_log_as_it_is(
    request: pytest.FixtureRequest, run: WorkflowRun, requester: User, admin: User, name: str
) -> None:
    comment = comment_on_run(run.id, "My number is 555, @admin.", actor=Actor.of(requester))
    said = run.events.get().data
    erased = erase_comment(comment.id, actor=Actor.of(request.getfixturevalue(name)))

    assert (erased.text, erased.salt, list(erased.mentions.all())) == ("", "", [])
    assert erased.erased_at is not None
    assert run.events.first() is not None
    assert run.events.get(type="CommentAdded").data == said
    assert events_of(run) == ["CommentAdded", "CommentErased"]


def test_nobody_else_erases_it(run: WorkflowRun, requester: User, reviewer: User) -> None:
    comment = comment_on_run(run.id, "Please hurry.", actor=Actor.of(requester))

    with pytest.raises(NotEligible):
        erase_comment(comment.id, actor=Actor.of(reviewer))
    assert Comment.objects.get().text == "Please hurry."
