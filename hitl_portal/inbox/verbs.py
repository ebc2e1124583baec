"""The answers that a requirement allows, each with its label and what it causes, in plain words.

Everything here is said from the requirement's own policy and from the workflow's outline, never from text that a
run or a model wrote. `forward` has the words for yes, `refusals` those for no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from workflows.types import Action

MOST_NAMES = 6


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One possible answer. `key` presses it; `needs_feedback` where an answer without words helps nobody.

    `choice` is the route that this button chooses at once.
    """

    action: Action
    label: str
    consequence: str
    tone: Literal["primary", "plain", "danger"] = "plain"
    key: str = ""
    needs_feedback: bool = False
    choice: str = ""

    @property
    def name(self) -> str:
        """What the button sends, so that a page knows which of several approvals it was."""
        return "choice" if self.choice else "action"


def listed(names: Iterable[str]) -> str:
    """Names of steps in one line: “a”, “b” and 3 more."""
    quoted = [_("“%(name)s”") % {"name": name} for name in names]
    if len(quoted) <= MOST_NAMES:
        return ", ".join(quoted)
    more = _("and %(number)d more") % {"number": len(quoted) - MOST_NAMES}
    return f"{', '.join(quoted[:MOST_NAMES])} {more}"
