"""The line that newcomers paste works in the shells they have, against a real server."""

import json
import shutil
import subprocess

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from hitl_portal.hooks.demo import curl_command, demo_source
from hitl_portal.hooks.models import WebhookSource
from tests.rows import a_workflow
from workflows.models import Value, WorkflowRun

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl"
    ),
]

PAYLOAD = {"customer": "Zoë O'Neill", "amount": 120, "note": 'a "quoted" $HOME `id` ! \\ %s'}


@pytest.fixture
def demo(live_server: LiveServer, settings: LazySettings) -> WebhookSource:
    settings.HITL_PUBLIC_URL = live_server.url
    source = WebhookSource.objects.create(name="demo", workflow=a_workflow())
    source.renew_secret()
    return source


@pytest.mark.parametrize("shell", [name for name in ("sh", "bash", "dash", "zsh") if shutil.which(name)])
def test_the_pasted_line_starts_a_run(demo: WebhookSource, shell: str) -> None:
    done = subprocess.run(
        [shell, "-c", curl_command(demo, PAYLOAD)], check=True, capture_output=True, text=True, timeout=30
    )

    assert json.loads(done.stdout)["status"] == "PENDING", done.stderr
    assert Value.objects.get().plain() == {"input": PAYLOAD}


def test_pasted_again_it_starts_another_run(demo: WebhookSource) -> None:
    line = curl_command(demo, PAYLOAD)
    for _ in range(2):
        subprocess.run(["sh", "-c", line], check=True, capture_output=True, timeout=30)

    assert WorkflowRun.objects.count() == 2


def test_it_is_one_line(demo: WebhookSource) -> None:
    assert "\n" not in curl_command(demo, {"text": "two\nlines"})


def test_the_demo_source_keeps_its_secret() -> None:
    a_workflow("refund")

    assert demo_source("refund").secret == demo_source("refund").secret


def test_the_demo_source_gets_a_new_secret_when_the_key_is_lost(settings: LazySettings) -> None:
    a_workflow("refund")
    lost = demo_source("refund").secret
    settings.SECRET_KEY = "another key"

    assert demo_source("refund").secret != lost
