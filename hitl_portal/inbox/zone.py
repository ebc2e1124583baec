"""Zone: where somebody decides: the buttons with what each causes, what silence causes, and what stands between a
button and its effect: more votes, a hold, things nobody has looked at. Built from what the engine knows alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hitl_portal.inbox.consequences import Foresight, Seer
from hitl_portal.inbox.verbs import Verb
from workflows import services
from workflows.models import Decision, Requirement, StepRecord
from workflows.tally import Tally
from workflows.types import Answer

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.inbox.subject import Subject

HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class Silence:
    """What happens when nobody answers by `at`."""

    at: datetime
    answer: Answer
    foresight: Foresight | None

    @property
    def is_over(self) -> bool:
        """Time is up: it happens as soon as the engine gets to it."""
        return self.at <= timezone.now()


@dataclass(frozen=True, kw_only=True)
class Zone:
    """The decision about one requirement as one person sees it. `hold` is for how many seconds theirs can be undone;
    `votes` says who is needed besides them, where one answer is not enough."""

    verbs: tuple[Verb, ...]
    silence: Silence | None
    hold: int
    votes: str
    is_gated: bool

    @property
    def first(self) -> Verb | None:
        """What the short bar of a small screen offers at once: the plain yes."""
        return next((verb for verb in self.verbs if verb.tone == "primary" and verb.key), None)


def zone_of(
    subject: "Subject", verbs: Iterable[Verb], records: Iterable[StepRecord], person: "User", *, stops: bool
) -> Zone:
    """The zone for this person; costs queries only where several people must agree."""
    requirement = subject.requirement
    seer = Seer.of(subject, records, stops=stops)
    tally = Tally.of(requirement) if requirement.review_policy.needs_several and requirement.is_open else None
    counted = (replace(verb, counts=_counts(tally, verb, person)) if tally else verb for verb in verbs)
    return Zone(
        verbs=tuple(seer.verb(verb) for verb in counted),
        silence=_silence(requirement, seer),
        hold=round(services.hold_of(requirement, services.Actor.of(person)).total_seconds()),
        votes=_votes(tally) if tally else "",
        is_gated=requirement.risk == HIGH,
    )


def _silence(requirement: Requirement, seer: Seer) -> Silence | None:
    if requirement.timeout_at is None or not requirement.is_open:
        return None
    answer = services.answer_of_silence(requirement)
    return Silence(at=requirement.timeout_at, answer=answer, foresight=seer.answer(answer))


def _votes(tally: Tally) -> str:
    """How many are needed, and how many have spoken."""
    words = {
        "needed": tally.needed,
        "agreed": tally.agreed,
        "against": tally.needed_against,
        "no": len(tally.no),
    }
    said = _("Yes: %(agreed)d of %(needed)d. No: %(no)d of %(against)d.") % words
    missing = ", ".join(tally.missing)
    return f"{said} " + (_("A yes is missing from: %(groups)s.") % {"groups": missing}) if missing else said


def _counts(tally: Tally, verb: Verb, person: "User") -> str:
    """That this answer is one vote of several, where it does not decide alone."""
    vote = Decision(action=verb.action, person=person, answer={"action": str(verb.action)})
    after = tally.with_vote(vote)
    if after.is_complete:
        return ""
    have, need = (after.agreed, after.needed) if verb.goes_on else (len(after.no), after.needed_against)
    left = need - have
    words = {"have": have, "need": need, "left": left}
    return (
        ngettext(
            "%(have)d of %(need)d: nothing happens until another reviewer says the same. Then:",
            "%(have)d of %(need)d: nothing happens until %(left)d more reviewers say the same. Then:",
            left,
        )
        % words
    )
