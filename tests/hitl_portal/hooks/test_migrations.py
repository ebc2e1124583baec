"""Sources that were made when each had one secret keep it."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hitl_portal.hooks.models import WebhookSource
from tests.rows import a_workflow

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("hooks", name)])


def test_the_one_secret_becomes_the_first_of_several_and_back() -> None:
    source = WebhookSource.objects.create(name="shop", workflow=a_workflow("refund"))
    secret = source.renew_secret()
    try:
        migrate("0003_several_secrets")
        with connection.cursor() as cursor:
            cursor.execute("SELECT sealed_secret FROM hooks_webhooksource")
            assert cursor.fetchone()[0].partition(":")[2].startswith("gAAAA")
            cursor.execute("DELETE FROM hooks_webhooksecret")
    finally:
        migrate("0006_deliveries")

    assert WebhookSource.objects.get().valid_secrets() == [secret]
