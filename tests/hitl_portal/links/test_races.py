"""Two submits at the same moment: one decides, the other one is told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from hitl_portal.links.models import AnswerLink
from tests.hitl_portal.conftest import Ask, answering
from tests.hitl_portal.links.conftest import path_to
from workflows.models import Decision, RunEvent

pytestmark = pytest.mark.django_db(transaction=True)


def statuses(paths: list[str], fields: dict[str, object]) -> list[int]:
    """What those get who post to these paths together."""
    together = threading.Barrier(len(paths))

    def post(path: str) -> int:
        together.wait()
        try:
            return Client().post(path, fields).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(paths)) as pool:
        return sorted(pool.map(post, paths))


@pytest.mark.parametrize("quorum", [1, 2])
def test_one_link_sent_twice_decides_once(ask: Ask, reviewer: User, quorum: int) -> None:
    requirement = ask()
    type(requirement).objects.update(policy={"quorum": quorum} if quorum > 1 else {})
    path = path_to(requirement, reviewer)
    assert statuses([path] * 4, answering(requirement, "approve")) == [302, 410, 410, 410]
    assert AnswerLink.objects.get().decision == Decision.objects.get()
    assert RunEvent.objects.count() == 1


def test_of_two_people_s_links_one_decides(ask: Ask, reviewer: User, admin: User) -> None:
    requirement = ask()
    paths = [path_to(requirement, reviewer), path_to(requirement, admin)]
    assert statuses(paths, answering(requirement, "approve")) == [302, 410]
    assert AnswerLink.objects.filter(decision=None).count() == 1
    assert Decision.objects.count() == 1
