"""What happened before there were chains is chained as it is found."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from tests.workflows.audit.conftest import Forge
from workflows.audit.verifying import Broken, Whole, verify
from workflows.models import WorkflowRun

pytestmark = pytest.mark.django_db


def test_old_events_are_chained(run: WorkflowRun, forge: Forge) -> None:
    chained = run.chain_head, run.chain_length
    forge("UPDATE workflows_runevent SET position = 0, previous = '', digest = ''")
    forge("UPDATE workflows_workflowrun SET chain_head = '', chain_length = 0")
    with pytest.raises(Broken):
        verify(Whole())

    migration = import_module("workflows.migrations.0017_chain_what_happened")
    migration.link(apps, connection.schema_editor())

    run.refresh_from_db()
    assert (run.chain_head, run.chain_length) == chained
    verify(Whole())
