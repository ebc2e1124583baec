"""What is done with answer links: issue one, find it by its token, answer by it once, take that back."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hitl_portal.addresses import public
from hitl_portal.links.models import AnswerLink
from hitl_portal.links.standing import Dead, Why, allows_links, why_not
from hitl_portal.links.tokens import Token, digest_of, new_random, signed
from workflows import policy, services
from workflows.acting import LINK_CHANNEL, locked
from workflows.models import Decision, Requirement
from workflows.types import Answer

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def issue(requirement: Requirement, person: "User") -> str | None:
    """The public address by which this person answers this revision, once; each call makes another one.

    None where links are off (HITL_ANSWER_LINKS, or the risk is high), nothing is asked any more, or the person may
    not decide it. It ends after HITL_ANSWER_LINK_SECONDS, and with the deadline. Whoever has the address can answer as
    that person: it goes to them alone, and into no log.
    """
    return _issued(requirement, person, timezone.now() + timedelta(seconds=settings.HITL_ANSWER_LINK_SECONDS))


def find(text: str) -> AnswerLink:
    """The link of a token, whether it still counts or not. Raises Dead(UNKNOWN)."""
    token = Token.read(text)
    link = AnswerLink.objects.whole().filter(digest=token.digest).first() if token else None
    if token is None or link is None or not token.fits(link):
        raise Dead(Why.UNKNOWN)
    return link


def answer_by(link: AnswerLink, *, revision: int, answer: Answer) -> Decision:
    """Decide, and use the link up in the same transaction: of two who send at once, one wins.

    Whether it counts, and whether its person may decide, is asked again with the run locked. Raises Dead, and what
    `services.resolve` raises; then nothing is changed and the link stays as it was.
    """
    with transaction.atomic():
        fresh = _locked(link)
        why = why_not(fresh, timezone.now())
        if why is not None:
            raise Dead(why)
        actor = services.Actor.of(fresh.person, LINK_CHANNEL)
        decision = services.resolve(fresh.requirement_id, revision=revision, answer=answer, actor=actor)
        if not AnswerLink.objects.filter(pk=fresh.pk, decision=None).update(decision=decision):
            raise Dead(Why.USED)
    return decision


def take_back(link: AnswerLink) -> str | None:
    """Undo what was decided by a link while that is possible, and return another link for as long as it was for.

    None where its person gets none. Raises Dead where nothing was decided by it, HoldOver, NotEligible.
    """
    with transaction.atomic():
        fresh = _locked(link)
        if fresh.decision_id is None or not fresh.person.is_active:
            raise Dead(Why.NOT_THEIRS)
        actor = services.Actor.of(fresh.person, LINK_CHANNEL)
        requirement = services.undo(fresh.decision_id, actor=actor)
        return _issued(requirement, fresh.person, fresh.expires_at)


def forget(moment: datetime) -> int:
    """Delete the links that had ended by a moment: they are unknown from then on; how many."""
    return AnswerLink.objects.over(moment).delete()[0]


def _issued(requirement: Requirement, person: "User", until: datetime) -> str | None:
    if not (requirement.is_open and allows_links(requirement) and policy.may_decide(person, requirement)):
        return None
    link, random = _made(requirement, person, until), new_random()
    link.digest = digest_of(random)
    link.save(force_insert=True)
    return public("links:link", token=signed(random, link))


def _made(requirement: Requirement, person: "User", until: datetime) -> AnswerLink:
    return AnswerLink(
        requirement=requirement,
        revision=requirement.revision,
        person=person,
        issued_at=timezone.now(),
        expires_at=min(until, requirement.timeout_at or until),
    )


def _locked(link: AnswerLink) -> AnswerLink:
    """The link as it is now, with its run locked: who decides, assigns or undoes meanwhile waits."""
    locked(link.requirement_id, link._state.db or "default")
    return AnswerLink.objects.whole().get(pk=link.pk)
