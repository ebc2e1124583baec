"""The workflows to try the portal with: a refund over a limit, a release, an article draft, a support ticket, two in
which agents work, and a business trip."""

from typing import Any

from workflows import HumanReview, OnReject, Step, StepInput, StepOutput, UserInputField, Workflow
from workflows.demo.offsite_team import offsite_team
from workflows.demo.refund_agent import refund_agent
from workflows.demo.support import support
from workflows.demo.trip import trip

__all__ = ["article", "offsite_team", "refund", "refund_agent", "release", "support", "trip"]

LIMIT = 100


def check_refund(step_input: StepInput) -> StepOutput:
    """Look at what was asked for."""
    request: dict[str, Any] = step_input.input
    amount = request["amount"]
    return StepOutput(
        content={
            "customer": request["customer"],
            "order": request.get("order", "unknown"),
            "amount": f"{amount:.2f} {request.get('currency', 'EUR')}",
            "reason": request.get("reason", "none given"),
            "over the limit by": f"{max(0, amount - LIMIT):.2f}",
        }
    )


def pay_refund(step_input: StepInput) -> dict[str, Any]:
    """Pretend to pay. A real one hands `idempotency_key` to the payment provider."""
    checked = step_input.previous_step_content
    return {"paid": checked["amount"], "to": checked["customer"], "reference": step_input.idempotency_key}


def tell_customer(step_input: StepInput) -> str:
    """Write to the customer about what happened."""
    paid = step_input.previous_step_outputs.get("pay")
    customer = step_input.input["customer"]
    if paid is None:
        return f"Dear {customer}, we looked at your request and cannot refund this order."
    return f"Dear {customer}, we have refunded {paid.content['paid']}."


refund = Workflow(
    id="refund",
    name="Refund over a limit",
    description="Somebody asks for more money back than support may give by itself.",
    steps=[
        Step("check", check_refund, repeatable=True),
        Step(
            "pay",
            pay_refund,
            irreversible=True,
            risk="high",
            requires_confirmation=True,
            confirmation_message="Pay this refund?",
            on_reject=OnReject.skip,
        ),
        Step("tell customer", tell_customer, repeatable=True),
    ],
)


def build(step_input: StepInput) -> dict[str, Any]:
    """Put together what is to be released."""
    request: dict[str, Any] = step_input.input
    return {
        "service": request["service"],
        "version": request["version"],
        "changes": request.get("changes", []),
    }


def change_record(step_input: StepInput) -> str:
    """Write the record that auditors read."""
    target = step_input.get_step_content("choose environment")
    built = step_input.get_step_content("build")
    changes = "\n".join(f"- {change}" for change in built["changes"]) or "- nothing listed"
    return (
        f"# {built['service']} {built['version']} → {target['environment']}\n\n"
        f"Window: {target['window_minutes']} minutes\n\n{changes}\n"
    )


def chosen(step_input: StepInput) -> dict[str, Any]:
    """Hand on what was filled in."""
    answered: dict[str, Any] = (step_input.additional_data or {})["user_input"]
    return {"environment": answered["environment"], "window_minutes": answered.get("window_minutes") or 30}


def roll_out(step_input: StepInput) -> str:
    """Pretend to release."""
    target = step_input.get_step_content("choose environment")
    return f"Released to {target['environment']}."


release = Workflow(
    id="release",
    name="Release",
    description="A build is confirmed, gets an environment, and its change record is reviewed.",
    steps=[
        Step("build", build, repeatable=True),
        Step(
            "choose environment",
            chosen,
            repeatable=True,
            human_review=HumanReview(
                requires_confirmation=True,
                confirmation_message="Release this build?",
                requires_user_input=True,
                user_input_message="Where should it go?",
                user_input_schema=[
                    UserInputField(
                        "environment",
                        description="Production is seen by customers at once.",
                        allowed_values=["staging", "canary", "production"],
                    ),
                    UserInputField(
                        "window_minutes",
                        "int",
                        description="How long the release may take.",
                        value=30,
                        required=False,
                    ),
                ],
                on_reject=OnReject.cancel,
            ),
        ),
        Step(
            "change record",
            change_record,
            repeatable=True,
            human_review=HumanReview(
                requires_output_review=True,
                output_review_message="Is the change record right?",
                on_reject=OnReject.cancel,
            ),
        ),
        Step("roll out", roll_out, irreversible=True, risk="high"),
    ],
)


def write_draft(step_input: StepInput) -> str:
    """Write the article, or write it again with what the reviewer said."""
    topic = step_input.input["topic"]
    notes = step_input.additional_data or {}
    paragraphs = [
        topic,
        "Most software waits badly for people: in a chat message that scrolls away, in a mail nobody owns.",
        "A queue that shows what waits, why, and what each answer causes turns waiting into work.",
    ]
    if notes.get("rejection_feedback"):
        paragraphs.append(f"Revised as asked: {notes['rejection_feedback']}")
    return "\n\n".join(paragraphs)


def publish(step_input: StepInput) -> str:
    """Pretend to publish what was approved."""
    words = len(step_input.previous_step_content.split())
    return f"Published ({words} words)."


article = Workflow(
    id="article",
    name="Article draft",
    description="A draft is reviewed: approved, edited in place, or sent back up to three times.",
    steps=[
        Step(
            "draft",
            write_draft,
            repeatable=True,
            human_review=HumanReview(
                requires_output_review=True,
                output_review_message="Review the draft before it is published.",
                on_reject=OnReject.retry,
                max_retries=3,
            ),
        ),
        Step("publish", publish, irreversible=True),
    ],
)
