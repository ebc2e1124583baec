"""What a browser prefers is kept in its cookies."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import SignIn

pytestmark = pytest.mark.one_database


def test_a_theme_is_kept_and_shown(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    response = client.post("/accounts/preferences/", {"theme": "dark", "next": "/runs/?status=PAUSED"})
    assert response.headers["Location"] == "/runs/?status=PAUSED"
    assert 'data-theme="dark"' in client.get("/").content.decode()


@pytest.mark.parametrize("data", [{"theme": "pink"}, {"next": "https://attacker.example/"}, {}])
def test_nonsense_changes_nothing(client: Client, db: None, data: dict[str, str]) -> None:
    response = client.post("/accounts/preferences/", data)
    assert response.headers["Location"] == "/"
    assert "hitl_theme" not in client.cookies
