"""The transcript on a run's page: turns, calls, who decided about them, what came of them, and members inside."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.hitl_portal.conftest import Ask, SignIn
from tests.hitl_portal.outlines import kept, outline_of, step
from tests.hitl_portal.tools import a_turn, a_use, ask_about_tool, call
from workflows import Loop
from workflows.models import WorkflowRun
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

HOSTILE = "<script>alert(1)</script>"
TEAM = {
    "name": "refund",
    "kind": "Workflow",
    "path": "",
    "children": [
        {
            "name": "pay",
            "kind": "Step",
            "path": "pay",
            "children": [{"name": "Writer", "kind": "Agent", "path": "pay/Writer", "children": []}],
        }
    ],
}


def page_of(as_: SignIn, user: User, run: WorkflowRun) -> str:
    return as_(user).get(f"/runs/{run.id}/").content.decode()


def talks(run: WorkflowRun, turns: int) -> None:
    """An agent at the step "pay" that uses a tool at every turn but the last."""
    kept(run, "pay", "pending")
    for number in range(turns):
        place = f"{number}.0:look"
        calls = [call("look", place, args={"at": number})] if number < turns - 1 else []
        a_turn(run, "pay", number, f"saying {number} out loud", calls=calls)
        if calls:
            a_use(run, f"pay/{place}", f"result {number} is here")


def test_it_shows_what_was_said_and_done(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    talks(run, 2)
    page = page_of(as_, reviewer, run)
    assert "<strong>Refund desk</strong>" in page
    assert (
        page.index("saying 0") < page.index("look</code>") < page.index("result 0") < page.index("saying 1")
    )
    assert "2 turns" in page


def test_a_model_s_words_are_marked(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    a_turn(run, "pay", 0, "I think so.", thinking="Is it so?", usage={"input_tokens": 7, "output_tokens": 3})
    page = page_of(as_, reviewer, run)
    assert page.count('data-voice="model">written by a model') == 2
    assert "What it thought" in page
    assert "7 tokens read, 3 written" in page


def test_it_says_who_decided_and_what_was_used(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    asked = ask_about_tool(ask, run=run, path="pay/0.0:pay_refund")
    a_turn(run, "pay", 0, calls=[call("pay_refund", "0.0:pay_refund", args={"amount": 120.0})])
    answer = Answer(action=Action.edit, content={"order": "A-7", "amount": 60.5})
    resolve(asked.id, revision=1, answer=answer, actor=Actor.of(reviewer))
    a_use(run, "pay/0.0:pay_refund", "Paid.")
    talk = page_of(as_, reviewer, run).partition('class="turns"')[2].partition("</ol>")[0]
    assert "What the model asked for" in talk
    assert "<strong>reviewer</strong> approved with other arguments" in talk
    assert (
        talk.index("120.0") < talk.index("What it was used with") < talk.index("60.5") < talk.index("Paid.")
    )


def test_what_was_filled_in_is_shown_with_what_the_model_gave(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    asked = ask_about_tool(ask, "tool_input", run=run, path="pay/0.0:pay_refund")
    a_turn(run, "pay", 0, calls=[call("pay_refund", "0.0:pay_refund", args={"order": "A-7"})])
    answer = Answer(action=Action.approve, values={"amount": 60.5})
    resolve(asked.id, revision=1, answer=answer, actor=Actor.of(reviewer))
    used = page_of(as_, reviewer, run).partition("What it was used with")[2].partition("</details>")[0]
    assert "A-7" in used
    assert "60.5" in used


def test_a_rejected_call_says_what_the_model_was_told(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    asked = ask_about_tool(ask, run=run, path="pay/0.0:pay_refund")
    a_turn(run, "pay", 0, calls=[call("pay_refund", "0.0:pay_refund")])
    answer = Answer(action=Action.reject, feedback="Too much.")
    resolve(asked.id, revision=1, answer=answer, actor=Actor.of(reviewer))
    a_use(run, "pay/0.0:pay_refund", "Too much.", error="Too much.")
    page = page_of(as_, reviewer, run)
    assert 'data-state="rejected"' in page
    assert "What the model was told" in page


def test_what_waits_is_open_and_leads_to_its_card(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    asked = ask_about_tool(ask, run=run, path="pay/0.0:pay_refund")
    turn = a_turn(run, "pay", 0, calls=[call("pay_refund", "0.0:pay_refund")])
    page = page_of(as_, reviewer, run)
    assert f'id="use-{turn.id}-1" data-state="waiting" open' in page
    assert page.count(f'href="/requirements/{asked.id}/"') == 3  # at the step, at the call, in the table


def test_a_failure_and_a_refusal_say_why(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    calls = [call("look", "0.0:look"), call("fly", "0.1:fly", refused="There is no tool 'fly'.")]
    a_turn(run, "pay", 0, calls=calls)
    a_use(run, "pay/0.0:look", "ValueError: no", error="ValueError: no")
    page = page_of(as_, reviewer, run)
    assert "ValueError: no" in page
    assert "There is no tool &#x27;fly&#x27;." in page
    assert 'data-state="refused"' in page


def test_members_of_a_team_are_nested(as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User) -> None:
    run.workflow.outline = TEAM
    run.workflow.save()
    handed = call("delegate_task_to_member", ["0.0::Writer"], task="Write it.")
    kept(run, "pay", "pending")
    kept(run, "pay/0.0::Writer", "pending")
    a_turn(run, "pay", 0, "I hand this on.", calls=[handed], name="Office", type="team")
    a_turn(run, "pay/0.0::Writer", 0, "I write.", name="Writer")
    page = page_of(as_, reviewer, run)
    assert page.index("I hand this on.") < page.index("Write it.") < page.index("<strong>Writer</strong>")
    assert page.index("<strong>Writer</strong>") < page.index("I write.")
    assert page.count('class="talk"') == 2
    assert page.count('class="tree-line"') == 1  # a member is no step


def test_a_member_s_question_waits_at_its_step(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User
) -> None:
    run.workflow.outline = TEAM
    run.workflow.save()
    ask_about_tool(ask, run=run, path="pay/0.0::Writer/0.0:send")
    assert '<li data-state="waiting">' in page_of(as_, reviewer, run)


def test_agents_in_a_loop_are_found_in_their_round(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    run.workflow.outline = outline_of(Loop(name="refine", steps=[step("draft")], max_iterations=3))
    run.workflow.save()
    for number in (1, 2):
        kept(run, f"refine/{number}")
        kept(run, f"refine/{number}/draft")
        a_turn(run, f"refine/{number}/draft", 0, f"draft {number}")
    page = page_of(as_, reviewer, run)
    assert (
        page.index("Iteration 1") < page.index("draft 1") < page.index("Iteration 2") < page.index("draft 2")
    )


def test_hostile_text_is_inert(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    calls = [call(HOSTILE, "0.0:x", args={HOSTILE: HOSTILE}), call("d", ["0.1::y"], task=HOSTILE)]
    a_turn(run, "pay", 0, HOSTILE, calls=calls, thinking=HOSTILE, name=HOSTILE)
    a_use(run, "pay/0.0:x", HOSTILE)
    page = page_of(as_, reviewer, run)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)" in page


def test_of_a_long_talk_the_last_turns_are_shown(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    talks(run, 30)
    page = page_of(as_, reviewer, run)
    assert "saying 10 " in page
    assert "saying 9 " not in page
    assert f'<a href="/runs/{run.id}/talk/?path=pay">10 earlier turns</a>' in page


def test_its_own_page_has_all_of_them(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    talks(run, 30)
    client = as_(reviewer)
    first = client.get(f"/runs/{run.id}/talk/?path=pay").content.decode()
    assert "saying 0 " in first
    assert "saying 19 " in first
    assert 'rel="next" href="?path=pay&amp;from=20"' in first
    second = client.get(f"/runs/{run.id}/talk/?path=pay&from=20").content.decode()
    assert "saying 29 " in second
    assert 'rel="prev" href="?path=pay&amp;from=0"' in second


@pytest.mark.parametrize("address", ["?path=check", "?path=pay&from=99", ""])
def test_there_is_no_page_for_what_nobody_said(
    as_: SignIn, run: WorkflowRun, reviewer: User, address: str
) -> None:
    talks(run, 2)
    assert as_(reviewer).get(f"/runs/{run.id}/talk/{address}").status_code == 404


def test_a_stranger_reads_nothing(as_: SignIn, run: WorkflowRun, stranger: User) -> None:
    talks(run, 1)
    assert as_(stranger).get(f"/runs/{run.id}/talk/?path=pay").status_code == 404
    assert as_(stranger).get(f"/runs/{run.id}/speech/").status_code == 404


def test_members_of_a_turn_that_is_not_shown_are_not_lost(
    as_: SignIn, run: WorkflowRun, reviewer: User
) -> None:
    handed = call("delegate_task_to_member", ["0.0::Writer"], task="Write it.")
    a_turn(run, "pay", 0, "long ago", calls=[handed], type="team")
    a_turn(run, "pay/0.0::Writer", 0, "I write.", name="Writer")
    for number in range(1, 25):
        a_turn(run, "pay", number, f"saying {number}", type="team")
    page = page_of(as_, reviewer, run)
    assert "long ago" not in page
    assert "I write." in page


@pytest.mark.parametrize("turns", [1, 300])
def test_it_takes_seventeen_queries_however_much_was_said(
    as_: SignIn, run: WorkflowRun, ask: Ask, reviewer: User, django_assert_max_num_queries: Any, turns: int
) -> None:
    talks(run, turns)
    ask_about_tool(ask, run=run, path="pay/0.0:look")
    client = as_(reviewer)
    with django_assert_max_num_queries(17):
        assert len(client.get(f"/runs/{run.id}/").content) < 120_000


@pytest.mark.parametrize(
    ("type_", "data", "sentence"),
    [
        ("RunStarted", {"executor_name": "Desk"}, "“Desk” began."),
        ("RunPaused", {"executor_name": "Desk"}, "“Desk” waits for people."),
        ("ToolCallStarted", {"tool": "pay"}, "The tool “pay/it” was used."),
        ("ToolCallCompleted", {"tool": "pay", "failed": False}, "The tool “pay/it” came back."),
        ("ToolCallCompleted", {"tool": "pay", "failed": True}, "The tool “pay/it” failed."),
        ("ToolCallPaused", {}, "The tool “pay/it” waits for a person."),
    ],
)
def test_what_agents_do_is_told_in_sentences(
    as_: SignIn, run: WorkflowRun, reviewer: User, type_: str, data: dict[str, Any], sentence: str
) -> None:
    run.events.create(type=type_, path="pay/3.0:pay%2Fit", data=data, created_at=run.created_at)
    assert sentence in page_of(as_, reviewer, run)
