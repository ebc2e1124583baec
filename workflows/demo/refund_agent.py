"""A refund by an agent: it looks at the order by itself, and asks before it pays. Where the answer is no, it reads why
and offers a voucher, which only an admin grants."""

from typing import Any

from workflows import Step, Workflow
from workflows.agents import Agent, approval, tool
from workflows.demo.playing import asked_for, honest, model, says, told, wants
from workflows.engine.conversation import Reply, Request

ORDERS: dict[str, dict[str, Any]] = {
    "A-1042": {"customer": "Grace Hopper", "paid": 249.9, "delivered": "twice", "returned": "nothing yet"},
    "A-1043": {"customer": "Grace Hopper", "paid": 180.0, "delivered": "once", "returned": "one compiler"},
}
VOUCHER = 25


@tool(repeatable=True)
def look_up_order(order: str) -> dict[str, Any]:
    """Find out what is known of an order.

    Args:
        order: The number of the order, like A-1042.
    """
    return {"order": order} | ORDERS.get(order, {"customer": "unknown", "paid": 0.0})


@approval(type="audit")
@tool(requires_confirmation=True)
def pay_refund(order: str, amount: float, reason: str) -> str:
    """Pay money back to the customer of an order. It cannot be taken back.

    Args:
        order: The number of the order.
        amount: How much, in euros.
        reason: Why, in one sentence; it is kept with the payment.
    """
    return f"{amount:.2f} EUR paid back for {order} ({reason})"  # a real one asks the payment provider


@approval
@tool
def grant_voucher(order: str, amount: float) -> str:
    """Give the customer of an order a voucher. Only admins allow that.

    Args:
        order: The number of the order.
        amount: What it is worth, in euros.
    """
    return f"A voucher of {amount:.2f} EUR for {order}"


def clerk_script(request: Request) -> Reply:
    """What a clerk would say."""
    wanted, known = asked_for(request), told(request)
    order, customer = str(wanted.get("order", "A-1042")), wanted.get("customer", "customer")
    if "look_up_order" not in known:
        return says("Let me look at the order first.", wants("look_up_order", order=order))
    if "pay_refund" not in known:
        amount, reason = float(wanted.get("amount") or 0), str(wanted.get("reason") or "As asked.")
        return says(
            "The order is as the customer says, so I would pay it back.",
            wants("pay_refund", order=order, amount=amount, reason=reason),
        )
    if not known["pay_refund"].failed:
        return says(f"Dear {customer}, your refund is on its way: {known['pay_refund'].content}.")
    return _instead(order, str(customer), request)


def _instead(order: str, customer: str, request: Request) -> Reply:
    """What it says after a no."""
    known = told(request)
    if "grant_voucher" not in known:
        why = known["pay_refund"].content
        return says(
            f"I was told not to pay: “{why}”. A voucher may be fair.",
            wants("grant_voucher", order=order, amount=VOUCHER),
        )
    if known["grant_voucher"].failed:
        return says(f"Dear {customer}, we looked at your request and cannot refund this order.")
    return says(
        f"Dear {customer}, we cannot refund this order. With our apologies: {known['grant_voucher'].content}."
    )


clerk = Agent(
    model(clerk_script),
    name="Refund clerk",
    tools=[look_up_order, pay_refund, grant_voucher],
    instructions=[
        "You handle requests for refunds. The request comes as JSON.",
        "Look up the order before you decide anything, and pay no more than was paid for it.",
        "When you are told not to pay, read why, and offer a voucher of at most 25 euros instead.",
        "End with a short letter to the customer.",
    ],
    description="Handles requests for refunds, and asks before it pays.",
)

refund_agent = Workflow(
    id="refund-agent",
    name=honest("Refund by an agent"),
    description="An agent looks into a request for a refund by itself, and asks before it uses the tool that pays.",
    steps=[Step("handle the request", agent=clerk, irreversible=True, on_error="pause")],
)
