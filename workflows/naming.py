"""Naming: who decides or sees, said by expressions over a run's input: `input.owner`, `input.lines[0].region`.

A path needs nothing; anything more (`input.amount > 1000 ? "directors" : "finance"`) is CEL, for which cel-python must
be installed. An expression that cannot be computed, or names nobody, leaves it to admins: a broken gate stays shut.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

from workflows import cel
from workflows.people import ADMINS
from workflows.types import Circle, ReviewPolicy
from workflows.types.review_policy import PATH

log = logging.getLogger(__name__)

PART = re.compile(r"\.(\w+)|\[(\d+)\]")
NOBODY_ELSE = Circle(groups=(ADMINS,))


class NamesNobody(ValueError):
    """An expression gives something else than names."""


def resolved(policy: ReviewPolicy, input: Any) -> ReviewPolicy:
    """The policy with the names that its expressions give for a run's input, which is plain data."""
    return policy.with_circles(lambda circle: _resolved(circle, input))


def names(expression: str, input: Any) -> tuple[str, ...]:
    """The names that an expression gives. Raises NamesNobody, and whatever computing it may raise."""
    found = _along(expression, input) if PATH.fullmatch(expression) else cel.value_of(expression, input)
    several = [found] if isinstance(found, str) else found
    if (
        not isinstance(several, list)
        or not several
        or not all(isinstance(one, str) and one for one in several)
    ):
        raise NamesNobody(f"{expression!r} gives no names")
    return tuple(several)


def _resolved(circle: Circle, input: Any) -> Circle:
    if not circle.by_input:
        return circle
    try:
        groups = names(circle.groups_by, input) if circle.groups_by else ()
        users = names(circle.users_by, input) if circle.users_by else ()
    except Exception as wrong:
        log.warning("admins decide instead of %s: %s", circle.groups_by or circle.users_by, wrong)
        return NOBODY_ELSE
    return Circle(groups=circle.groups, users=circle.users) | Circle(groups=groups, users=users)


def _along(path: str, input: Any) -> Any:
    """What stands at a path. Raises KeyError, IndexError, NamesNobody."""
    found = input
    for name, position in PART.findall(path):
        if name and isinstance(found, Mapping):
            found = found[name]
        elif position and isinstance(found, list):
            found = found[int(position)]
        else:
            raise NamesNobody(f"there is no {path}")
    return found
