"""Filters: which part of the inbox somebody wants to see, in which order; as data, as an address, as conditions.

Everything is in the address, so that a view can be kept, shared and gone back to. What an address says and nobody
knows is let pass as if it were not there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from hitl_portal.inbox.search import matching
from hitl_portal.inbox.sorting import LATEST, ORDERS, Order
from workflows import policy
from workflows.models import Decision, Grant, Requirement, Snooze
from workflows.types import RequirementKind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST = 200

SHOWN = {"": _("Waiting"), "snoozed": _("Snoozed"), "decided": _("Decided")}
WHO = {
    "mine": _("Mine"),
    "free": _("Unclaimed"),
    "others": _("With colleagues"),
    "team": _("Asked of my groups"),
}
DUE = {
    "over": _("Overdue"),
    "day": _("Due within a day"),
    "week": _("Due within a week"),
    "none": _("Not due"),
}
RISKS = {"high": _("High risk"), "normal": _("Normal risk"), "low": _("Low risk")}
AGES = {
    "hour": _("Older than an hour"),
    "day": _("Older than a day"),
    "week": _("Older than a week"),
}
KINDS = {
    "approval": _("Approvals"),
    "review": _("Reviews"),
    "input": _("Inputs"),
    "choice": _("Choices"),
    "error": _("Errors"),
    "external": _("Work done elsewhere"),
}
SORTS = {
    "": _("Longest waiting"),
    "newest": _("Newest"),
    "due": _("Due first"),
    "priority": _("Most urgent"),
}
SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
KINDS_OF = {
    "approval": (RequirementKind.confirmation, RequirementKind.tool_confirmation),
    "review": (RequirementKind.output_review, RequirementKind.iteration_review),
    "input": (RequirementKind.user_input, RequirementKind.tool_input, RequirementKind.feedback),
    "choice": (RequirementKind.route,),
    "error": (RequirementKind.error,),
    "external": (RequirementKind.external_execution,),
}
CHOICES: dict[str, Mapping[str, Any]] = {
    "show": SHOWN,
    "who": WHO,
    "due": DUE,
    "risk": RISKS,
    "age": AGES,
    "kind": KINDS,
    "sort": SORTS,
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What is wanted. An empty text is no wish; `show` empty is what waits, `sort` empty the longest waiting first."""

    show: str = ""
    q: str = ""
    who: str = ""
    kind: str = ""
    workflow: str = ""
    due: str = ""
    risk: str = ""
    age: str = ""
    requester: str = ""
    sort: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Those of an address."""
        given = {field.name: (query.get(field.name) or "").strip()[:LONGEST] for field in fields(cls)}
        return cls(**{name: text for name, text in given.items() if text in CHOICES.get(name, (text,))})

    @property
    def query(self) -> str:
        """The same as an address has it, in one order always."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({name: text for name, text in said.items() if text})

    @property
    def is_decided(self) -> bool:
        """What was decided is wanted, not what waits."""
        return self.show == "decided"

    @property
    def narrows(self) -> bool:
        """Something besides the tab and the order is wished."""
        return replace(self, show="", sort="", who="") != Filters()

    @property
    def order(self) -> Order:
        """How it is sorted."""
        return LATEST if self.is_decided else ORDERS[self.sort or "oldest"]

    def without(self, name: str) -> str:
        """The address with one wish less."""
        return replace(self, **{name: ""}).query

    def wishes(self) -> list[tuple[str, Any]]:
        """Each wish that narrows, by its name, in words."""
        names = ("who", "workflow", "kind", "due", "risk", "age", "requester")
        wished = [(name, getattr(self, name)) for name in names]
        return [(name, CHOICES.get(name, {}).get(text, text)) for name, text in wished if text]

    def conditions(self, person: "User", now: datetime) -> Q:
        """What a requirement must be like; may be counted beside others in one query."""
        found = self._state(person, now)
        for name, condition in CONDITIONS.items():
            if text := getattr(self, name):
                found &= condition(text, person, now)
        if self.who:
            found &= _decided_by(person) if self.is_decided else _held(self.who, person, now)
        return found

    def _state(self, person: "User", now: datetime) -> Q:
        if self.is_decided:
            return Q(status__in=(Requirement.Status.DECIDED, Requirement.Status.APPLIED))
        snoozes, is_open = (
            Snooze.objects.asleep(now).filter(person=person.pk),
            Q(status=Requirement.Status.OPEN),
        )
        if self.show == "snoozed":  # of few, which are found by the person
            return is_open & Q(pk__in=snoozes.values("requirement"))
        return is_open & ~Q(Exists(snoozes.filter(requirement=OuterRef("pk"))))


def _held(who: str, person: "User", now: datetime) -> Q:
    groups = Grant.objects.filter(
        requirement=OuterRef("pk"), decides=True, group__in=policy.groups_of(person)
    )
    held = Q(claimed_until__gt=now)
    conditions: dict[str, Q] = {
        "mine": held & Q(assignee=person.pk),
        "free": Q(assignee=None) | Q(claimed_until=None) | Q(claimed_until__lte=now),
        "others": held & Q(assignee__isnull=False) & ~Q(assignee=person.pk),
        "team": Q(Exists(groups)),
    }
    return conditions[who]


def _decided_by(person: "User") -> Q:
    return Q(Exists(Decision.objects.filter(requirement=OuterRef("pk"), person=person.pk)))


def _due(text: str, _person: "User", now: datetime) -> Q:
    if text == "none":
        return Q(due_at=None, timeout_at=None)
    until = now if text == "over" else now + SPANS[text]
    return Q(due_at__lte=until) | Q(timeout_at__lte=until)


Condition = Callable[[str, "User", datetime], Q]
CONDITIONS: dict[str, Condition] = {
    "q": lambda text, _person, _now: matching(text),
    "kind": lambda text, _person, _now: Q(kind__in=KINDS_OF[text]),
    "workflow": lambda text, _person, _now: Q(run__workflow__name=text),
    "due": _due,
    "risk": lambda text, _person, _now: Q(risk=text),
    "age": lambda text, _person, now: Q(opened_at__lte=now - SPANS[text]),
    "requester": lambda text, _person, _now: Q(run__requested_by__username=text),
}
