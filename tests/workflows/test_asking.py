"""Questions from outside: open at once, answered like any other, each with a run of its own."""

import threading
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from workflows import registry, store
from workflows.acting import Actor
from workflows.asking import ask
from workflows.errors import WorkflowDisabled
from workflows.models import Requirement, Workflow, WorkflowRun
from workflows.questions import InvalidQuestion, Question
from workflows.runner import advance
from workflows.services import resolve
from workflows.types import Action, Answer

PAY = Question(kind="confirmation", message="Pay 249.50 back?", title="Refund")
KINDS: dict[str, dict[str, Any]] = {
    "confirmation": {},
    "user_input": {"fields": [{"name": "amount", "field_type": "int"}]},
    "route": {"choices": [{"name": "air"}, {"name": "sea"}]},
    "output_review": {"content": {"text": "a draft"}},
    "tool_confirmation": {"tool": {"name": "pay", "args": {"amount": 7}, "who": "Clerk"}},
    "tool_input": {"tool": {"name": "send", "fields": [{"name": "to"}], "who": "Clerk"}},
    "external_execution": {"tool": {"name": "shell", "args": {"command": "ls"}, "who": "Clerk"}},
    "error": {"error": {"type": "ValueError", "message": "it is broken"}},
}
ANSWERS: dict[str, dict[str, Any]] = {
    "user_input": {"values": {"amount": 7}},
    "route": {"choices": ("sea",)},
    "tool_input": {"values": {"to": "somebody"}},
    "external_execution": {"content": "a.txt"},
    "error": {"action": Action.retry},
}


@pytest.fixture
def asker(db: None) -> User:
    return User.objects.create_user("requester")


@pytest.fixture
def reviewer(db: None) -> User:
    made = User.objects.create_user("reviewer")
    made.groups.add(Group.objects.get_or_create(name="reviewers")[0])
    return made


def asked(asker: User, question: Question = PAY, key: str | None = None) -> Requirement:
    run, _ = ask(question, actor=Actor.of(asker, "api"), source="ask:requester", external_id=key)
    return Requirement.objects.get(run=run)


def go_on(run: WorkflowRun) -> WorkflowRun:
    claim = store.claim_run(run.id, "test")
    assert claim is not None
    advance(claim, registry.known(), threading.Event())
    return WorkflowRun.objects.get(id=run.id)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_asked_and_its_answer_is_what_comes_out(asker: User, reviewer: User, kind: str) -> None:
    row = asked(asker, Question(kind=kind, message="Well?", **KINDS[kind]))
    assert (row.kind, row.status, row.run.status) == (kind, "open", "PAUSED")
    answer = Answer(**{"action": Action.approve, **ANSWERS.get(kind, {})})
    resolve(row.pk, revision=1, answer=answer, actor=Actor.of(reviewer, "api"))
    run = go_on(row.run)
    assert run.status == "COMPLETED"
    assert run.output is not None
    assert run.output.plain()["content"] == answer.to_dict()


def test_a_no_is_an_answer_too(asker: User, reviewer: User) -> None:
    row = asked(asker)
    answer = Answer(action=Action.reject, feedback="Too much.")
    resolve(row.pk, revision=1, answer=answer, actor=Actor.of(reviewer, "api"))
    assert go_on(row.run).status == "COMPLETED"


def test_it_is_who_asked_and_where_the_log_says_so(asker: User) -> None:
    row = asked(asker)
    assert (row.run.requested_by, row.run.summary, row.step_name) == (asker, "Refund", "Refund")
    assert [event.type for event in row.run.events.all()][:2] == ["RunQueued", "WorkflowStarted"]


def test_the_policy_of_the_question_counts_before_the_workflows(asker: User) -> None:
    asked(asker)
    Workflow.objects.update(policy={"risk": "high", "due": 60})
    row = asked(
        asker, Question(kind="confirmation", message="?", policy={"risk": "low", "deciders": "finance"})
    )
    assert (row.risk, row.policy["due"], row.is_restricted) == ("low", 60, True)


def test_the_same_key_is_the_same_question(asker: User) -> None:
    assert asked(asker, key="7").pk == asked(asker, key="7").pk


def test_silence_is_told_as_the_question_says(asker: User) -> None:
    row = asked(asker, Question(kind="confirmation", message="?", timeout=1, on_timeout="reject"))
    Requirement.objects.update(timeout_at=row.opened_at)
    assert go_on(row.run).status == "COMPLETED"
    row.refresh_from_db()
    assert row.decision is not None
    assert (row.decision.action, row.decision.channel) == ("reject", "timer")


def test_admins_switch_it_off(asker: User) -> None:
    asked(asker)
    Workflow.objects.update(enabled=False)
    with pytest.raises(WorkflowDisabled):
        asked(asker)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("kind", {"kind": "feedback"}),
        ("message", {"message": "  "}),
        ("fields", {"fields": [{"name": "a"}]}),
        ("fields", {"kind": "user_input", "fields": [{"label": "a"}]}),
        ("choices", {"kind": "route"}),
        ("choices", {"kind": "route", "choices": [{"name": "a"}, {"name": "a"}]}),
        ("policy", {"policy": {"quorum": 0}}),
        ("policy", {"policy": {"unknown": 1}}),
        ("on_timeout", {"on_timeout": "explode"}),
    ],
)
def test_what_cannot_be_asked_is_refused(part: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        Question(**{"kind": "confirmation", "message": "?"} | wrong)
    assert refused.value.part == part


def test_the_arguments_of_a_tool_can_be_changed_one_by_one(asker: User, reviewer: User) -> None:
    tool = {
        "name": "pay",
        "args": {"amount": 7, "to": "somebody", "parts": [1]},
        "who": "Clerk",
        "team": "Office",
    }
    row = asked(asker, Question(kind="tool_confirmation", message="?", tool=tool))
    asked_of = row.details["tool"]
    assert [field["field_type"] for field in asked_of["fields"]] == ["int", "str", "json"]
    assert (asked_of["executor"]["name"], asked_of["member"]["name"]) == ("Office", "Clerk")
    changed = Answer(action=Action.edit, content={"amount": 8, "to": "somebody", "parts": [1]})
    resolve(row.pk, revision=1, answer=changed, actor=Actor.of(reviewer, "api"))
    assert go_on(row.run).status == "COMPLETED"


def test_what_a_confirmation_is_about_can_be_looked_at(asker: User) -> None:
    row = asked(asker, Question(kind="confirmation", message="Send it?", content={"draft": "Dear all"}))
    assert row.evidence is not None
    assert row.evidence.plain()["content"] == {"draft": "Dear all"}


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "confirmation", "tool": {"name": "pay"}},
        {"kind": "tool_confirmation"},
        {"kind": "tool_confirmation", "tool": {"args": {}}},
        {"kind": "tool_confirmation", "tool": {"name": "pay", "args": [1]}},
        {"kind": "tool_input", "tool": {"name": "pay", "fields": [{"field_type": "int"}]}},
        {"kind": "error"},
        {"kind": "confirmation", "error": {"message": "?"}},
    ],
)
def test_a_tool_and_an_error_belong_to_what_is_asked_about_them(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuestion):
        Question(message="Well?", **said)
