"""Why something was refused, as people read it."""

import pytest
from django.contrib.auth.models import User
from django.utils.translation import override

from hitl_portal.refused import WORDS, in_words
from tests.hitl_portal.conftest import SignIn
from workflows.errors import AlreadyDecided, NotEligible, RunFinished, SelfApproval, WorkflowsError
from workflows.models import WorkflowRun
from workflows.types import RunStatus


def test_it_names_who_was_faster() -> None:
    with override("en"):
        assert in_words(AlreadyDecided("reviewer", None, "approve")) == "reviewer was faster."


def test_four_eyes_are_told_from_other_reasons() -> None:
    assert in_words(SelfApproval("no")) != in_words(NotEligible("no"))


@pytest.mark.parametrize("kind", [kind for kind, _words in WORDS if kind.__init__ is WorkflowsError.__init__])
def test_each_has_german_words(kind: type[WorkflowsError]) -> None:
    with override("en"):
        english = in_words(kind("what logs say"))
    with override("de"):
        assert in_words(kind("what logs say")) not in {english, "what logs say"}


def test_a_conflict_speaks_the_viewers_language(as_: SignIn, run: WorkflowRun, requester: User) -> None:
    WorkflowRun.objects.update(status=RunStatus.completed)
    response = as_(requester).post(f"/runs/{run.id}/cancel/", headers={"accept-language": "de"})
    with override("de"):
        assert in_words(RunFinished("")) in response.content.decode()
