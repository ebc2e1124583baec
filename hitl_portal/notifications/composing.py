"""Composing: what a message says, for every channel alike: plain text, laid bare, in the person's language and time.

Names, the question's first line, a date and a link; never what a run was given or produced. Where the settings or the
workflow's discretion say so, less. What people and models wrote can lead nowhere: addresses in it are taken apart.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hitl_portal.addresses import public
from hitl_portal.evidence.revealing import revealed
from hitl_portal.hooks.redacting import redacted_data
from hitl_portal.notifications.kinds import Kind
from hitl_portal.notifications.models import Discretion, Note
from hitl_portal.templatetags.wording import headline

if TYPE_CHECKING:
    from workflows.models import Requirement

LONGEST = 200
Detail = Discretion.Detail
LESS = list(Detail)  # from much to little
# What programs that show mails and chats take for an address, and turn into a link.
DOTTED = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})")
SCHEME = re.compile(r"(?<=\w):(?=//)")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that has happened. `facts` are pairs of a label and a text; `run_id` is the thread it belongs to."""

    note_id: UUID | None
    run_id: UUID | None
    kind: str
    lead: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    link: str
    requirement: "Requirement | None" = None
    asks: bool = False


@dataclass(frozen=True, kw_only=True)
class Message:
    """What goes to one place at once. `id` is the same at every try."""

    id: UUID
    items: tuple[Item, ...]
    list_link: str
    settings_link: str
    has_answer_links: bool = False

    @property
    def subject(self) -> str:
        """One line."""
        if len(self.items) != 1:
            told = ngettext("%d thing for you", "%d things for you", len(self.items)) % len(self.items)
            return f"HITL Portal: {told}"
        return self.items[0].title

    @property
    def run_id(self) -> UUID | None:
        """The run that all of it is about; None where it is several, or none."""
        runs = {item.run_id for item in self.items}
        return runs.pop() if len(runs) == 1 else None

    def with_links(self, links: dict[UUID | None, str]) -> "Message":
        """The same with links that answer for these notes."""
        items = (replace(item, link=links.get(item.note_id) or item.link) for item in self.items)
        return replace(self, items=tuple(items), has_answer_links=bool(links))


def composed(id: UUID, notes: Iterable[Note | None], zone: ZoneInfo) -> Message:
    """The message of these notes, in the language of now; None stands for a try-out. Two queries at most."""
    notes = list(notes)
    workflows = {note.run.workflow_id for note in notes if note}
    discretion = dict(Discretion.objects.filter(workflow__in=workflows).values_list("workflow", "detail"))
    items = (
        _item(note, detail_of(discretion.get(note.run.workflow_id)), zone) if note else _tried_out()
        for note in notes
    )
    return Message(
        id=id,
        items=tuple(items),
        list_link=public("notifications:list"),
        settings_link=public("notifications:settings"),
    )


def detail_of(said: str | None) -> Detail:
    """How much may be said: the less of what the settings and the workflow's discretion say."""
    known = [Detail(name) for name in (settings.HITL_NOTIFY_DETAIL, said) if name in Detail.values]
    return max(known, key=LESS.index, default=Detail.NOTHING)


def plain(text: str) -> str:
    """One line of foreign text: nothing hidden in it, no secret that is known by its looks, no address that works."""
    said = " ".join(revealed(text).split())
    said = inert(str(redacted_data(said)))
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def inert(text: str) -> str:
    """The text with addresses taken apart, so that no program makes a link of them."""
    return SCHEME.sub("[:]", DOTTED.sub("[.]", text))


def link_of(note: Note) -> str:
    """Where one goes from there."""
    if note.requirement_id is None:
        link = public("runs:detail", note.run_id)
    else:
        link = public("inbox:detail", note.requirement_id)
    return f"{link}#comments" if note.kind == Kind.MENTION else link


def _item(note: Note, detail: Detail, zone: ZoneInfo) -> Item:
    lead = str(Kind(note.kind).label)
    workflow = plain(note.run.workflow.title)
    if note.requirement is not None:
        note.requirement.run = note.run
    title, facts = lead, tuple[tuple[str, str], ...]()
    if detail is not Detail.NOTHING:
        title, facts = f"{workflow}: {lead}", tuple(_facts(note, zone))
    if detail is Detail.TITLE and note.requirement is not None:
        title = f"{workflow}: {plain(headline(note.requirement))}"
    return Item(
        note_id=note.pk,
        run_id=note.run_id,
        kind=note.kind,
        lead=lead,
        title=title,
        facts=facts,
        link=link_of(note),
        requirement=note.requirement,
        asks=note.asks,
    )


def _facts(note: Note, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    yield _("Workflow"), plain(note.run.workflow.title)
    if note.requirement is not None:
        yield _("Step"), plain(note.requirement.step_name)
    if note.run.requested_by is not None:
        yield _("Asked for by"), plain(note.run.requested_by.get_username())
    if note.doer:
        yield _("By"), plain(note.doer)
    if note.instead_of:
        yield _("Instead of"), plain(note.instead_of)
    yield from _dates(note, zone)


def _dates(note: Note, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    requirement = note.requirement
    if requirement is None or not note.asks:
        return
    if requirement.due_at is not None:
        yield _("Due"), _told(requirement.due_at, zone)
    if requirement.timeout_at is not None:
        yield _("Closes by itself"), _told(requirement.timeout_at, zone)


def _told(at: datetime, zone: ZoneInfo) -> str:
    return f"{date_format(timezone.localtime(at, zone), 'DATETIME_FORMAT')} ({zone.key})"


def _tried_out() -> Item:
    return Item(
        note_id=None,
        run_id=None,
        kind="",
        lead=_("This is a try-out: it arrives."),
        title=_("HITL Portal: a try-out"),
        link=public("notifications:settings"),
    )
