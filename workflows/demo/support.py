"""A support ticket: two look-ups side by side, a queue, a way to answer that a person confirms, a reply that is
reviewed until it is good, and a last look before it is sent."""

from typing import Any

from workflows import Condition, HumanReview, Loop, OnReject, Parallel, Router, Step, StepInput, Workflow

PLANS = {"business": "answered within 4 hours", "basic": "answered within 3 days"}
KNOWN_PROBLEMS = {
    "tax": "The tax per line is rounded twice where a discount applies; the sum is right.",
    "sign in": "Links for signing in are opened by some mail scanners, which uses them up.",
}


def look_up_account(step_input: StepInput) -> dict[str, Any]:
    """What is known of whoever asks."""
    plan = step_input.input.get("plan", "basic")
    return {
        "account": step_input.input["account"],
        "plan": plan,
        "promise": PLANS.get(plan, PLANS["basic"]),
        "open tickets": 1,
    }


def search_known_problems(step_input: StepInput) -> dict[str, Any]:
    """Problems whose words stand in the ticket."""
    text = f"{step_input.input['subject']} {step_input.input['text']}".lower()
    found = [description for words, description in KNOWN_PROBLEMS.items() if words in text]
    return {"found": len(found), "known problems": found}


def is_promised_soon(step_input: StepInput) -> bool:
    """Whether the plan promises an answer within hours."""
    return bool(step_input.get_step_content("look up account")["plan"] == "business")


def put_first(step_input: StepInput) -> str:
    """Into the queue, before the others."""
    return f"Ticket of {step_input.input['account']} comes first today."


def queue_up(step_input: StepInput) -> str:
    """Into the queue, behind the others."""
    return f"Ticket of {step_input.input['account']} waits its turn."


def propose_route(step_input: StepInput) -> str:
    """A known problem is explained; everything else goes to engineers."""
    known = step_input.get_step_content("search known problems")
    return "explain the problem" if known["found"] else "hand to engineers"


def explain(step_input: StepInput) -> str:
    """What to say about a problem that is known."""
    known = step_input.get_step_content("search known problems")["known problems"]
    return " ".join(known) or "We know of no such problem yet."


def offer_credit(step_input: StepInput) -> str:
    """What to say where a month is given back."""
    return f"As an apology, the next month of {step_input.input['account']} costs nothing."


def hand_over(step_input: StepInput) -> str:
    """What to say where somebody has to look closer."""
    return f"Our engineers look at “{step_input.input['subject']}” and write within two days."


def draft_reply(step_input: StepInput) -> str:
    """The reply, with what the reviewer of the last draft asked for."""
    notes = step_input.additional_data or {}
    paragraphs = [
        "Thank you for writing to us.",
        str(step_input.get_step_content("answer") or "We have read what you wrote."),
    ]
    if notes.get("rejection_feedback"):
        paragraphs.append(f"(Revised as asked: {notes['rejection_feedback']})")
    return "\n\n".join([*paragraphs, "Kind regards, the support team"])


def send_reply(step_input: StepInput) -> str:
    """Pretend to send it."""
    return f"Sent to {step_input.input['account']}:\n\n{step_input.previous_step_content}"


support = Workflow(
    id="support",
    name="Support ticket",
    description="A ticket is looked into from two sides, answered the way a person confirms, and replied to.",
    steps=[
        Parallel(
            "look into it",
            Step("look up account", look_up_account, repeatable=True),
            Step("search known problems", search_known_problems, repeatable=True),
        ),
        Condition(
            name="promised soon",
            evaluator=is_promised_soon,
            steps=[Step("put first", put_first, repeatable=True)],
            else_steps=[Step("queue up", queue_up, repeatable=True)],
        ),
        Router(
            name="answer",
            selector=propose_route,
            choices=[
                Step(
                    "explain the problem",
                    explain,
                    description="Say what is known about it and what to do meanwhile.",
                    repeatable=True,
                ),
                Step("offer a credit", offer_credit, description="Give back a month.", repeatable=True),
                Step(
                    "hand to engineers",
                    hand_over,
                    description="Promise that somebody looks closer.",
                    repeatable=True,
                ),
            ],
            human_review=HumanReview(
                requires_confirmation=True,
                confirmation_message="Answer this ticket the proposed way?",
                on_reject=OnReject.retry,
            ),
        ),
        Loop(
            name="reply",
            steps=[Step("draft reply", draft_reply, repeatable=True)],
            max_iterations=4,
            human_review=HumanReview(
                requires_iteration_review=True,
                iteration_review_message="Is the reply good?",
                on_reject=OnReject.retry,
            ),
        ),
        Step(
            "send reply",
            send_reply,
            irreversible=True,
            requires_confirmation=True,
            confirmation_message="Send this reply?",
            on_reject=OnReject.cancel,
        ),
    ],
)
