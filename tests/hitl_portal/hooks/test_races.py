"""A sender that repeats itself impatiently still starts one run."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from tests.hitl_portal.hooks.conftest import Sender
from workflows.models import RunEvent, WorkflowRun

pytestmark = pytest.mark.django_db(transaction=True)

SENDERS = 4


def test_the_same_message_at_the_same_moment_is_one_run(sender: Sender) -> None:
    together = threading.Barrier(SENDERS)

    def post(_: int) -> Any:
        together.wait()
        try:
            return sender.post({"amount": 120})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(SENDERS) as pool:
        responses = list(pool.map(post, range(SENDERS)))

    assert {response.status_code for response in responses} == {202}
    assert {response.json()["run"] for response in responses} == {str(WorkflowRun.objects.get().id)}
    assert RunEvent.objects.count() == 1
