"""Telling: what a card says while it waits, when it is over, and to who has pressed its button.

Like every message that leaves the portal it has names, the question's first line and a date, and less where the
workflow's discretion says so; never evidence, input or output.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from hitl_portal.addresses import public
from hitl_portal.links.services import issue
from hitl_portal.notifications.composing import Detail, Item, composed, detail_of, plain
from hitl_portal.notifications.kinds import Kind
from hitl_portal.notifications.models import Discretion, Note
from hitl_portal.slack import blocks
from hitl_portal.slack.blocks import Block, escaped
from hitl_portal.templatetags.wording import answered
from workflows import policy
from workflows.acting import TIMER
from workflows.ids import new_id
from workflows.models import Requirement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_TOGETHER = 12  # things in one message, of four blocks each
ANSWER = "answer"  # the button that says who has pressed it


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message: `text` is what notifications and screen readers have of it."""

    text: str
    blocks: tuple[Block, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """What Slack's methods take."""
        return {"text": escaped(self.text), "blocks": list(self.blocks)[: blocks.MOST_BLOCKS]}


def for_one(item: Item, *, has_answer_link: bool) -> Said:
    """A question for one person, with the way to it: their own answer link, where there is one."""
    parts = [*_about(item), blocks.buttons(blocks.way(_("Answer"), item.link, is_main=True))]
    if has_answer_link:
        parts.append(blocks.small(_("The link is yours alone and works once.")))
    return Said(text=item.title, blocks=tuple(parts))


def for_all(items: Sequence[Item]) -> Said:
    """Several things for one person, each with the way to it; what they only are to know."""
    parts = [block for item in items[:MOST_TOGETHER] for block in (*_about(item), _to(item))]
    if len(items) > MOST_TOGETHER:
        parts.append(blocks.small(_("And more: they are in the portal.")))
    return Said(text="; ".join(item.title for item in items), blocks=tuple(parts))


def for_room(requirement: Requirement) -> Said:
    """A question to whoever reads the room: the button answers each with a link of their own."""
    item = item_of(requirement)
    to_card = blocks.way(_("Look at it in the portal"), public("inbox:detail", requirement.pk))
    answer = blocks.press(_("Answer"), ANSWER, str(requirement.pk))
    return Said(text=item.title, blocks=(*_about(item), blocks.buttons(answer, to_card)))


def over(requirement: Requirement, person: "User | None" = None) -> Said:
    """The same question when it is over: who has decided and what; no button leads there any more. Its person, where it
    has one, is told who only while they may see it."""
    item = item_of(requirement)
    said = outcome(requirement) if person is None or _sees(person, requirement) else _("This is over.")
    to_card = blocks.way(_("Look at it in the portal"), public("inbox:detail", requirement.pk))
    parts = (blocks.section(item.title, bold=True), blocks.section(said), blocks.buttons(to_card))
    return Said(text=f"{item.title}: {said}", blocks=parts)


def to_presser(requirement: Requirement, person: "User | None") -> Said:
    """What one person alone sees after they pressed the button: their own link, or why they get none."""
    if person is None:
        return _line(
            _("No account of the portal has the e-mail address that Slack knows of you. Ask an admin.")
        )
    if not _sees(person, requirement):
        return _line(_("This is for others to decide."))
    if not requirement.is_open:
        return _line(outcome(requirement))
    if not policy.may_decide(person, requirement):
        return _line(_("This is for others to decide."))
    title = item_of(requirement).title
    link = issue(requirement, person)
    said = (
        _("This link is yours alone, %(name)s, and works once.")
        if link
        else _("This is decided in the portal only, %(name)s: sign in there.")
    ) % {"name": plain(person.get_username())}
    button = blocks.way(_("Answer"), link or public("inbox:detail", requirement.pk), is_main=True)
    return Said(
        text=said, blocks=(blocks.section(title, bold=True), blocks.buttons(button), blocks.small(said))
    )


def outcome(requirement: Requirement) -> str:
    """How a question has ended, in one line: by whom, as far as the workflow's discretion lets it be said."""
    decision = requirement.decision
    if requirement.is_open:
        return _("Something else is asked now.")
    if decision is None:
        return _("The run ended before anybody decided.")
    if decision.channel == TIMER.channel:
        return _("Nobody answered in time.")
    if _detail(requirement) is Detail.NOTHING:
        return _("This is decided.")
    did = answered(decision, requirement)
    at = decision.decided_at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M UTC")
    return _("%(name)s %(did)s, %(at)s.") % {"name": plain(decision.actor), "did": did, "at": at}


def item_of(requirement: Requirement) -> Item:
    """The question as all messages have it, for nobody in particular. Its run and workflow must be there."""
    note = Note(id=new_id(), kind=Kind.WAITS, run=requirement.run, requirement=requirement)
    return composed(new_id(), [note], ZoneInfo(settings.TIME_ZONE)).items[0]


def _sees(person: "User", requirement: Requirement) -> bool:
    return Requirement.objects.visible(person).filter(pk=requirement.pk).exists()


def _to(item: Item) -> Block:
    return blocks.buttons(blocks.way(_("Open"), item.link))


def _about(item: Item) -> list[Block]:
    found = blocks.facts(item.facts)
    lead = [blocks.small(item.lead)] if item.lead and item.lead != item.title else []
    return [blocks.section(item.title, bold=True), *([found] if found else []), *lead]


def _detail(requirement: Requirement) -> Detail:
    said = Discretion.objects.filter(workflow=requirement.run.workflow_id).values_list("detail", flat=True)
    return detail_of(said.first())


def _line(text: str) -> Said:
    return Said(text=text, blocks=(blocks.section(text),))
