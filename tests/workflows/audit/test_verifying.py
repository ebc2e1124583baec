"""Whatever somebody does to the log who owns the database: the first broken link is named."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.rows import a_run
from tests.workflows.audit.conftest import Forge
from workflows.acting import Actor, append_event
from workflows.audit.sealing import seal
from workflows.audit.verifying import Broken, Whole, verify, verify_runs
from workflows.models import Decision, RunEvent, Verification, WorkflowRun
from workflows.reviewing.erasing import erase_words
from workflows.services import comment_on_run, erase_comment

pytestmark = pytest.mark.django_db

EVENT, RUN, CHECKPOINT = "workflows_runevent", "workflows_workflowrun", "workflows_checkpoint"


def broken() -> str:
    with pytest.raises(Broken) as found:
        verify(Whole())
    return str(found.value)


def at(run: WorkflowRun, position: int) -> RunEvent:
    return run.events.get(position=position)


def test_what_nobody_touched_is_whole(run: WorkflowRun) -> None:
    seal()
    found = Whole()
    verify(found)

    assert (found.runs, found.events, found.checkpoints) == (1, run.chain_length, 1)


@pytest.mark.parametrize(
    "change", ["actor = 'somebody'", "data = '{\"a\": 1}'", "type = 'StepSkipped'", "path = 'x'"]
)
def test_an_event_that_was_changed_is_named(run: WorkflowRun, forge: Forge, change: str) -> None:
    event = at(run, 3)
    forge(f"UPDATE {EVENT} SET {change} WHERE sequence = {event.sequence}")

    where = f"run {run.id}, event {event.sequence} (position 3)"
    assert broken() == f"{where}: its digest is not that of what it says: it was changed"


def test_an_event_that_was_taken_out_is_missed(run: WorkflowRun, forge: Forge) -> None:
    after = at(run, 4)
    forge(f"DELETE FROM {EVENT} WHERE sequence = {at(run, 3).sequence}")

    assert broken().startswith(
        f"run {run.id}, event {after.sequence} (position 4): it comes after position 2"
    )


def test_two_events_that_changed_places_are_named(run: WorkflowRun, forge: Forge) -> None:
    third, fourth = at(run, 3).sequence, at(run, 4).sequence
    for old, new in ((third, -1), (fourth, third), (-1, fourth)):
        forge(f"UPDATE {EVENT} SET sequence = {new} WHERE sequence = {old}")

    assert f"event {third} (position 4): it comes after position 2" in broken()


def test_an_event_with_a_new_digest_breaks_the_next_one(run: WorkflowRun, forge: Forge) -> None:
    forge(f"UPDATE {EVENT} SET digest = previous WHERE sequence = {at(run, 2).sequence}")

    assert "(position 2): its digest is not that of what it says" in broken()


def test_a_row_that_was_slipped_in_is_named(run: WorkflowRun) -> None:
    RunEvent.objects.create(run=run, type="RunQueued", created_at=timezone.now())

    assert "(position 0): it comes after position" in broken()


def test_an_end_that_was_cut_off_is_missed(run: WorkflowRun, forge: Forge) -> None:
    forge(f"DELETE FROM {EVENT} WHERE sequence = {at(run, run.chain_length).sequence}")

    missing = f"the event at position {run.chain_length} is missing, of which the run knows"
    assert broken() == f"run {run.id}: {missing}"


def test_an_end_that_was_cut_off_with_what_the_run_knows_is_sealed(run: WorkflowRun, forge: Forge) -> None:
    seal()
    last = at(run, run.chain_length)
    forge(f"DELETE FROM {EVENT} WHERE sequence = {last.sequence}")
    forge(f"UPDATE {RUN} SET chain_head = '{last.previous}', chain_length = {last.position - 1}")

    assert "of which checkpoint 1 knows" in broken()


def test_a_chain_that_was_written_anew_is_not_the_one_that_was_sealed(forge: Forge) -> None:
    run, actor = a_run(), Actor(name="script", channel="script")
    append_event(run, "RunQueued", actor)
    seal()
    forge(f"DELETE FROM {EVENT}")
    WorkflowRun.objects.update(chain_head="", chain_length=0)
    append_event(WorkflowRun.objects.get(), "RunQueued", Actor(name="somebody", channel="script"))

    assert "it is not the event that checkpoint 1 knows" in broken()


def test_a_decision_that_was_changed_is_named(run: WorkflowRun, forge: Forge) -> None:
    forge("UPDATE workflows_decision SET action = 'reject'")

    assert "the decision that it tells of differs: action" in broken()


def test_words_that_were_changed_are_noticed(run: WorkflowRun, forge: Forge) -> None:
    forge("UPDATE workflows_decision SET feedback = 'Never'")

    assert "the decision that it tells of differs: words" in broken()


def test_a_decision_that_nobody_made_is_noticed(run: WorkflowRun, decision: Decision) -> None:
    decision.pk, decision.person, decision.revision = uuid4(), None, 9
    decision.save(force_insert=True)

    assert "no event tells of its decision" in broken()


def test_words_that_were_erased_leave_it_whole(run: WorkflowRun, decision: Decision, admin: User) -> None:
    erase_words(decision.id, actor=Actor.of(admin))
    erase_comment(comment_on_run(run.id, "A secret", actor=Actor.of(admin)).id, actor=Actor.of(admin))

    verify(Whole())


def test_a_comment_that_was_changed_is_noticed(run: WorkflowRun, admin: User) -> None:
    comment = comment_on_run(run.id, "Not so", actor=Actor.of(admin))
    type(comment).objects.update(text="So")

    assert "the comment that it tells of was changed" in broken()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("created_at = '2020-01-01'", "its digest is not that of what it says"),
        ("previous = root", "it does not carry the digest of the one before"),
        ("number = 7", "number 1 is missing before it"),
        ("signature = digest", "its signature is not that of its key"),
        ("heads = 2", "its digest is not that of what it says"),
    ],
)
def test_a_checkpoint_that_was_changed_is_named(forge: Forge, change: str, problem: str) -> None:
    append_event(a_run(), "RunQueued", Actor(name="script", channel="script"))
    seal()
    if change == "number = 7":
        forge("DELETE FROM workflows_sealedhead")
    forge(f"UPDATE {CHECKPOINT} SET {change}")

    assert problem in broken()


def test_what_a_checkpoint_seals_is_not_changed_unseen(run: WorkflowRun, forge: Forge) -> None:
    seal()
    forge("DELETE FROM workflows_sealedhead")

    assert broken() == "checkpoint 1: it does not seal what is kept of it"


def test_a_key_that_nobody_knows_is_named(run: WorkflowRun, settings: LazySettings) -> None:
    seal()
    settings.SECRET_KEY = "another"

    assert "is not one that is trusted" in broken()


def test_a_key_of_before_is_trusted_while_it_is_named(run: WorkflowRun, settings: LazySettings) -> None:
    checkpoint = seal()
    assert checkpoint is not None
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    settings.SECRET_KEY_FALLBACKS = [old]
    verify(Whole())
    settings.SECRET_KEY_FALLBACKS, settings.HITL_AUDIT_PUBLIC_KEYS = [], [checkpoint.key]

    verify(Whole())


def test_events_that_come_meanwhile_are_no_surprise(run: WorkflowRun) -> None:
    stale = run.chain_head, run.chain_length
    append_event(run, "CancelRequested", Actor(name="script", channel="script"))
    WorkflowRun.objects.update(chain_head=stale[0], chain_length=stale[1])

    verify_runs([run.id], Whole())


def test_the_command_says_what_it_looked_at(run: WorkflowRun) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)

    assert f"Whole: {run.chain_length} events of 1 runs, 0 checkpoints; 1 runs" in out.getvalue()
    assert Verification.objects.get().problem == ""


def test_the_command_fails_and_keeps_the_problem(run: WorkflowRun, forge: Forge) -> None:
    forge(f"UPDATE {EVENT} SET actor = 'somebody'")
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", stderr=err)

    assert ended.value.code == 1
    assert Verification.objects.get().problem in err.getvalue()
    assert "(position 1)" in err.getvalue()


def test_the_command_looks_at_one_run(run: WorkflowRun, forge: Forge) -> None:
    other = a_run()
    append_event(other, "RunQueued", Actor(name="script", channel="script"))
    forge(f"UPDATE {EVENT} SET actor = 'somebody' WHERE sequence = {at(other, 1).sequence}")

    call_command("verify_audit", run=run.id, stdout=StringIO())
    with pytest.raises(SystemExit):
        call_command("verify_audit", run=other.id, stderr=StringIO())
    with pytest.raises(CommandError):
        call_command("verify_audit", run=uuid4())


def test_the_moment_of_an_event_counts(run: WorkflowRun, forge: Forge) -> None:
    later = at(run, 2).created_at + timedelta(seconds=1)
    forge(f"UPDATE {EVENT} SET created_at = '{later:%Y-%m-%d %H:%M:%S.%f}' WHERE position = 2")

    assert "(position 2)" in broken()
