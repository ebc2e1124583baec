"""What somebody said with a decision can be taken away; that they decided stays."""

import pytest
from django.contrib.auth.models import User

from tests.rows import a_run
from tests.workflows.driving import a_flow, an_ask, decide, paused, work
from workflows import Step
from workflows.acting import Actor
from workflows.errors import NotEligible, WrongStatus
from workflows.models import Comment, Decision, WorkflowRun
from workflows.reviewing.commenting import comment_on_requirement
from workflows.reviewing.erasing import Erased, erase_words, erase_words_of
from workflows.types import UserInputField

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(reviewer: User) -> Decision:
    """Give an answer with words, that its run has gone on with."""
    fields = [UserInputField(name="iban", field_type="str")]
    pay = Step("pay", lambda given: "paid", requires_user_input=True, user_input_schema=fields)
    flow = a_flow(pay)
    made = decide(paused(flow), reviewer, values={"iban": "DE02"}, feedback="Hers")
    work(flow)
    return made


def test_the_words_are_gone_and_the_decision_stays(decision: Decision, admin: User) -> None:
    erase_words(decision.id, actor=Actor.of(admin))

    kept = Decision.objects.get(id=decision.id)
    assert (kept.feedback, kept.answer, kept.salt) == ("", {"action": "approve"}, "")
    assert (kept.actor, kept.action, kept.digest) == ("reviewer", "approve", decision.digest)
    assert decision.requirement.events.filter(type="DecisionErased", actor="admin").count() == 1


def test_a_second_time_nothing_happens(decision: Decision, admin: User) -> None:
    for _ in range(2):
        erase_words(decision.id, actor=Actor.of(admin))

    assert decision.requirement.events.filter(type="DecisionErased").count() == 1


def test_only_admins_do_it(decision: Decision, reviewer: User, requester: User, stranger: User) -> None:
    for person in (reviewer, requester, stranger):
        with pytest.raises(NotEligible):
            erase_words(decision.id, actor=Actor.of(person))


def test_what_the_run_still_needs_is_kept(run: WorkflowRun, reviewer: User, admin: User) -> None:
    made = decide(an_ask(run), reviewer, feedback="Hers")

    with pytest.raises(WrongStatus):
        erase_words(made.id, actor=Actor.of(admin))


def test_everything_that_somebody_said_is_erased_at_once(
    decision: Decision, reviewer: User, admin: User
) -> None:
    requirement = decision.requirement
    comment_on_requirement(requirement.id, "Hers too", actor=Actor.of(reviewer))
    comment_on_requirement(requirement.id, "Mine", actor=Actor.of(admin))
    decide(an_ask(a_run()), reviewer, feedback="Not yet")

    gone = erase_words_of(reviewer, actor=Actor.of(admin))
    assert gone == Erased(decisions=1, comments=1, needed=1)
    assert [comment.text for comment in Comment.objects.all()] == ["", "Mine"]


def test_only_admins_erase_what_somebody_said(decision: Decision, reviewer: User) -> None:
    with pytest.raises(NotEligible):
        erase_words_of(reviewer, actor=Actor.of(reviewer))
