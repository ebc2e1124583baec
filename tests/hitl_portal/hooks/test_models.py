"""A source's secret is its own, strong, and unreadable in the database."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from standardwebhooks import Webhook

from hitl_portal.hooks.models import WebhookSecret, WebhookSource
from hitl_portal.sealing import Unreadable, seal, unseal

pytestmark = pytest.mark.django_db


def test_the_secret_is_not_in_the_database(source: WebhookSource) -> None:
    rows = [*WebhookSource.objects.values_list(), *WebhookSecret.objects.values_list()]

    assert len(rows) == 2
    assert not any(source.secret.removeprefix("whsec_") in str(value) for row in rows for value in row)


def test_the_secret_is_one_that_the_standard_library_takes(source: WebhookSource) -> None:
    signer = Webhook(WebhookSource.objects.get().secret)

    assert signer.sign("msg_1", datetime.now(tz=UTC), "{}").startswith("v1,")


def test_a_renewed_secret_is_another(source: WebhookSource) -> None:
    before = source.secret

    assert source.renew_secret() == source.secret != before


def test_what_is_sealed_for_one_purpose_does_not_open_for_another() -> None:
    with pytest.raises(Unreadable):
        unseal(seal("a secret", "one"), "another")


def test_a_changed_secret_key_opens_what_the_old_one_sealed(settings: LazySettings) -> None:
    sealed = seal("a secret", "test")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"

    assert unseal(sealed, "test") == "a secret"


def test_a_lost_secret_key_opens_nothing(settings: LazySettings) -> None:
    sealed = seal("a secret", "test")
    settings.SECRET_KEY = "another key"

    with pytest.raises(Unreadable):
        unseal(sealed, "test")
