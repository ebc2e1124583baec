"""The page keeps what other trials have written."""

from tests.trials.page import HEAD, with_section


def test_a_section_is_added() -> None:
    assert with_section(HEAD, "Soak", "flat\n").endswith("where.\n\n## Soak\n\nflat\n")


def test_a_section_takes_the_place_of_its_last_one() -> None:
    first = with_section(with_section(HEAD, "Soak", "flat\n"), "Races", "won\n")

    again = with_section(first, "Soak", "flatter\n")

    assert again == first.replace("flat\n", "flatter\n")
    assert with_section(again, "Races", "won\n") == again
