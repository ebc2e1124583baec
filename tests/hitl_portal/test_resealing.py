"""Resealing: everything that is sealed moves under the key of now, and what no key opens is named."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.management import call_command
from django.db import models

from hitl_portal.hooks.models import WebhookSource
from hitl_portal.outbound.models import Endpoint, EndpointSecret
from hitl_portal.resealing import keeps_in_json, places, reseal
from hitl_portal.sealing import is_current, seal, unseal
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

NEW = "new:" + "n" * 40


@pytest.fixture
def endpoint() -> Endpoint:
    made = Endpoint.objects.create(name="ledger", url="https://ledger.example/", events=["run.started"])
    made.renew_secret()
    return made


def test_every_part_says_what_it_seals() -> None:
    """Named `sealed`, by the habit of the house: who adds such a column without saying so is found here."""
    sealed = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.TextField) and field.name.startswith("sealed")
    }

    assert sealed == {place.name for place in places() if not place.name.count(".") > 2}


def test_secrets_sign_on_under_another_key(endpoint: Endpoint, settings: LazySettings) -> None:
    source = WebhookSource.objects.create(
        name="shop", workflow=Workflow.objects.create(name="refund", outline={})
    )
    secret, before = source.renew_secret(), source.secrets.get().sealed
    settings.HITL_SECRET_KEYS = [NEW]
    found = reseal()

    assert (found.moved, found.unreadable) == (2, [])
    assert before != source.secrets.get().sealed
    assert source.secrets.get().sealed.startswith("new:")
    assert source.secrets.get().text == secret


def test_once_is_enough(endpoint: Endpoint, settings: LazySettings) -> None:
    settings.HITL_SECRET_KEYS = [NEW]
    reseal()

    assert (reseal().moved, reseal().current) == (0, 1)


def test_a_changed_secret_key_is_left_behind(endpoint: Endpoint, settings: LazySettings) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    reseal()
    settings.SECRET_KEY_FALLBACKS = []

    assert unseal(EndpointSecret.objects.get().sealed, "webhook-endpoint").startswith("whsec_")


def test_texts_of_before_there_were_ids_get_one(endpoint: Endpoint) -> None:
    held = EndpointSecret.objects.all()
    held.update(sealed=held.get().sealed.partition(":")[2])

    assert reseal().moved == 1
    assert is_current(held.get().sealed, "webhook-endpoint")


def test_what_cannot_be_read_is_named_and_stays(endpoint: Endpoint, settings: LazySettings) -> None:
    before = EndpointSecret.objects.get()
    settings.SECRET_KEY = "another key"

    assert reseal().unreadable == [f"outbound.EndpointSecret.sealed {before.pk}"]
    assert EndpointSecret.objects.get().sealed == before.sealed


def test_who_changes_it_meanwhile_wins(endpoint: Endpoint, settings: LazySettings) -> None:
    held = EndpointSecret.objects.get()
    (place,) = [place for place in places() if place.name == "outbound.EndpointSecret.sealed"]

    assert not place.replace(held.pk, "what stood there", "ours")
    assert EndpointSecret.objects.get().sealed == held.sealed


def test_a_secret_within_json_is_sealed_anew(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As allauth keeps the secrets of authenticator apps."""
    monkeypatch.setattr("hitl_portal.resealing._places", {})
    workflow = Workflow.objects.create(name="w", outline={"secret": seal("of a person", "test"), "more": 1})
    Workflow.objects.create(name="none", outline={"more": 2})
    keeps_in_json(Workflow, "outline", "secret", "test")
    settings.HITL_SECRET_KEYS = [NEW]

    assert reseal().moved == 1
    workflow.refresh_from_db()
    outline: Any = workflow.outline
    assert (unseal(outline["secret"], "test"), outline["more"]) == ("of a person", 1)


def test_the_command_ends_with_1_where_something_could_not_be_read(
    endpoint: Endpoint, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SECRET_KEY = "another key"
    with pytest.raises(SystemExit):
        call_command("reseal")

    assert "UNREADABLE: outbound.EndpointSecret.sealed" in capsys.readouterr().err


def test_the_command_says_what_it_did(
    endpoint: Endpoint, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HITL_SECRET_KEYS = [NEW]
    call_command("reseal")

    assert capsys.readouterr().out == "1 sealed anew, 0 had the key of now already.\n"
