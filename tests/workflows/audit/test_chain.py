"""Each event carries the digest of the one before it, whoever wrote it."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person, a_run
from tests.workflows.driving import at_once, failures
from workflows.acting import Actor, append_event
from workflows.audit import chain
from workflows.audit.chain import Row
from workflows.canonical import digest
from workflows.models import Decision, RunEvent, WorkflowRun
from workflows.services import cancel_run, comment_on_run

AT = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = (UUID(int=1), UUID(int=2), "StepCompleted", "pay", None, "engine", {"b": 1, "a": 1.0}, AT)


def rows_of(run: WorkflowRun) -> list[Row]:
    return [Row(*row) for row in run.events.order_by("sequence").values_list(*Row._fields)]


def test_an_event_is_linked_to_the_one_before() -> None:
    first, second = chain.append(chain.START, [FACTS, FACTS])[0]

    assert (first[-3], first[-2]) == (1, "")
    assert (second[-3], second[-2]) == (2, first[-1])


ODD = '"\\ \n\x7f \u2028 é 𝄞'


@pytest.mark.parametrize("requirement", [None, UUID(int=3)])
@pytest.mark.parametrize("data", [{}, {"b": 1, "a": 1.5, "é": [None, True, 2**60]}, {"text": ODD}])
def test_the_content_is_the_digest_of_what_receipts_show(
    data: dict[str, object], requirement: UUID | None
) -> None:
    facts = (UUID(int=1), UUID(int=2), "StepCompleted", ODD, requirement, ODD, data, AT)

    assert chain.content(facts) == digest(chain.told(facts))


@pytest.mark.parametrize("place", range(len(FACTS)))
def test_every_lasting_field_counts(place: int) -> None:
    others: tuple[object, ...] = (
        UUID(int=3),
        UUID(int=3),
        "other",
        "other",
        UUID(int=3),
        "other",
        {},
        AT + timedelta(seconds=1),
    )
    other = (*FACTS[:place], others[place], *FACTS[place + 1 :])

    assert chain.content(other) != chain.content(FACTS)


def test_what_a_database_makes_of_an_event_has_the_same_digest() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    kept = (*FACTS[:6], json.loads(json.dumps(FACTS[6])), elsewhere)

    assert chain.content(kept) == chain.content(FACTS)


@pytest.mark.django_db
def test_engine_and_people_write_one_chain(run: WorkflowRun) -> None:
    rows = rows_of(run)
    linked, head = chain.append(chain.START, [row.facts for row in rows])

    assert [(row.position, row.previous, row.digest) for row in rows] == [link[-3:] for link in linked]
    assert (run.chain_head, run.chain_length) == (head.digest, head.length) == (rows[-1].digest, len(rows))
    assert {row.actor for row in rows} == {"script", "engine", "reviewer"}


@pytest.mark.django_db
def test_who_has_loaded_the_run_before_others_wrote_appends_after_them() -> None:
    run, actor = a_run(), Actor(name="script", channel="script")
    early = WorkflowRun.objects.get(id=run.id)
    append_event(run, "RunQueued", actor)
    append_event(early, "CancelRequested", actor)

    assert [row.position for row in rows_of(run)] == [1, 2]
    assert (early.chain_length, early.chain_head) == (2, rows_of(run)[-1].digest)


@pytest.mark.django_db(transaction=True)
def test_those_who_write_at_once_write_one_after_the_other() -> None:
    people = [Actor.of(a_person(f"admin {number}", "admins")) for number in range(4)]
    run = a_run()
    results = at_once(*(lambda who=who: comment_on_run(run.id, "Me too", actor=who) for who in people))

    assert not list(failures(results))
    assert [row.position for row in rows_of(run)] == [1, 2, 3, 4]


@pytest.mark.django_db
def test_what_people_say_is_not_in_the_log(decision: Decision, admin: User) -> None:
    run = decision.requirement.run
    comment_on_run(run.id, "A secret", actor=Actor.of(admin))

    told = json.dumps(list(RunEvent.objects.values_list("data", flat=True)))
    assert "Looks right" not in told
    assert "A secret" not in told


@pytest.mark.django_db
def test_a_run_that_ends_by_a_persons_hand_is_chained_to_its_end(admin: User) -> None:
    run = a_run()
    cancel_run(run.id, actor=Actor.of(admin))

    rows = rows_of(run)
    run.refresh_from_db()
    assert [row.type for row in rows] == ["CancelRequested", "WorkflowCancelled"]
    assert run.chain_head == rows[-1].digest
