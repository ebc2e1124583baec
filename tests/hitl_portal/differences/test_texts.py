"""Texts are compared by words, and what did not change is folded."""

import random
from time import perf_counter

import pytest

from hitl_portal.differences import Difference, Kind, difference

PATIENCE = 20.0  # seconds, on a machine that has other things to do

LETTER = "Dear customer,\n\nwe are sorry, and pay you 20 EUR today.\nThe team"


def pieces(found: Difference) -> list[tuple[str, str]]:
    return [(span.mark, span.text) for row in found.rows for span in row.spans]


def changed(found: Difference) -> list[tuple[str, str]]:
    return [piece for piece in pieces(found) if piece[0] in ("out", "in")]


def test_what_is_the_same_is_said_to_be() -> None:
    assert difference(LETTER, LETTER).kind == Kind.SAME


def test_words_are_compared_in_lines_that_changed() -> None:
    found = difference(LETTER, LETTER.replace("20 EUR", "25 EUR").replace("are sorry", "are very sorry"))
    assert changed(found) == [("in", "very "), ("out", "20"), ("in", "25")]
    assert (found.words_out, found.words_in) == (1, 2)


def test_neighbouring_words_change_together() -> None:
    found = difference("please pay it now, dear team", "please refund us soon, dear team")
    assert changed(found) == [("out", "pay it now"), ("in", "refund us soon")]


def test_lines_that_have_little_in_common_are_replaced_as_a_whole() -> None:
    found = difference("same\none two three four\nend", "same\nfive six seven eight\nend")
    assert changed(found) == [("out", "one two three four"), ("in", "five six seven eight")]
    assert [row.mark for row in found.rows] == ["same", "out", "in", "same"]


def test_lines_that_did_not_change_are_folded_but_for_those_around_a_change() -> None:
    lines = [f"line {number}" for number in range(50)]
    found = difference("\n".join(lines), "\n".join([*lines[:20], "something new", *lines[20:]]))
    assert [(row.mark, row.lines) for row in found.rows] == [
        ("fold", 18),
        ("same", 0),
        ("in", 0),
        ("same", 0),
        ("fold", 28),
    ]


def test_of_a_long_line_the_middle_is_folded() -> None:
    words = " ".join(f"word{number}" for number in range(300))
    found = difference(f"{words} old {words}", f"{words} new {words}")
    marks = [mark for mark, _ in pieces(found)]
    assert marks == ["same", "fold", "same", "out", "in", "same", "fold", "same"]


def test_a_hidden_character_is_a_change() -> None:
    assert changed(difference("pay it", "pay\u200b it")) == [("in", "\u200b")]


def test_too_long_texts_are_not_compared() -> None:
    assert difference("a " * 700_000, "b " * 700_000).kind == Kind.LONG


def noise(seed: int, length: int, letters: str) -> str:
    dice = random.Random(seed)
    return "".join(dice.choices(letters, k=length))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a b " * 250_000, "b a " * 250_000),
        ("a" * 1_000_000, "b" * 1_000_000),
        (".," * 500_000, ",." * 500_000),
        (noise(1, 1_000_000, "a b\n"), noise(2, 1_000_000, "a b\n")),
        (noise(1, 1_000_000, "abcdefgh "), noise(2, 1_000_000, "abcdefgh ")),
    ],
    ids=["two words", "one word", "punctuation", "short lines", "one long line"],
)
def test_a_megabyte_of_anything_is_compared_or_given_up_soon(before: str, after: str) -> None:
    begin = perf_counter()
    found = difference(before, after)
    assert perf_counter() - begin < PATIENCE
    assert sum(len(text) for _, text in pieces(found)) < 100_000
    assert len(pieces(found)) <= 1_500


def test_a_few_changes_in_a_megabyte_are_found() -> None:
    words = [f"word{number}" for number in range(100_000)]
    before, words[50_000] = " ".join(words), "other"
    assert changed(difference(before, " ".join(words))) == [("out", "word50000"), ("in", "other")]


def test_what_has_nothing_in_common_is_too_different() -> None:
    assert difference(noise(1, 50_000, "abcdefgh "), noise(2, 50_000, "ijklmnop ")).kind == Kind.DIFFERENT
