"""What the settings say must be readable."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.notifications.checks import readable_settings
from hitl_portal.notifications.models import Discretion
from tests.rows import a_workflow


def test_the_settings_as_they_come_are_fine() -> None:
    assert readable_settings() == []


def test_a_typo_is_told(settings: LazySettings) -> None:
    settings.HITL_NOTIFY_DETAIL = "everything"
    settings.HITL_CHANNELS = ["hitl_portal.notifications.pigeons.Pigeons"]

    assert [found.id for found in readable_settings()] == ["notifications.E001", "notifications.E002"]


@pytest.mark.django_db
def test_an_admin_says_how_much_is_told_of_a_workflow(admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    client = Client()
    client.force_login(admin)
    workflow = a_workflow()
    client.post("/admin/notifications/discretion/add/", {"workflow": workflow.pk, "detail": "nothing"})

    assert Discretion.objects.get().detail == "nothing"
    assert client.get("/admin/notifications/dispatch/").status_code == 200
