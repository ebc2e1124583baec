"""The page behind an answer link: it shows one card, and only its form decides."""

from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, answering
from tests.hitl_portal.links.conftest import path_to
from workflows.models import Decision


def test_it_shows_the_card_without_a_session(client: Client, ask: Ask, reviewer: User) -> None:
    path = path_to(ask("output_review", "Is it right?", content="The parcel was lost."), reviewer)
    shown = client.get(path)
    words = shown.content.decode()
    assert shown.status_code == 200
    assert "Is it right?" in words
    assert "The parcel was lost." in words
    assert "hitl_session" not in client.cookies


def test_a_post_of_its_form_decides(client: Client, ask: Ask, reviewer: User) -> None:
    requirement = ask()
    response = client.post(path_to(requirement, reviewer), answering(requirement, "approve"), follow=True)
    decision = Decision.objects.get(requirement=requirement)
    assert (decision.person, decision.channel, decision.action) == (reviewer, "link", "approve")
    assert "Your decision is saved" in response.content.decode()
    assert "hitl_session" not in client.cookies
