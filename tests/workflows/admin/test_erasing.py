"""Words are erased in Django admin: after a question, by those who administrate; the log says so and stays whole."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from tests.rows import a_person
from tests.workflows.admin.pages import act, address
from tests.workflows.driving import a_flow, an_ask, decide, paused, work
from workflows import Step, services
from workflows.audit.verifying import Whole, verify_runs
from workflows.models import Comment, Decision, WorkflowRun
from workflows.services import Actor

WORDS = "Her aunt is in hospital"


@pytest.fixture
def said(run: WorkflowRun) -> User:
    """Give somebody who wrote a comment, and words with a decision that its run has gone on with."""
    writer = a_person("writer", "reviewers")
    flow = a_flow(Step("pay", lambda _: "paid", requires_confirmation=True))
    requirement = paused(flow)
    services.comment_on_requirement(requirement.id, WORDS, actor=Actor.of(writer))
    decide(requirement, writer, feedback=WORDS)
    work(flow)
    return writer


def of(model: type[Model], writer: User) -> Any:
    """What they said, of one kind."""
    if model is User:
        return writer
    return model._default_manager.get(**{"author" if model is Comment else "person": writer})


@pytest.mark.parametrize("model", [Comment, Decision, User])
def test_it_asks_first(site: Client, said: User, model: type[Model]) -> None:
    page = act(site, model, "erase_selected", of(model, said))

    assert "Erase these words for good?" in page
    assert "writer" in page
    assert WORDS not in page
    assert (Comment.objects.filter(text=WORDS).count(), Decision.objects.filter(feedback=WORDS).count()) == (
        1,
        1,
    )


@pytest.mark.parametrize(("model", "left"), [(Comment, (0, 1)), (Decision, (1, 0)), (User, (0, 0))])
def test_once_that_is_confirmed_they_are_gone(
    site: Client, said: User, model: type[Model], left: tuple[int, int]
) -> None:
    act(site, model, "erase_selected", of(model, said), confirmed="yes")

    of_comments, of_decisions = Comment.objects.filter(text=WORDS), Decision.objects.filter(feedback=WORDS)
    assert (of_comments.count(), of_decisions.count()) == left


@pytest.mark.parametrize("model", [Comment, Decision, User])
def test_it_is_logged_without_the_words_and_the_chain_stays_whole(
    site: Client, said: User, model: type[Model]
) -> None:
    run = Decision.objects.get(person=said).requirement.run
    act(site, model, "erase_selected", of(model, said), confirmed="yes")

    entry = LogEntry.objects.get(change_message="Words erased.")
    assert (entry.user.username, WORDS in entry.object_repr) == ("admin", False)
    assert run.events.filter(type__in=["CommentErased", "DecisionErased"], actor="admin").exists()
    found = Whole()
    verify_runs([run.pk], found)
    assert found.events == run.events.count()


def test_what_a_run_still_needs_is_told_of(site: Client, run: WorkflowRun) -> None:
    made = decide(an_ask(run), a_person("writer", "reviewers"), feedback=WORDS)
    page = act(site, Decision, "erase_selected", made, confirmed="yes")

    assert "has not gone on with this decision yet" in page
    assert Decision.objects.filter(feedback=WORDS).exists()


@pytest.mark.parametrize("model", [Comment, Decision, User])
def test_a_reviewer_erases_nothing(client: Client, said: User, model: type[Model]) -> None:
    client.force_login(a_person("somebody", "reviewers", is_staff=True))
    selected = {"action": "erase_selected", "_selected_action": [of(model, said).pk], "confirmed": "yes"}

    assert client.post(address(model, "changelist"), selected).status_code == 403
    assert Comment.objects.filter(text=WORDS).exists()
