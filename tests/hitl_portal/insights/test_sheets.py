"""CSV that runs nothing."""

import csv
import io

import pytest

from hitl_portal.insights.sheets import MARK, cell, sheet


@pytest.mark.parametrize(
    "typed",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\0=1",
        "\uff1d1",
        "\u00a0=1",
    ],
)
def test_a_formula_becomes_text(typed: str) -> None:
    assert str(cell(typed)).startswith("'")


@pytest.mark.parametrize("typed", ["", "refund", "a=b", "2 - 1", "'=1", "Zoë"])
def test_other_text_stays_as_it_is(typed: str) -> None:
    assert cell(typed) == typed


@pytest.mark.parametrize("number", [-5, 0, 2.5, True, None])
def test_numbers_stay_numbers(number: object) -> None:
    assert cell(number) is number


def test_cells_survive_commas_quotes_and_lines() -> None:
    row = ["a,b", 'say "no"', "two\nlines"]
    text = sheet("x", ["1", "2", "3"], [row]).content.decode()

    assert text.startswith(MARK)
    assert list(csv.reader(io.StringIO(text.removeprefix(MARK))))[1] == row
