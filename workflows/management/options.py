"""Options of commands that are numbers within bounds: any other is refused with what it must be."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

Number = TypeVar("Number", bound=float)

# A century in days, a year in seconds: more is a slip, and no date or clock counts that far.
LONGEST_DAYS = 36_500
LONGEST_SECONDS = 366.0 * 86_400


def between(least: Number, most: Number) -> Callable[[str], Number]:
    """Read such a number, as `type=` of an option; whole ones where the bounds are."""
    kind = type(least)
    called = "a whole number" if kind is int else "a number"
    refused = f"is not {called} from {least:.0f} to {most:.0f}"

    def read(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            raise ArgumentTypeError(f"{text} {refused}") from None
        if not least <= value <= most:  # what is not a number (nan) is between no two
            raise ArgumentTypeError(f"{text} {refused}")
        return value

    return read
