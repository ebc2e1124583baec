"""The log of a source: each delivery with its outcome, no secrets, the last hundred, and a count of all."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hitl_portal.hooks import log, sweeping
from hitl_portal.hooks.models import Delivery, DeliveryCount, WebhookSource
from hitl_portal.seldom import Seldom
from tests.hitl_portal.hooks.conftest import Sender
from tests.rows import a_workflow
from workflows.models import Workflow, WorkflowRun
from workflows.nudging import Crew
from workflows.retention import erase_run
from workflows.services import Actor
from workflows.sweep import sweep, sweepers

pytestmark = pytest.mark.django_db

CANARY = "canary-7f3a"


def outcomes() -> list[str]:
    return list(Delivery.objects.order_by("received_at").values_list("outcome", flat=True))


def old_lines(source: WebhookSource, number: int, **fields: Any) -> None:
    before = timezone.now() - timedelta(hours=1)
    given = {"source": source, "outcome": "started", "status": 202, "received_at": before} | fields
    Delivery.objects.bulk_create(Delivery(**given) for _ in range(number))


def test_each_delivery_leaves_a_line(sender: Sender) -> None:
    sender.post({"amount": 1}, id="msg_1")
    sender.post({"amount": 1}, id="msg_1")
    sender.post({"amount": 1}, id="msg_2", webhook_signature="v1,AAAA")
    sender.post({"amount": 1}, age=timedelta(hours=1))
    sender.post(b"{")
    sender.post({"text": "x" * 1000})

    assert outcomes() == ["started", "repeated", "bad-signature", "timestamp", "malformed", "too-large"]


def test_a_line_says_which_run_came_of_it(sender: Sender) -> None:
    sender.post({"amount": 1})
    line = Delivery.objects.get()

    assert (line.run, line.status, line.message_id) == (WorkflowRun.objects.get(), 202, "msg_1")


def test_a_refused_one_says_why(sender: Sender, source: WebhookSource) -> None:
    Workflow.objects.update(enabled=False)
    sender.post({"amount": 1})
    line = Delivery.objects.get()

    assert (line.status, line.detail) == (409, "The workflow 'refund' is switched off")


def test_no_secret_is_written_down_in_the_clear(sender: Sender) -> None:
    body = {"note": f"our {sender.secret}", "password": CANARY}
    sender.post(body, authorization=f"Bearer {CANARY}", cookie=f"session={CANARY}")
    sender.post(body, id="msg_2", webhook_signature=f"v1,{CANARY}")
    rows = [str(value) for row in Delivery.objects.values_list() for value in row]

    assert len(rows) > 20
    assert not any(CANARY in value or sender.secret in value for value in rows)


def test_the_payload_is_kept_sealed_for_replays_where_it_was_signed(sender: Sender) -> None:
    sender.post({"password": CANARY})
    sender.post({"password": CANARY}, webhook_signature="v1,AAAA")
    signed, forged = Delivery.objects.order_by("received_at")

    assert json.loads(signed.payload()) == {"password": CANARY}
    assert forged.sealed_body == ""


def test_the_last_hundred_are_kept(sender: Sender, source: WebhookSource) -> None:
    old_lines(source, 104, is_signed=True)
    sender.post({"amount": 1})

    assert Delivery.objects.count() == log.KEPT
    assert Delivery.objects.first() == Delivery.objects.get(message_id="msg_1")


def test_forged_posts_push_out_no_signed_ones(sender: Sender, source: WebhookSource) -> None:
    old_lines(source, 60, is_signed=True)
    old_lines(source, 100, is_signed=False)
    sender.post({}, webhook_signature="v1,AAAA")

    assert Delivery.objects.filter(is_signed=True).count() == 60
    assert Delivery.objects.filter(is_signed=False).count() == log.KEPT


def test_another_source_s_lines_stay(sender: Sender, source: WebhookSource) -> None:
    other = WebhookSource.objects.create(name="till", workflow=a_workflow("refund"))
    old_lines(other, 100, is_signed=True)
    sender.post({"amount": 1})

    assert other.deliveries.count() == 100


def test_all_there_ever_were_are_counted(sender: Sender) -> None:
    for number in range(3):
        sender.post({}, id=f"msg_{number}")
    sender.post({}, webhook_signature="v1,AAAA")
    Delivery.objects.all().delete()

    assert log.outcomes() == [("shop", "bad-signature", 1), ("shop", "started", 3)]
    assert DeliveryCount.objects.count() == 2


def test_what_is_erased_of_a_run_goes_from_the_log_with_nobody_looking(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "sweep", Seldom(log.forget_erased))
    sender.post({"amount": CANARY})
    sender.post({"amount": 2}, id="msg_2")
    run = WorkflowRun.objects.earliest("created_at")
    WorkflowRun.objects.update(status="COMPLETED", finished_at=timezone.now(), wake_at=None)
    erase_run(run.id, actor=Actor(name="admin", channel="admin"))
    assert CANARY in Delivery.objects.get(run=run).excerpt

    sweep(sweepers(Crew(name="host:1", workflows={})))
    line = Delivery.objects.get(run=run)
    assert (line.excerpt, line.sealed_body, line.headers) == ("", "", {})
    assert Delivery.objects.exclude(run=run).get().excerpt


def test_what_is_erased_of_a_run_is_not_shown_where_no_worker_is(
    sender: Sender, admin: User, client: Client
) -> None:
    sender.post({"amount": CANARY})
    WorkflowRun.objects.update(status="COMPLETED", finished_at=timezone.now(), wake_at=None)
    erase_run(WorkflowRun.objects.get().id, actor=Actor(name="admin", channel="admin"))
    client.force_login(admin)
    page = client.get(reverse("hooks:delivery", args=[Delivery.objects.get().id]))

    assert page.status_code == 200
    assert CANARY not in page.content.decode()


def test_a_longer_log_costs_no_more(sender: Sender, source: WebhookSource) -> None:
    counted = []
    for number, lines in enumerate((0, 20, 70)):
        old_lines(source, lines, is_signed=True)
        with CaptureQueriesContext(connection) as queries:
            sender.post({}, id=f"msg_{number}")
        counted.append(len(queries))

    assert counted[1] == counted[2] <= counted[0] <= 32
