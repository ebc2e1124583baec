"""Secrets rotate: several sign at once, each until it ends, and each is shown once."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from hitl_portal.hooks.models import WebhookSecret, WebhookSource
from hitl_portal.sealing import Unreadable
from tests.hitl_portal.hooks.conftest import Sender

pytestmark = pytest.mark.django_db


def with_secret(sender: Sender, secret: str, id: str) -> Any:
    return Sender(client=sender.client, secret=secret).post({"amount": 1}, id=id)


def test_both_secrets_sign_while_one_replaces_the_other(sender: Sender, source: WebhookSource) -> None:
    added = source.add_secret(others_end=timezone.now() + timedelta(hours=1))

    assert with_secret(sender, sender.secret, "msg_old").status_code == 202
    assert with_secret(sender, added, "msg_new").status_code == 202


def test_a_secret_signs_until_it_ends(sender: Sender, source: WebhookSource) -> None:
    added = source.add_secret()
    WebhookSecret.objects.exclude(pk=source.secrets.all()[0].pk).update(ends_at=timezone.now())

    assert with_secret(sender, sender.secret, "msg_old").status_code == 401
    assert with_secret(sender, added, "msg_new").status_code == 202


def test_one_that_ends_before_does_not_live_longer(source: WebhookSource) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    source.add_secret(others_end=soon)
    source.add_secret(others_end=timezone.now() + timedelta(days=1))

    assert source.secrets.order_by("created_at")[0].ends_at == soon


def test_without_a_secret_nothing_is_signed(sender: Sender, source: WebhookSource) -> None:
    source.secrets.all().delete()

    assert sender.post({}).status_code == 401
    assert not source.is_readable


def test_one_that_cannot_be_read_does_not_stand_in_the_way(
    sender: Sender, source: WebhookSource, settings: LazySettings
) -> None:
    settings.SECRET_KEY = "another key"
    added = source.add_secret()

    assert with_secret(sender, added, "msg_new").status_code == 202


def test_where_none_can_be_read_the_sender_is_told_to_come_again(
    sender: Sender, source: WebhookSource, settings: LazySettings
) -> None:
    settings.SECRET_KEY = "another key"
    response = sender.post({})

    assert (response.status_code, response["Retry-After"]) == (503, "300")
    with pytest.raises(Unreadable):
        source.valid_secrets()
