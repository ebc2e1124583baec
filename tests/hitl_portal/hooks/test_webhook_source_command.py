"""`manage.py webhook_source` makes a source, or renews its secret, and shows the secret once."""

import pytest
from django.core.management import CommandError, call_command

from hitl_portal.hooks.models import WebhookSource
from tests.rows import a_workflow

pytestmark = pytest.mark.django_db


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("webhook_source", *arguments)
    return capsys.readouterr().out


def test_it_makes_a_source_and_prints_its_secret(capsys: pytest.CaptureFixture[str]) -> None:
    a_workflow("refund")

    printed = command(capsys, "shop", "refund")

    source = WebhookSource.objects.get()
    assert source.secret in printed
    assert "http://localhost:8000/hooks/shop" in printed


def test_it_renews_the_secret_of_a_source_that_is_there(
    source: WebhookSource, capsys: pytest.CaptureFixture[str]
) -> None:
    before = source.secret

    printed = command(capsys, "shop", "refund")

    assert WebhookSource.objects.get().valid_secrets() == [printed.split()[-1]]
    assert before not in printed


def test_it_says_which_workflows_there_are(source: WebhookSource) -> None:
    with pytest.raises(CommandError, match="registered: refund"):
        call_command("webhook_source", "shop", "nothing")


def test_it_refuses_a_name_that_is_no_address(source: WebhookSource) -> None:
    with pytest.raises(CommandError):
        call_command("webhook_source", "a shop", "refund")
