"""A checkpoint seals where the chains end that have grown since the one before."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from tests.rows import a_run
from workflows.acting import Actor, append_event
from workflows.audit.sealing import seal, seal_when_due, statement, unsealed
from workflows.audit.signing import is_signed
from workflows.models import Checkpoint, WorkflowRun

pytestmark = pytest.mark.django_db

SCRIPT = Actor(name="script", channel="script")


def grown(run: WorkflowRun | None = None) -> WorkflowRun:
    run = run or a_run()
    append_event(run, "RunQueued", SCRIPT)
    return run


def sealed() -> Checkpoint:
    checkpoint = seal()
    assert checkpoint is not None
    return checkpoint


def test_it_has_the_end_of_each_chain_and_is_signed() -> None:
    runs = sorted((grown(), grown()), key=lambda run: run.id)
    checkpoint = sealed()

    ends = checkpoint.sealed.order_by("run").values_list("run", "position", "digest")
    assert list(ends) == [(run.id, 1, run.chain_head) for run in runs]
    assert (checkpoint.number, checkpoint.heads, checkpoint.previous) == (1, 2, "")
    assert is_signed(checkpoint.key, statement(checkpoint), checkpoint.signature)


def test_the_next_one_has_what_has_grown_and_carries_the_digest_of_the_first() -> None:
    grown()
    run = grown()
    first = sealed()
    grown(run)
    second = sealed()

    assert (second.number, second.previous) == (2, first.digest)
    assert list(second.sealed.values_list("run", "position")) == [(run.id, 2)]


def test_nothing_is_sealed_where_nothing_has_grown() -> None:
    grown()
    sealed()

    assert seal() is None
    assert not unsealed().exists()


def test_a_run_of_which_nothing_is_told_is_not_sealed() -> None:
    a_run()

    assert seal() is None


def test_what_grows_after_its_end_was_read_is_for_the_next_one() -> None:
    run = grown()
    sealed()
    early = WorkflowRun.objects.get(id=run.id)
    grown(early)

    assert list(unsealed()) == [run]


def test_it_is_due_when_the_last_one_is_old_enough(settings: LazySettings) -> None:
    settings.HITL_SEAL_SECONDS, now = 60, timezone.now()
    run = grown()
    assert seal_when_due(now)
    grown(run)

    assert seal_when_due(now + timedelta(seconds=59)) is None
    assert seal_when_due(now + timedelta(seconds=61))
