"""What agents are saying right now stands on the run's page, and in a fragment of its own."""

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import SignIn
from workflows.models import WorkflowRun
from workflows.speech import say


@pytest.fixture
def run(run: WorkflowRun) -> WorkflowRun:
    run.status = "RUNNING"
    run.save()
    return run


def test_the_page_shows_it_as_a_model_s_words(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    say(run.id, {"pay": "I am just "})
    say(run.id, {"pay": "saying <b>this</b>"})
    page = as_(reviewer).get(f"/runs/{run.id}/").content.decode()
    speech = page.partition('id="speech"')[2].partition("</section>")[0]
    assert "I am just saying &lt;b&gt;this&lt;/b&gt;" in speech
    assert "<strong>pay</strong>" in speech
    assert "written by a model" in speech
    assert f'hx-trigger="run-speaks:{run.id} from:body"' in speech


def test_the_fragment_is_the_page_s_own_text(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    say(run.id, {"pay": "words"})
    client = as_(reviewer)
    fragment = client.get(f"/runs/{run.id}/speech/").content.decode().strip()
    assert "words" in fragment
    assert fragment in client.get(f"/runs/{run.id}/").content.decode()


def test_nobody_speaks_in_a_run_that_rests(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    say(run.id, {"pay": "left over"})
    WorkflowRun.objects.update(status="PAUSED")
    assert as_(reviewer).get(f"/runs/{run.id}/speech/").content.strip() == b""
