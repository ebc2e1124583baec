"""What the security log says, and what it never does."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.hitl_portal.accounts.codes import code
from tests.hitl_portal.accounts.conftest import PASSWORD
from tests.hitl_portal.accounts.test_factors import set_up

TYPED = "a password in the wrong field"


def sign_in(client: Client, name: str, password: str) -> None:
    client.post("/accounts/sign-in/", {"login": name, "password": password}, REMOTE_ADDR="192.0.2.7")


def test_who_comes_in_and_goes_is_told(
    client: Client, reviewer: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "hitl_portal.security")
    sign_in(client, "reviewer", PASSWORD)
    client.post("/accounts/sign-out/", REMOTE_ADDR="192.0.2.7")

    assert f"person {reviewer.pk} signed in from 192.0.2.7" in caplog.messages
    assert f"person {reviewer.pk} signed out from 192.0.2.7" in caplog.messages


def test_who_does_not_is_told_without_what_they_typed(
    client: Client, reviewer: User, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, TYPED, TYPED)

    assert "a sign-in failed from 192.0.2.7" in caplog.messages
    assert TYPED not in caplog.text


def test_a_new_factor_is_told(
    client: Client,
    reviewer: User,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    caplog.set_level(logging.INFO, "hitl_portal.security")
    sign_in(client, "reviewer", PASSWORD)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(client)

    assert f"person {reviewer.pk} added a factor (totp) from 127.0.0.1" in caplog.messages
    assert secret not in caplog.text
    assert code(secret) not in caplog.text
