"""API tokens in Django admin: seen, revoked, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.api.models import ApiToken
from tests.workflows.admin.pages import act, address
from workflows.models import WorkflowRun


@pytest.fixture
def text(run: WorkflowRun) -> str:
    ends, requester = timezone.now() + timedelta(days=1), User.objects.get(username="requester")
    return ApiToken.objects.make(requester, "nightly", ["read", "start"], ends)[1]


def test_what_is_kept_of_a_token_is_not_shown(site: Client, text: str) -> None:
    token = ApiToken.objects.get()
    pages = [address(ApiToken, "changelist"), address(ApiToken, "change", token.pk)]
    for page in (site.get(at).content.decode() for at in pages):
        assert "nightly" in page
        assert token.begins in page
        assert token.digest not in page
        assert text not in page


def test_a_token_is_neither_made_nor_changed_nor_deleted(site: Client, text: str) -> None:
    token = ApiToken.objects.get()
    assert site.get(address(ApiToken, "add")).status_code == 403
    assert site.post(address(ApiToken, "change", token.pk), {"name": "other"}).status_code == 403
    assert site.post(address(ApiToken, "delete", token.pk), {"post": "yes"}).status_code == 403
    assert ApiToken.objects.get().name == "nightly"


def test_admins_revoke_it(site: Client, text: str) -> None:
    act(site, ApiToken, "revoke_selected", ApiToken.objects.get())
    assert ApiToken.objects.valid(text) is None
    assert ApiToken.objects.get().revoked_at is not None
