"""Emptying the tables leaves what is made with them, and puts back what holds the log append-only."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction

from tests.emptying import empty
from tests.rows import a_person, a_run, an_event
from workflows.models import RunEvent, WorkflowRun

pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_are_gone_and_what_is_made_with_the_tables_is_not() -> None:
    before = (ContentType.objects.count(), Permission.objects.count())
    an_event(a_run(a_person("requester")))
    empty(connection)

    assert not any(model.objects.exists() for model in (User, WorkflowRun, RunEvent))
    assert (ContentType.objects.count(), Permission.objects.count()) == before > (20, 80)


def test_the_log_is_append_only_again() -> None:
    empty(connection)
    an_event(a_run())

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RunEvent.objects.update(path="elsewhere")
