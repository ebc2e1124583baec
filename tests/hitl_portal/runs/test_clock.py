"""The time of a run: work and waiting told apart, folded where nothing happened, bounded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.places import Place, draw
from hitl_portal.runs.drawing import LEAST, WIDTH, Drawing, drawing_of
from hitl_portal.runs.spent import Span, joined, spent, waits_of
from tests.hitl_portal.conftest import Ask, SignIn, happened
from tests.hitl_portal.outlines import EVERYTHING, kept, outline_of, record, step
from workflows.models import Decision, Requirement, StepRecord, WorkflowRun
from workflows.types import RunStatus

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def lasting(path: str, begun: float, ended: float | None) -> StepRecord:
    return record(path, started_at=at(begun), finished_at=None if ended is None else at(ended))


def drawn(*records: StepRecord, waits: Any = None, folded: bool = True, **run: Any) -> Drawing:
    places: list[Place] = draw(outline_of(step("a"), step("b"), step("c")), records=records)
    given = {"created_at": NOON, "status": RunStatus.completed.value, "finished_at": at(100)} | run
    return drawing_of(WorkflowRun(**given), places, waits or {}, now=at(100), folded=folded)


class TestSpent:
    def test_waiting_is_not_work(self) -> None:
        each = spent(lasting("a", 0, 10), {"a": [Span(at(2), at(5)), Span(at(4), at(8))]}, at(10))
        assert (each.worked.seconds, each.waited.seconds) == (4, 6)
        assert each.work == [Span(at(0), at(2)), Span(at(8), at(10))]

    def test_what_goes_on_is_counted_until_now(self) -> None:
        each = spent(lasting("a", 0, None), {"a": [Span(at(2), at(20))]}, at(10))
        assert (each.worked.seconds, each.waited.seconds, each.is_open) == (2, 8, True)

    def test_spans_outside_are_left_out(self) -> None:
        assert joined([Span(at(20), at(30)), Span(at(-5), at(1))], Span(at(0), at(10))) == [
            Span(at(0), at(1))
        ]

    def test_what_is_asked_inside_counts_for_what_is_around(
        self, run: WorkflowRun, ask: Ask, reviewer: User
    ) -> None:
        asked = ask(run=run)
        begun = timezone.now() - timedelta(hours=2)
        Requirement.objects.update(path="refine/1/draft", status="applied", opened_at=begun)
        until = begun + timedelta(hours=1)
        Decision.objects.create(
            requirement=asked, revision=1, action="approve", person=reviewer, decided_at=until
        )
        waits = waits_of(run)
        assert set(waits) == {"", "refine", "refine/1", "refine/1/draft"}
        assert waits["refine"] == [Span(begun, until)]


class TestDrawing:
    def test_bars_stand_one_after_another(self) -> None:
        made = drawn(lasting("a", 0, 50), lasting("b", 50, 100), folded=False)
        assert [(bar.parts[0].x, bar.parts[0].width) for bar in made.bars] == [(0, 500), (500, 500)]

    def test_what_is_short_can_still_be_seen(self) -> None:
        made = drawn(lasting("a", 0, 0.001), lasting("b", 99.999, 100), folded=False)
        assert [bar.parts[0].width for bar in made.bars] == [LEAST, LEAST]
        assert made.bars[1].parts[0].x == WIDTH - LEAST

    def test_days_of_waiting_are_folded(self) -> None:
        day = 86400.0
        waits = {"b": [Span(at(1), at(day))], "": [Span(at(1), at(day))]}
        records = lasting("a", 0, 1), lasting("b", 1, day + 1)
        folded = drawn(*records, waits=waits, finished_at=at(day + 1))
        even = drawn(*records, waits=waits, finished_at=at(day + 1), folded=False)
        assert folded.bars[0].parts[0].width > 400
        assert even.bars[0].parts[0].width == LEAST
        assert (len(folded.cuts), len(even.cuts)) == (1, 0)
        assert [part.tone for part in folded.bars[1].parts] == ["work", "wait"]

    def test_a_gap_is_time_in_which_nothing_happened(self) -> None:
        made = drawn(lasting("a", 0, 20), lasting("b", 80, 100), folded=False)
        assert [(gap.x, gap.width) for gap in made.gaps] == [(200, 600)]
        assert (made.idle.seconds, made.at_work.seconds) == (60, 40)

    def test_a_run_that_goes_on_has_a_now(self) -> None:
        made = drawn(lasting("a", 0, None), status=RunStatus.running.value, finished_at=None)
        assert made.now == WIDTH
        assert drawn(lasting("a", 0, 100)).now is None


@pytest.mark.parametrize("times", [2, 400])
def test_the_page_stays_small_however_much_has_happened(
    as_: SignIn, run: WorkflowRun, reviewer: User, django_assert_max_num_queries: Any, times: int
) -> None:
    run.workflow.outline = EVERYTHING
    run.workflow.save()
    kept(run, "refine", "pending")
    for number in range(1, times + 1):
        kept(run, f"refine/{number}", memo={"last": "x"})
        kept(run, f"refine/{number}/draft")
    client = as_(reviewer)
    with django_assert_max_num_queries(9):
        assert len(client.get(f"/runs/{run.id}/time/").content) < 80_000


def test_a_reader_hears_a_table(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    kept(run, "check")
    page = as_(reviewer).get(f"/runs/{run.id}/time/").content.decode()
    assert "How long each step was at work, and how long it waited for people" in page
    assert 'aria-hidden="true"><svg' in page
    assert "style=" not in page.partition("<main")[2]


class TestLog:
    def test_every_event_is_there_a_page_at_a_time(
        self, as_: SignIn, run: WorkflowRun, reviewer: User
    ) -> None:
        for number in range(150):
            happened(run, "StepStarted", "check", number=number)
        client = as_(reviewer)
        first = client.get(f"/runs/{run.id}/events/")
        assert len(first.context["log"].entries) == 100
        rest = client.get(f"/runs/{run.id}/events/", {"after": first.context["log"].next})
        assert len(rest.context["log"].entries) == 50

    def test_one_type_is_shown(self, as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
        happened(run, "StepStarted", "check")
        happened(run, "StepSkipped", "pay", reason="<script>no</script>")
        page = as_(reviewer).get(f"/runs/{run.id}/events/?type=StepSkipped").content.decode()
        assert "“pay” was skipped." in page
        assert "“check” began." not in page
        assert "<script>no" not in page

    @pytest.mark.parametrize("number", [2, 90])
    def test_it_takes_eight_queries(
        self, as_: SignIn, run: WorkflowRun, reviewer: User, django_assert_max_num_queries: Any, number: int
    ) -> None:
        for _ in range(number):
            happened(run, "StepStarted", "check")
        client = as_(reviewer)
        with django_assert_max_num_queries(8):
            client.get(f"/runs/{run.id}/events/")


def test_earlier_rounds_of_a_long_loop_can_be_read(as_: SignIn, run: WorkflowRun, reviewer: User) -> None:
    run.workflow.outline = EVERYTHING
    run.workflow.save()
    kept(run, "refine", "pending")
    for number in range(1, 51):
        kept(run, f"refine/{number}", memo={"last": "x"})
        kept(run, f"refine/{number}/draft")
    client = as_(reviewer)
    address = f"/runs/{run.id}/rounds/?path=refine&amp;before=31"
    assert address in client.get(f"/runs/{run.id}/").content.decode()
    page = client.get(address.replace("&amp;", "&")).content.decode()
    assert "Iteration 11" in page
    assert "Iteration 30" in page
    assert "Iteration 31" not in page
    assert "before=11" in page
    assert client.get(f"/runs/{run.id}/rounds/?path=way&before=x").status_code == 404
