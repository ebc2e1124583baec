"""Statements by hand: what is sent together fails as what is sent one by one, and some rules of what they read."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.rows import a_requirement, a_run
from workflows.ids import new_id
from workflows.models import Requirement, Value
from workflows.store import by_hand
from workflows.store.statements import Statements, written, written_together

Way = Callable[[str], AbstractContextManager[Statements]]


@pytest.mark.django_db
@pytest.mark.parametrize("way", [written, written_together])
def test_what_the_database_refuses_is_an_error_of_djangos_and_nothing_is_kept(way: Way) -> None:
    run, same = a_run(), new_id()

    def write() -> None:
        with way("default") as statements:
            statements.insert_values([(same, run.id, "step", "call", "1")])
            statements.insert_values([(same, run.id, "step", "other", "2")])

    with pytest.raises(IntegrityError):
        write()
    assert not Value.objects.filter(run=run).exists()


@pytest.mark.django_db
def test_a_value_is_read_with_its_id() -> None:
    value = Value.objects.create(run=a_run(), path="step", slot="call", data='{"content":1}')

    with by_hand("default") as statements:
        assert statements.value(value.run_id, "step", "call") == (value.id, value.data)
        assert statements.value(value.run_id, "step", "other") is None


@pytest.mark.django_db
def test_the_next_look_is_at_what_comes_first_of_what_is_open_or_held() -> None:
    run, now = a_run(), timezone.now()
    a_requirement(
        run, path="open", timeout_at=now + timedelta(hours=3), next_step_at=now + timedelta(hours=2)
    )
    a_requirement(run, path="held", status=Requirement.Status.DECIDED, release_at=now + timedelta(hours=1))
    a_requirement(run, path="done", status=Requirement.Status.APPLIED, timeout_at=now)

    with by_hand("default") as statements:
        assert statements.outlook(run.id).next_look == now + timedelta(hours=1)
        assert statements.outlook(UUID(int=0)) == (False, None)
