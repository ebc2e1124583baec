"""Fills a portal with every state there is, beside its workers; prints addresses as JSON. For `manage.py shell -c`."""

import json
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from hitl_portal.inbox.models import SavedView
from hitl_portal.links.services import issue
from tests.e2e.gallery.received import received
from tests.e2e.gallery.told import told
from tests.waiting import eventually
from workflows import services
from workflows.models import Requirement, WorkflowRun
from workflows.services import Actor, resolve
from workflows.types import Action, Answer, RunStatus

STARTED = ("external", "error", "failed", "votes", "held", "expired", "form", "route", "loop")
REFUND = {"customer": "Edsger Dijkstra", "amount": 120.5, "reason": "It came too late."}
Asked = dict[str, Requirement]


def fill() -> None:
    """Bring everything about and print where it is."""
    requester, reviewer, admin = (
        User.objects.get(username=name) for name in ("requester", "reviewer", "admin")
    )
    User.objects.get_or_create(username="stranger")
    for name in STARTED:
        services.start_run(f"gallery-{name}", {"about": name}, actor=Actor.of(requester), source="portal")
    for number in range(4):
        given = REFUND | {"order": f"A-{1050 + number}"}
        services.start_run("refund", given, actor=Actor.of(requester), source="portal")
    waiting = _waiting()
    links = _links(waiting, reviewer)
    asked = waiting | _answered(Actor.of(reviewer))
    _worked_on(asked, reviewer, admin)
    cards = {f"card-{name}": reverse("inbox:detail", args=[one.pk]) for name, one in asked.items()}
    print(json.dumps(cards | links | _runs(asked) | _together() | told() | received()))


def _waiting() -> Asked:
    """One of each kind that waits."""
    return {
        "confirmation": _open("refund", "confirmation"),
        "user-input": _open("gallery-form", "user_input"),
        "error": _open("gallery-error", "error"),
        "external-execution": _open("gallery-external", "external_execution"),
        "tool-confirmation": _open("refund-agent", "tool_confirmation"),
        "tool-input": _open("offsite-team", "tool_input"),
        "feedback": _open("offsite-team", "feedback"),
        "route": _open("gallery-route", "route"),
        "schema": _open("release", "user_input"),
        "proposal": _open("support"),
    }


def _links(asked: Asked, person: User) -> dict[str, str]:
    """Answer links: to something that waits, to a form, and to what is about to be decided otherwise."""
    about = {
        "link-tool": asked["tool-confirmation"],
        "link-form": asked["schema"],
        "link-decided": _open("article", "output_review"),
    }
    links = {name: issue(requirement, person) for name, requirement in about.items()}
    return {
        name: address.removeprefix(settings.HITL_PUBLIC_URL) for name, address in links.items() if address
    }


def _answered(reviewer: Actor) -> Asked:
    """Those that somebody, or nobody in time, has answered."""
    draft, loop, refund = _open("article", "output_review"), _open("gallery-loop"), _newest("refund")
    _answer(loop, reviewer, Action.reject, "Shorter, please.")
    _answer(draft, reviewer, Action.reject, "Say what it costs to wait.")
    _answer(refund, reviewer, feedback="Seen the parcel.")
    votes, held = _open("gallery-votes"), _open("gallery-held")
    _answer(votes, reviewer)
    _answer(held, reviewer)
    return {
        "second-attempt": eventually(lambda: _others("article", "output_review", draft), "a second attempt"),
        "iteration-review": eventually(lambda: _others("gallery-loop", "iteration_review", loop), "a loop"),
        "closed": refund,
        "votes": votes,
        "held": held,
        "expired": eventually(_expired, "a deadline"),
    }


def _worked_on(asked: Asked, reviewer: User, admin: User) -> None:
    """What people do beside deciding."""
    services.claim(asked["error"].pk, actor=Actor.of(reviewer))
    services.claim(asked["user-input"].pk, actor=Actor.of(admin))
    tomorrow = timezone.now() + timedelta(days=1)
    services.snooze(asked["feedback"].pk, until=tomorrow, actor=Actor.of(reviewer))
    words = "@admin is this the order from Monday?"
    services.comment_on_requirement(asked["confirmation"].pk, words, actor=Actor.of(reviewer))
    SavedView.objects.create(owner=reviewer, name="Refunds", query="workflow=refund", is_shared=True)
    SavedView.objects.create(owner=reviewer, name="Urgent first", query="sort=priority")
    now = timezone.now()
    services.delegate(
        person=admin,
        deputy=reviewer,
        starts_at=now,
        ends_at=tomorrow,
        actor=Actor.of(admin),
        note="At a fair.",
    )


def _runs(asked: Asked) -> dict[str, str]:
    paused, done = asked["confirmation"].run_id, asked["closed"].run_id
    eventually(lambda: WorkflowRun.objects.filter(pk=done, status=RunStatus.completed).exists(), "the end")
    failed = eventually(lambda: WorkflowRun.objects.filter(status=RunStatus.error).first(), "a failure")
    return {
        "run-paused": reverse("runs:detail", args=[paused]),
        "run-completed": reverse("runs:detail", args=[done]),
        "run-failed": reverse("runs:detail", args=[failed.pk]),
        "run-of-team": reverse("runs:detail", args=[asked["feedback"].run_id]),
        "run-of-loop": reverse("runs:detail", args=[asked["iteration-review"].run_id]),
        "run-cancel": reverse("runs:cancel", args=[paused]),
        "run-restart": reverse("runs:restart", args=[failed.pk]),
    }


def _together() -> dict[str, str]:
    items = [str(one.pk) for one in _all("refund", "confirmation")]
    return {
        f"bulk-{do}": f"{reverse('inbox:bulk')}?{urlencode({'do': do, 'item': items}, doseq=True)}"
        for do in ("approve", "reject")
    }


def _all(workflow: str, kind: str = "") -> list[Requirement]:
    wanted = {"kind": kind} if kind else {}
    found = Requirement.objects.filter(run__workflow__name=workflow, status=Requirement.Status.OPEN, **wanted)
    return list(found.select_related("run").order_by("opened_at", "id"))


def _open(workflow: str, kind: str = "") -> Requirement:
    return eventually(lambda: _all(workflow, kind), f"{kind} of {workflow}")[0]


def _newest(workflow: str) -> Requirement:
    return eventually(lambda: _all(workflow)[1:], f"another of {workflow}")[-1]


def _others(workflow: str, kind: str, before: Requirement) -> Requirement | None:
    found = _all(workflow, kind)
    return next((one for one in found if (one.pk, one.revision) != (before.pk, before.revision)), None)


def _expired() -> Requirement | None:
    late = Requirement.objects.filter(run__workflow__name="gallery-expired")
    return late.exclude(status=Requirement.Status.OPEN).first()


def _answer(asked: Requirement, actor: Actor, action: Action = Action.approve, feedback: str = "") -> None:
    answer = Answer(action=action, feedback=feedback or None)
    resolve(asked.pk, revision=asked.revision, answer=answer, actor=actor)
