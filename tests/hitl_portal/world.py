"""One of everything that an address may name: what the test of permissions fills addresses with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from hitl_portal.api.models import ApiToken
from hitl_portal.hooks.models import Delivery, WebhookSource
from hitl_portal.inbox.models import SavedView
from hitl_portal.notifications.models import Address
from hitl_portal.outbound import outbox
from hitl_portal.outbound.models import Endpoint
from tests.hitl_portal.conftest import OUTLINE, new_run, person
from tests.hitl_portal.tools import a_tool
from workflows.models import Comment, Delegation, Requirement, Value, Workflow, WorkflowRun
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

NAMED = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(kw_only=True)
class World:
    """A run of the requester's that waits, one that was decided by the reviewer, and what belongs to
    them."""

    people: dict[str, User] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)


def a_world() -> World:
    """Make it. What it costs matters: it is made for each address."""
    people = {"requester": person("requester"), "reviewer": person("reviewer", "reviewers")}
    people |= {"stranger": person("stranger"), "admin": person("admin", "admins")}
    User.objects.filter(username="admin").update(is_staff=True)
    people["admin"].refresh_from_db()
    workflow = Workflow.objects.create(name="refund", title="Refund", fingerprint="f", outline=OUTLINE)
    run = new_run(workflow, people["requester"])
    requirement, reviewer = _asked(run), people["reviewer"]
    tool = {"tool": a_tool(approval="required")}
    approval = _asked(run, path="pay/1.0:pay_refund", key="gate", kind="tool_confirmation", more=tool)
    other = new_run(workflow, people["requester"])
    answer = Answer(action=Action.approve)
    decision = resolve(_asked(other).pk, revision=1, answer=answer, actor=Actor.of(reviewer))
    now = timezone.now()
    said = Comment.objects.create(
        run=run, requirement=requirement, author=reviewer, text="Why?", created_at=now
    )
    away = Delegation.objects.create(
        person=reviewer, starts_at=now, ends_at=now + timedelta(days=1), created_by="reviewer"
    )
    source = WebhookSource.objects.create(name="shop", workflow=workflow)
    source.renew_secret()
    posted = Delivery.objects.create(source=source, outcome="malformed", status=400)
    endpoint = Endpoint.objects.create(name="ledger", url="https://ledger.example/", events=["run.started"])
    output = Value.objects.create(run=run, path="check", slot="call:0.0", data='{"content": "fine"}')
    ids = {
        "requirement_id": requirement.pk,
        "approval_id": approval.pk,
        "subject_id": requirement.pk,
        "kind": "requirements",
        "run_id": run.pk,
        "session_id": run.session_id,
        "workflow_id": "refund",
        "token_id": ApiToken.objects.make(reviewer, "nightly", ["read"], now + timedelta(days=1))[0].pk,
        "other_id": other.pk,
        "value_id": output.pk,
        "decision_id": decision.pk,
        "comment_id": said.pk,
        "delegation_id": away.pk,
        "view_id": SavedView.objects.create(owner=reviewer, name="Mine", query="who=mine").pk,
        "endpoint_id": endpoint.pk,
        "delivery_id": outbox.ping(endpoint).pk,
        "number": 0,
        "channel": "email",
        "address_id": Address.objects.create(person=reviewer, channel="apprise", name="Phone").pk,
        "username": "reviewer",
        "source": "shop",
        "secret_id": source.secrets.get().pk,
        "webhook_delivery_id": posted.pk,
        "uidb64": "Mg",
        "uidb36": "2",
        "key": "0-0",
        "pk": 0,
        "provider_id": "sso",
        "session_number": 0,
        "token": "0-0",
    }
    return World(people=people, ids=ids)


def _asked(run: WorkflowRun, more: dict[str, Any] | None = None, **fields: Any) -> Requirement:
    asked = {"path": "pay", "key": "before:0", "kind": "confirmation", "step_name": "pay"} | fields
    said = {"step_type": "Step", "on_reject": "skip", "message": "Pay?", **(more or {})}
    details = {name: text for name, text in asked.items() if name != "status"} | said
    return Requirement.objects.create(
        run=run, message="Pay?", details=details, opened_at=timezone.now(), **asked
    )


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the portal as its pattern is written, with the pattern."""
    for found in (resolver or get_resolver()).url_patterns:
        at = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from routes(found, at)
        else:
            yield at, found


def filled_in(route: str, ids: dict[str, Any]) -> str:
    """The address of a route, with what there is of everything. KeyError where a new one names something new."""
    return "/" + NAMED.sub(lambda found: str(ids[found[1]]), route)
