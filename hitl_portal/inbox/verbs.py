"""The answers that a requirement allows, each with its label and what it causes, in plain words.

Everything here is said from the requirement's own policy and from the workflow's outline, never from text that a
run or a model wrote. `forward` has the words for yes, `refusals` those for no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext as _

from hitl_portal.templatetags.evidence import revealed
from workflows.types import Action

if TYPE_CHECKING:
    from hitl_portal.inbox.consequences import Foresight

MOST_NAMES = 6
LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One possible answer. `key` presses it; `needs_feedback` where an answer without words helps nobody.

    `choice` is the route that this button chooses at once. `foresight` is what comes after it, and `counts` says
    where it is only one vote of several that are needed.
    """

    action: Action
    label: str
    consequence: str
    tone: Literal["primary", "plain", "danger"] = "plain"
    key: str = ""
    needs_feedback: bool = False
    choice: str = ""
    foresight: "Foresight | None" = None
    counts: str = ""

    @property
    def goes_on(self) -> bool:
        """It lets the run go on with what is asked about: not before everything was seen, where the risk is high."""
        return self.action not in (Action.reject, Action.cancel)

    @property
    def fold(self) -> str:
        """What its list of consequences is called on the page, so that it stays open when the page is renewed."""
        return f"ahead-{self.action}" if not self.choice else ""

    @property
    def name(self) -> str:
        """What the button sends, so that a page knows which of several approvals it was."""
        return "choice" if self.choice else "action"


def listed(names: Iterable[str]) -> str:
    """Names of steps in one line: “a”, “b” and 3 more."""
    shown = [quoted(name) for name in names]
    if len(shown) <= MOST_NAMES:
        return ", ".join(shown)
    more = _("and %(number)d more") % {"number": len(shown) - MOST_NAMES}
    return f"{', '.join(shown[:MOST_NAMES])} {more}"


def named(name: str) -> str:
    """A name as it may stand among our words: on one line, not endless, and nothing in it hidden."""
    text = " ".join(revealed(name).split())
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def quoted(name: str) -> str:
    """A name in quotes, which are no part of it."""
    return _("“%(name)s”") % {"name": named(name)}
