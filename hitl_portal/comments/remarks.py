"""Remarks: comments as one person reads them: which words name somebody, what is theirs to erase, what is new."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet

from hitl_portal.comments.models import ReadMention
from workflows import policy
from workflows.models import Comment
from workflows.reviewing.commenting import MENTION

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a comment's text; `names` where it is the @name of somebody who was told."""

    text: str
    names: bool
    is_me: bool


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One comment. `is_new`: it mentions the reader, who has not seen it yet."""

    comment: Comment
    parts: list[Part]
    may_erase: bool
    is_new: bool


def remarks_of(comments: QuerySet[Comment], person: "User") -> list[Remark]:
    """The comments as this person reads them; two queries, however many there are."""
    reads = ReadMention.objects.filter(comment=OuterRef("pk"), person=person.pk)
    named = Comment.mentions.through.objects.filter(comment=OuterRef("pk"), user=person.pk)
    known = comments.select_related("author").annotate(was_read=Exists(reads), names_me=Exists(named))
    is_admin = policy.is_admin(person)
    return [_remark(comment, person, is_admin) for comment in known.prefetch_related("mentions")]


def _remark(comment: Comment, person: "User", is_admin: bool) -> Remark:
    names = {one.get_username() for one in comment.mentions.all()}
    is_kept = comment.erased_at is None
    return Remark(
        comment=comment,
        parts=list(_parts(comment.text, names, person.get_username())),
        may_erase=is_kept and (is_admin or comment.author_id == person.pk),
        is_new=is_kept
        and bool(getattr(comment, "names_me", False))
        and not getattr(comment, "was_read", True),
    )


def _parts(text: str, names: set[str], me: str) -> Iterable[Part]:
    """The text in pieces, nothing left out."""
    end = 0
    for found in re.finditer(MENTION, text):
        name = found[1].rstrip(".")
        if name in names:
            stop = found.start() + 1 + len(name)
            yield Part(text=text[end : found.start()], names=False, is_me=False)
            yield Part(text=text[found.start() : stop], names=True, is_me=name == me)
            end = stop
    yield Part(text=text[end:], names=False, is_me=False)
