"""Links that ended long ago are forgotten."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.links.models import AnswerLink
from hitl_portal.links.sweeping import KEPT, forget_old
from hitl_portal.seldom import Seldom
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.links.conftest import path_to


def test_it_forgets_what_ended_three_months_ago_once_an_hour(
    ask: Ask, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    path_to(ask(), reviewer)
    sweep, later = Seldom(forget_old), timezone.now() + KEPT + timedelta(days=8)
    sweep()
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    sweep()
    assert AnswerLink.objects.exists()
    assert Seldom(forget_old)() == 0  # it counts as nothing that concerns runs
    assert not AnswerLink.objects.exists()
