"""What people are asked about an interrupt, and what the graph is resumed with."""

from typing import Any

import pytest

from hitl_portal.adapters.interrupts import questions_of, resume_of
from workflows.questions import Question
from workflows.types import Action, Answer

ACTION = {"action": "pay", "args": {"amount": 5}}
ALL = ("accept", "edit", "respond", "ignore")
ACCEPT, RESPONSE, IGNORE = ({"type": "accept", "args": None}, "response", {"type": "ignore", "args": None})


def request(*allowed: str) -> dict[str, Any]:
    config = {f"allow_{name}": name in allowed for name in ALL}
    return {"action_request": ACTION, "config": config, "description": "Refund"}


def say(action: str, **said: Any) -> Answer:
    return Answer(action=Action(action), **said)


EDIT = say("edit", content={"amount": 4})
EDITED = {"type": "edit", "args": {"action": "pay", "args": {"amount": 4}}}
KEPT = {"type": "edit", "args": ACTION}


def response(text: str) -> dict[str, Any]:
    return {"type": "response", "args": text}


@pytest.mark.parametrize(
    ("allowed", "answer", "given"),
    [
        (ALL, say("approve"), ACCEPT),
        (ALL, EDIT, EDITED),
        (ALL, say("reject", feedback="Too much."), response("Too much.")),
        (ALL, say("reject"), IGNORE),
        (ALL, say("cancel", feedback="Over."), IGNORE),
        (("accept", "respond"), say("reject"), response("No.")),
        (("accept",), say("reject", feedback="Too much."), IGNORE),
        (("edit",), say("approve"), KEPT),
        (("respond",), say("approve", values={"response": "Later."}), response("Later.")),
        (("respond",), say("reject"), response("No.")),
        (("ignore",), say("approve"), IGNORE),
    ],
)
def test_an_answer_in_the_form_of_agent_inbox(allowed: tuple[str, ...], answer: Answer, given: Any) -> None:
    value = request(*allowed)
    assert resume_of(value, [answer]) == given
    assert resume_of([value], [answer]) == [given]


@pytest.mark.parametrize(
    ("allowed", "kind"),
    [(ALL, "tool_confirmation"), (("respond", "ignore"), "user_input"), (("ignore",), "confirmation")],
)
def test_what_is_allowed_says_what_is_asked(allowed: tuple[str, ...], kind: str) -> None:
    (asked,) = questions_of(request(*allowed), "pay")
    assert Question(**asked).kind == kind


def test_arguments_that_must_not_be_changed_have_no_fields() -> None:
    (open_, closed) = (questions_of(request(*allowed))[0] for allowed in (ALL, ("accept",)))
    assert [field["name"] for field in Question(**open_).tool["fields"]] == ["amount"]  # type: ignore[index]
    assert Question(**closed).tool["fields"] == []  # type: ignore[index]


def test_a_list_is_a_question_for_each() -> None:
    value = [request(*ALL), request("respond")]
    assert [asked["kind"] for asked in questions_of(value)] == ["tool_confirmation", "user_input"]
    given = resume_of(value, [say("approve"), say("approve", values={"response": "Hm."})])
    assert given == [ACCEPT, response("Hm.")]


@pytest.mark.parametrize("value", ["How old?", 7, None, {"draft": "Dear all"}, [], [1], "", "x" * 30_000])
def test_any_other_value_can_be_answered_with_text_or_data(value: Any) -> None:
    (asked,) = questions_of(value, "name")
    question = Question(**asked)
    assert question.kind == "user_input"
    assert value in (question.message, question.content)
    assert resume_of(value, [say("approve", values={"form": "text", "text": "Grey"})]) == "Grey"
    assert resume_of(value, [say("approve", values={"form": "data", "data": '{"a": [1]}'})]) == {"a": [1]}
    assert resume_of(value, [say("approve", values={"form": "data", "data": 3})]) == 3
    assert resume_of(value, [say("reject", feedback="No.")]) is False


def test_a_question_of_ours_gets_the_whole_answer() -> None:
    value = {"kind": "route", "message": "Which?", "choices": [{"name": "air"}, {"name": "sea"}]}
    (asked,) = questions_of(value)
    assert asked == value
    given = resume_of(value, [say("approve", choices=("sea",))])
    assert (given["approved"], given["choices"]) == (True, ["sea"])


def test_a_value_does_not_say_who_decides_or_what_silence_means() -> None:
    value = {
        "kind": "confirmation",
        "message": "Pay?",
        "policy": {"deciders": "all"},
        "timeout": 1,
        "on_timeout": "approve",
    }
    assert questions_of(value) == [{"kind": "confirmation", "message": "Pay?"}]


ACTIONS = [
    {"name": "pay", "args": {"amount": 5}, "description": "Refund"},
    {"name": "ask", "args": {"question": "?"}},
]


def middleware(*allowed: list[str]) -> dict[str, Any]:
    configs = [
        {"action_name": action["name"], "allowed_decisions": may}
        for action, may in zip(ACTIONS, allowed, strict=True)
    ]
    return {"action_requests": ACTIONS, "review_configs": configs}


@pytest.mark.parametrize(
    ("allowed", "answer", "decision"),
    [
        (["approve", "edit", "reject"], say("approve"), {"type": "approve"}),
        (
            ["approve", "edit"],
            EDIT,
            {"type": "edit", "edited_action": {"name": "pay", "args": {"amount": 4}}},
        ),
        (
            ["approve", "reject"],
            say("reject", feedback="Too much."),
            {"type": "reject", "message": "Too much."},
        ),
        (["approve", "reject"], say("cancel"), {"type": "reject", "message": "No."}),
        (["approve", "respond"], say("reject", feedback="Later."), {"type": "respond", "message": "Later."}),
        (["respond"], say("approve", values={"response": "7"}), {"type": "respond", "message": "7"}),
    ],
)
def test_a_decision_in_the_form_of_langchains_middleware(
    allowed: list[str], answer: Answer, decision: dict[str, Any]
) -> None:
    value = middleware(allowed, ["respond"])
    assert [Question(**asked).title for asked in questions_of(value)] == ["pay", "ask"]
    reply = say("approve", values={"response": "7"})
    assert resume_of(value, [answer, reply]) == {"decisions": [decision, {"type": "respond", "message": "7"}]}
