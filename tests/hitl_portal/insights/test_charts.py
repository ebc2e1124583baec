"""Charts as data: lengths that can be drawn, and the same in words."""

from collections import Counter
from datetime import date, timedelta

import pytest

from hitl_portal.insights import charts
from hitl_portal.insights.counting import Load, Outcome, StepNumbers, Waiting


def step(**numbers: int) -> StepNumbers:
    return StepNumbers(workflow="Refund", step="pay", **{"decided": 0, "timed_out": 0, "rework": 0} | numbers)


def days(count: int, **outcomes: int) -> dict[date, Counter[Outcome]]:
    said = Counter({Outcome(name): number for name, number in outcomes.items()})
    return {date(2026, 1, 1) + timedelta(days=number): said for number in range(count)}


def test_the_longest_bar_is_full_and_nothing_is_nothing() -> None:
    bars = charts.ages(Waiting(by_age=(4, 2, 0, 0, 0, 0), oldest=None))

    assert [bar.parts[0].length if bar.parts else 0 for bar in bars] == [1000, 500, 0, 0, 0, 0]


def test_what_is_there_can_be_seen() -> None:
    bars = charts.loads([Load(name="a", answered=100_000, holds=0), Load(name="b", answered=1, holds=2)])

    assert bars[1].parts[0].length == charts.LEAST
    assert bars[1].value == "1, holds 2"


def test_a_time_has_its_median_and_what_is_longer() -> None:
    bar = charts.times([step(decided=3, median=600, p95=2400)])[0]

    assert [(part.start, part.length) for part in bar.parts] == [(0, 250), (250, 750)]
    assert bar.value == "10 min · 40 min"


def test_times_of_nought_are_drawn_as_nothing() -> None:
    assert charts.times([step(decided=1, median=0, p95=0)])[0].value == "0 s · 0 s"


def test_only_steps_where_it_happened_have_a_share() -> None:
    numbers = [step(decided=5), step(decided=4, timed_out=1, rework=1)]

    assert [bar.value for bar in charts.timeouts(numbers)] == ["25 % (1 of 4)"]
    assert [bar.value for bar in charts.rework(numbers)] == ["33 % (1 of 3)"]


def test_columns_pile_up_to_the_top() -> None:
    drawn = charts.days(days(2, approved=3, rejected=2))

    assert (drawn.top, drawn.width, drawn.total) == (5, 20, 10)
    assert {series.tone: series.path for series in drawn.series if series.total} == {
        "approved": "M1 1000V400h8V1000zM11 1000V400h8V1000z",
        "rejected": "M1 400V0h8V400zM11 400V0h8V400z",
    }


def test_a_year_is_drawn_in_weeks_and_nothing_is_lost() -> None:
    drawn = charts.days(days(365, approved=1))

    assert drawn.by_week
    assert len(drawn.columns) == 53
    assert drawn.total == 365


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (7, 7), (10, 10), (11, 20), (241, 300), (901, 1000)]
)
def test_an_axis_ends_at_a_round_number(most: int, top: int) -> None:
    assert charts.days(days(1, approved=most)).top == top


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (90, "2 min"),
        (5400, "1.5 h"),
        (47 * 3600, "47.0 h"),
        (3 * 86400, "3.0 days"),
    ],
)
def test_a_time_has_one_unit(seconds: int, words: str) -> None:
    assert charts.in_words(seconds) == words


@pytest.mark.parametrize(("part", "whole", "words"), [(0, 0, "0 %"), (1, 1000, "< 1 %"), (1, 3, "33 %")])
def test_a_share_is_whole_and_never_nought_by_rounding(part: int, whole: int, words: str) -> None:
    assert charts.percent(part, whole) == words
