"""Deciding: one person's answer to one requirement. Where a quorum is needed it is a vote, and the one that completes
the quorum decides."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import points, policy, tracing
from workflows.acting import ENGINE, ON_PAGES, SCRIPT_CHANNEL, Actor, append_event, locked
from workflows.audit.bound import bound
from workflows.audit.chain import moment
from workflows.audit.words import words
from workflows.engine.needs import Ask
from workflows.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ClaimedByAnother,
    InvalidAnswer,
    NeedsSignature,
    NotEligible,
    SelfApproval,
    StaleRevision,
)
from workflows.models import Decision, Requirement
from workflows.reviewing.form_values import settled
from workflows.store import by_hand
from workflows.tally import Tally
from workflows.types import Answer, InputErrors

if TYPE_CHECKING:
    from django.contrib.auth.models import User

HOLD = 5.0  # seconds, where neither a policy nor the settings say
SALT_BYTES = 16


def resolve(
    requirement_id: UUID,
    *,
    revision: int,
    answer: Answer,
    actor: Actor,
    at: datetime | None = None,
    salt: str = "",
    using: str = DEFAULT_DB_ALIAS,
) -> Decision:
    """Decide one open requirement: the first committed answer wins, and the run becomes due when the hold is over.

    Where the policy asks for several people this is a vote (`decision.closes` is false) until enough have said the
    same. `revision` is the one that the person saw. Raises AlreadyDecided (who, when, what), AlreadyVoted,
    StaleRevision, NotEligible, ClaimedByAnother, or InvalidAnswer by field; nothing is changed then. `at` is for a
    script, which takes the time itself. `salt` is that of words which the actor has signed: whoever passes it checks
    the signature in the same transaction; without it NeedsSignature is raised where one is asked for.
    """
    now = timezone.now()
    with transaction.atomic(using=using):
        requirement = locked(requirement_id, using)
        decision = resolve_locked(
            requirement, revision=revision, answer=answer, actor=actor, at=at or now, salt=salt
        )
    points.reached("decide.after")
    return decision


@tracing.traced("decide")
def resolve_locked(
    requirement: Requirement, *, revision: int, answer: Answer, actor: Actor, at: datetime, salt: str = ""
) -> Decision:
    """The same, of a requirement that was read after its run was locked, by the transaction that is open. So nobody can
    be faster, and where it raises nothing was written."""
    points.reached("decide.before")
    tracing.note({"hitl.run": requirement.run_id, "hitl.requirement": requirement.id})
    on_behalf_of = _entitled(requirement, actor)
    _refuse(requirement, revision, answer, actor)
    if not salt:
        _refuse_unsigned(requirement, answer, actor)
    answer = settled(requirement, answer)
    if requirement.review_policy.needs_several:
        decision = _vote(requirement, answer, actor, at, salt)
    else:
        decision = close(requirement, answer, actor, at, on_behalf_of=on_behalf_of, salt=salt)
    points.reached("decide.within")
    return decision


def close(
    requirement: Requirement,
    answer: Answer,
    actor: Actor,
    now: datetime,
    *,
    on_behalf_of: "User | None" = None,
    facts: dict[str, Any] | None = None,
    salt: str = "",
) -> Decision:
    """Close an open requirement by compare-and-set and write who did it. Raises AlreadyDecided.

    A decision of the portal is held: it can be undone until `release_at`, and nothing comes of it before that.
    """
    release_at = now + hold_of(requirement, actor)
    held = release_at > now
    with by_hand(_database(requirement)) as statements:
        if not statements.close(requirement.id, requirement.revision, release_at if held else None):
            raise lost(requirement)
    decision = written(requirement, answer, actor, now, on_behalf_of=on_behalf_of, salt=salt)
    told = _facts(requirement, decision) | (facts or {})
    if held:
        told["release_at"] = release_at.isoformat()
    due = release_at if held else timezone.now()
    append_event(requirement.run, "RequirementDecided", actor, requirement=requirement, data=told, due=due)
    requirement.status, requirement.release_at = Requirement.Status.DECIDED, release_at if held else None
    return decision


def hold_of(requirement: Requirement, actor: Actor) -> timedelta:
    """For how long what this actor decides can be undone."""
    if actor.channel not in ON_PAGES:
        return timedelta(0)
    default = float(getattr(settings, "HITL_HOLD_SECONDS", HOLD))
    return timedelta(seconds=requirement.review_policy.hold_seconds(default))


def written(
    requirement: Requirement,
    answer: Answer,
    actor: Actor,
    now: datetime,
    *,
    on_behalf_of: "User | None",
    closes: bool = True,
    salt: str = "",
) -> Decision:
    """The row of an answer; a person who speaks for themselves is nobody's deputy."""
    decision = Decision(
        requirement=requirement,
        revision=requirement.revision,
        action=answer.action,
        person=actor.person,
        on_behalf_of=on_behalf_of if on_behalf_of != actor.person else None,
        actor=actor.name,
        channel=actor.channel,
        closes=closes,
        feedback=answer.feedback or "",
        answer=answer.to_dict(),
        salt=salt or secrets.token_hex(SALT_BYTES),
        # Of what stands there now, and was shown: what stood there when it was asked need not be the same.
        digest=bound(Ask.from_dict(requirement.details), requirement.policy),
        decided_at=now,
    )
    with by_hand(_database(requirement)) as statements:
        statements.add(decision)
    return decision


def lost(requirement: Requirement) -> AlreadyDecided:
    """Who was faster."""
    requirement.refresh_from_db(fields=["status", "revision"])
    decision = requirement.decision
    if decision is None:
        return AlreadyDecided(by="the end of the run", at=requirement.run.finished_at, action="withdrawn")
    return AlreadyDecided(by=decision.actor, at=decision.decided_at, action=decision.action)


def _entitled(requirement: Requirement, actor: Actor) -> "User | None":
    """Whose answer this is: the actor's own, or of somebody whose deputy they are; None: a script's that may."""
    if actor.channel == SCRIPT_CHANNEL and policy.script_may_decide(requirement):
        return None
    if actor.via:
        _refuse_machine(requirement, actor)
    voice = policy.voice(actor.person, requirement)
    if voice is None and requirement.review_policy.four_eyes and policy.is_own(actor.person, requirement):
        raise SelfApproval(f"{actor.name} asked for this run, so somebody else decides")
    if voice is None:
        raise NotEligible(f"{actor.name} may not decide this")
    return voice


def _refuse_machine(requirement: Requirement, actor: Actor) -> None:
    """A machine decides nothing that its owner asked for, and nothing that people are to look at with their eyes."""
    if policy.is_own(actor.person, requirement):
        raise SelfApproval(f"{actor.name} asked for this run: no {actor.via} decides it")
    if not policy.machine_may_decide(requirement):
        raise NotEligible(f"People decide this, and no {actor.via}")


def _refuse(requirement: Requirement, revision: int, answer: Answer, actor: Actor) -> None:
    if not requirement.is_open:
        raise lost(requirement)
    if requirement.revision != revision:
        raise StaleRevision(revision, requirement.revision)
    holder = requirement.holder()
    if requirement.review_policy.exclusive and holder not in (None, actor.person):
        raise ClaimedByAnother(by=str(holder), until=requirement.claimed_until)
    try:
        Ask.from_dict(requirement.details).check(answer)
    except InputErrors as wrong:
        raise InvalidAnswer(wrong.by_field) from None


def _refuse_unsigned(requirement: Requirement, answer: Answer, actor: Actor) -> None:
    """What counts only with a person's signature. Scripts and timers are no people; `policy` says what they may do."""
    if (
        actor.person is not None
        and actor.channel != SCRIPT_CHANNEL
        and policy.needs_signature(requirement, answer)
    ):
        raise NeedsSignature(f"{actor.name} signs this decision with a passkey, on the portal's page")


def _vote(requirement: Requirement, answer: Answer, actor: Actor, now: datetime, salt: str) -> Decision:
    """Count one vote; close the requirement when it completes the quorum.

    The run is locked: of two voters at the same moment, the second one counts the vote of the first.
    """
    before = Tally.of(requirement)
    voter = _voter(requirement, before, actor)
    other = before.differs(answer)
    if other is not None:
        said = f"{other.actor} has answered something else: say the same, or the opposite"
        raise InvalidAnswer({"action": said})
    vote = Decision(action=answer.action, person=actor.person, on_behalf_of=voter, answer=answer.to_dict())
    tally = before.with_vote(vote)
    _tell_void(requirement, before)
    if tally.is_complete:
        facts = {"votes": len(tally.votes)}
        return close(requirement, answer, actor, now, on_behalf_of=voter, facts=facts, salt=salt)
    decision = written(requirement, answer, actor, now, on_behalf_of=voter, closes=False, salt=salt)
    facts = {"agreed": tally.agreed, "needed": tally.needed, "against": len(tally.no)}
    told = _facts(requirement, decision) | facts
    append_event(requirement.run, "VoteCast", actor, requirement=requirement, data=told)
    return decision


def _voter(requirement: Requirement, before: Tally, actor: Actor) -> "User":
    """Whose vote this is. Raises AlreadyVoted for who was heard before, by themselves or through a deputy."""
    votes = (*before.votes, *before.void)
    heard = {vote.on_behalf_of_id or vote.person_id for vote in votes}
    voter = policy.voice(actor.person, requirement, heard)
    given = actor.person is not None and any(vote.person_id == actor.person.pk for vote in votes)
    if given or voter is None or voter.pk in heard:
        raise AlreadyVoted(f"The vote of {actor.name} is counted already")
    return voter


def _tell_void(requirement: Requirement, tally: Tally) -> None:
    """Say once which votes are not counted (any more)."""
    told = requirement.events.filter(type="VoteVoided").values_list("data__decision", flat=True)
    known = set(told) if tally.void else set()
    for vote in tally.void:
        if str(vote.pk) not in known:
            data = {"decision": str(vote.pk), "by": vote.actor, "revision": vote.revision}
            append_event(requirement.run, "VoteVoided", ENGINE, requirement=requirement, data=data)


def _database(requirement: Requirement) -> str:
    return requirement._state.db or DEFAULT_DB_ALIAS


def _facts(requirement: Requirement, decision: Decision) -> dict[str, Any]:
    facts = {"action": decision.action, "revision": requirement.revision, "kind": requirement.kind}
    facts |= {"decision": str(decision.id), "digest": decision.digest, "words": words(decision)}
    facts |= {"channel": decision.channel, "decided_at": moment(decision.decided_at)}
    absent = decision.on_behalf_of
    return facts | ({"on_behalf_of": absent.get_username()} if absent is not None else {})
