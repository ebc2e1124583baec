"""Commenting: what people say to each other about a run or a requirement, and to whom by @name.

The text can be erased; the log keeps a salted digest of it, so that it stays whole and tells nothing (decision 18).
"""

import re
import secrets
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import policy
from workflows.acting import Actor, append_event, person_of
from workflows.errors import InvalidAnswer, NotEligible
from workflows.models import Comment, Requirement, WorkflowRun
from workflows.teamwork import digest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# As long as Django lets a user's name be; a full stop at its end is the sentence's.
MENTION = re.compile(r"(?<![\w@.+-])@([\w.@+-]{1,150})")
LONGEST = 10_000
MOST_MENTIONS = 20


def comment_on_requirement(
    requirement_id: UUID, text: str, *, actor: Actor, using: str = DEFAULT_DB_ALIAS
) -> Comment:
    """Say something about a requirement, whether it is open or not; the revision stays.

    For everybody who may see it; of those who are named by @name only who may see it is mentioned. Raises
    NotEligible, InvalidAnswer for an empty or overlong text.
    """
    person = person_of(actor)
    seen = Requirement.objects.using(using).visible(person)
    requirement = seen.select_related("run").filter(id=requirement_id).first()
    if requirement is None:
        raise NotEligible(f"{actor.name} may not see this")
    return _written(requirement.run, requirement, text, actor)


def comment_on_run(run_id: UUID, text: str, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Comment:
    """Say something about a whole run; otherwise the same."""
    run = WorkflowRun.objects.using(using).visible(person_of(actor)).filter(id=run_id).first()
    if run is None:
        raise NotEligible(f"{actor.name} may not see this")
    return _written(run, None, text, actor)


def erase_comment(comment_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Comment:
    """Take a comment's text away for good: one's own, or as an admin anybody's. Raises NotEligible."""
    with transaction.atomic(using=using):
        comment = Comment.objects.using(using).select_for_update().get(id=comment_id)
        if comment.author_id != person_of(actor).pk and not policy.is_admin(actor.person):
            raise NotEligible("Only its author, or an admin, can erase a comment")
        if comment.erased_at is None:
            comment.text, comment.salt, comment.erased_at = "", "", timezone.now()
            comment.save(update_fields=["text", "salt", "erased_at"])
            comment.mentions.clear()
            data = {"comment": str(comment.id)}
            append_event(comment.run, "CommentErased", actor, requirement=comment.requirement, data=data)
    return comment


def _written(run: WorkflowRun, requirement: Requirement | None, text: str, actor: Actor) -> Comment:
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise InvalidAnswer({"text": f"A comment has 1 to {LONGEST} characters"})
    if "\0" in text:
        raise InvalidAnswer({"text": "A comment cannot have a null character"})
    using = run._state.db
    with transaction.atomic(using=using):
        comment = Comment.objects.using(using).create(
            run=run,
            requirement=requirement,
            author=person_of(actor),
            text=text,
            salt=secrets.token_hex(16),
            created_at=timezone.now(),
        )
        mentioned = _mentioned(comment)
        comment.mentions.set(mentioned)
        data = {
            "comment": str(comment.id),
            "digest": digest(comment),
            "mentions": sorted(person.pk for person in mentioned),
        }
        append_event(run, "CommentAdded", actor, requirement=requirement, data=data)
    return comment


def _mentioned(comment: Comment) -> "list[User]":
    """Who is named in the text, exists, and may see what it is about."""
    names = dict.fromkeys(name.rstrip(".") for name in MENTION.findall(comment.text))
    using = comment._state.db
    people = (
        get_user_model().objects.using(using).filter(username__in=list(names)[:MOST_MENTIONS], is_active=True)
    )
    return [person for person in people.prefetch_related("groups") if _sees(person, comment)]


def _sees(person: "User", comment: Comment) -> bool:
    using = comment._state.db
    if comment.requirement_id is not None:
        seen = Requirement.objects.using(using).visible(person)
        return seen.filter(id=comment.requirement_id).exists()
    return WorkflowRun.objects.using(using).visible(person).filter(id=comment.run_id).exists()
