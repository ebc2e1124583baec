"""Tally: what the votes about one requirement come to. Votes that do not count any more are not counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workflows import policy
from workflows.due import escalated
from workflows.models import Decision, Requirement
from workflows.types import Action, Answer
from workflows.types.review_policy import EACH_GROUP

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NO = frozenset((Action.reject, Action.cancel))


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The answers to a requirement's revision, `all` of them. `votes` count; `void` do not (any more): whoever gave
    them may not decide."""

    requirement: Requirement
    all: tuple[Decision, ...]
    votes: tuple[Decision, ...]
    void: tuple[Decision, ...]

    @classmethod
    def of(cls, requirement: Requirement) -> "Tally":
        """Two queries, whatever the number of votes; two more for those of deputies, and one for each of them."""
        given = votes_on(requirement)
        votes = [vote for vote in given if vote.person_id is not None]
        counting = [vote for vote in votes if policy.counts(vote, requirement)]
        void = [vote for vote in votes if vote not in counting]
        return cls(requirement=requirement, all=tuple(given), votes=tuple(counting), void=tuple(void))

    @property
    def yes(self) -> list[Decision]:
        """The votes to go on: an approval, a changed output, another try after an error."""
        return [vote for vote in self.votes if Action(vote.action) not in NO]

    @property
    def no(self) -> list[Decision]:
        """The votes against it."""
        return [vote for vote in self.votes if Action(vote.action) in NO]

    @cached_property
    def slots(self) -> list[str]:
        """What must be filled by one person each, where the quorum is "each group": groups, or single users."""
        named = self.requirement.review_policy.deciders
        if named is None:
            return [policy.REVIEWERS]
        return list(named.groups or named.users)

    @property
    def needed(self) -> int:
        """How many must say yes."""
        quorum = self.requirement.review_policy.quorum or 1
        return len(self.slots) if quorum == EACH_GROUP else int(quorum)

    @property
    def needed_against(self) -> int:
        """How many must say no."""
        return self.requirement.review_policy.rejections or 1

    @property
    def agreed(self) -> int:
        """How many have said yes, as the quorum counts: of a group one."""
        if self.requirement.review_policy.quorum != EACH_GROUP:
            return len(self.yes)
        return len(filled(self.slots, [self._fills(speaker(vote)) for vote in self.yes]))

    @property
    def missing(self) -> list[str]:
        """The groups, or users, of whom nobody has said yes yet, where the quorum is "each group"."""
        if self.requirement.review_policy.quorum != EACH_GROUP:
            return []
        done = filled(self.slots, [self._fills(speaker(vote)) for vote in self.yes])
        return [slot for slot in self.slots if slot not in done]

    @property
    def is_complete(self) -> bool:
        """Enough people have said the same."""
        return self.agreed >= self.needed or len(self.no) >= self.needed_against

    def with_vote(self, vote: Decision) -> "Tally":
        """With one more."""
        return replace(self, all=(*self.all, vote), votes=(*self.votes, vote))

    def differs(self, answer: Answer) -> Decision | None:
        """A vote on the same side that says something else: for one outcome, people must agree on one answer."""
        side = self.no if answer.action in NO else self.yes
        return next((vote for vote in side if _said(vote.answer) != _said(answer.to_dict())), None)

    def _fills(self, person: "User") -> set[str]:
        """Which slots a person may fill: those of their groups; any, where they were asked later or nobody is named."""
        named = self.requirement.review_policy.deciders
        if named is None or policy.named_in(escalated(self.requirement), person):
            return set(self.slots)
        own = policy.groups_of(person) if named.groups else {person.get_username()}
        return own & set(self.slots)


def votes_on(requirement: Requirement) -> list[Decision]:
    """The answers to the revision that is open, with who gave them."""
    people = ("person__groups", "on_behalf_of__groups")
    found = requirement.decisions.filter(revision=requirement.revision)
    return list(found.select_related("person", "on_behalf_of").prefetch_related(*people))


def speaker(vote: Decision) -> "User":
    """Whose vote it is: of who was away, where a deputy gave it."""
    person = vote.on_behalf_of or vote.person
    assert person is not None
    return person


def filled(slots: Iterable[str], fills: list[set[str]]) -> dict[str, int]:
    """The most slots that people can fill, each of them one: by slot, the position of who fills it.

    Finds room for each person, moving others on where they fit elsewhere (augmenting paths).
    """
    places: dict[str, int] = {}

    def seat(number: int, tried: set[str]) -> bool:
        for slot in fills[number] - tried:
            tried.add(slot)
            if slot not in places or seat(places[slot], tried):
                places[slot] = number
                return True
        return False

    wanted = set(slots)
    for number, fitting in enumerate(fills):
        fills[number] = fitting & wanted
        seat(number, set())
    return places


def _said(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in answer.items() if name != "feedback"}
