"""What `make run` puts into an empty database: three people, and a run of each demo workflow. Safe to repeat."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User

from workflows import policy
from workflows.models import WorkflowRun
from workflows.services import Actor, start_run

PEOPLE: dict[str, str | None] = {"admin": policy.ADMINS, "reviewer": policy.REVIEWERS, "requester": None}

REFUND = {
    "customer": "Ada Lovelace",
    "order": "A-1042",
    "amount": 249.9,
    "currency": "EUR",
    "reason": "The parcel arrived twice, both times without the lamp.",
}
RUNS: list[tuple[str, dict[str, Any]]] = [
    ("refund", REFUND),
    (
        "release",
        {
            "service": "checkout",
            "version": "4.12.0",
            "changes": ["Show the tax per line", "Retry a declined card once", "Drop the old coupon table"],
        },
    ),
    ("article", {"topic": "Why software waits badly"}),
    (
        "support",
        {
            "account": "A-2203",
            "plan": "business",
            "subject": "The tax on our invoice looks wrong",
            "text": "Since the discount the tax of single lines is a cent off. Can we pay this invoice?",
        },
    ),
    ("refund-agent", REFUND | {"customer": "Grace Hopper"}),
    ("offsite-team", {"people": 11, "day": "2026-05-11", "purpose": "What we want to build next"}),
]
WEBHOOK_PAYLOAD: dict[str, Any] = {
    "customer": "Grace Hopper",
    "order": "A-1043",
    "amount": 180,
    "currency": "EUR",
    "reason": "Ordered one compiler, got two.",
}


def people() -> list[User]:
    """The three people, made where they are missing; they sign in by link and have no password."""
    return [_person(name, group) for name, group in PEOPLE.items()]


def runs(requester: User) -> None:
    """One run of each workflow, unless there have been runs already."""
    if WorkflowRun.objects.exists():
        return
    for workflow, data in RUNS:
        start_run(workflow, data, actor=Actor.of(requester), source="portal")


def _person(name: str, group: str | None) -> User:
    admin = group == policy.ADMINS
    facts = {"email": f"{name}@example.com", "is_staff": admin, "is_superuser": admin}
    person, created = get_user_model().objects.get_or_create(username=name, defaults=facts)
    if created:
        person.set_unusable_password()
        person.save(update_fields=["password"])
        if group:
            person.groups.add(Group.objects.get_or_create(name=group)[0])
    return person
