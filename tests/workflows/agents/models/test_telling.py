"""Telling each piece once."""

from workflows.agents.models.telling import Telling


def told(*attempts: list[str]) -> list[str]:
    """What a listener hears of these attempts."""
    heard: list[str] = []
    telling = Telling(heard.append)
    for pieces in attempts:
        telling.begin()
        for piece in pieces:
            telling(piece)
    return heard


def test_it_tells_piece_by_piece() -> None:
    assert told(["One ", "two"]) == ["One ", "two"]


def test_a_second_attempt_goes_on_where_the_first_broke_off() -> None:
    assert told(["One ", "two "], ["One two three ", "four"]) == ["One ", "two ", "three ", "four"]


def test_pieces_may_be_cut_elsewhere() -> None:
    assert told(["One tw"], ["On", "e two"]) == ["One tw", "o"]


def test_another_wording_is_not_told() -> None:
    assert told(["One "], ["Two ", "three"]) == ["One "]


def test_a_third_attempt_may_take_up_the_first() -> None:
    assert told(["One "], ["Two"], ["One ", "two"]) == ["One ", "two"]
