"""What each answer to a question about a tool causes: the tool, the agent and what it is told, in plain words."""

from django.utils.translation import gettext as _

from hitl_portal.inbox.subject import Subject
from hitl_portal.inbox.tool_use import ToolUse
from hitl_portal.inbox.verbs import Verb, named
from workflows.types import Action, RequirementKind


def with_tool(subject: Subject, tool: ToolUse) -> list[Verb]:
    """Every way on, the plain one first."""
    match subject.kind:
        case RequirementKind.tool_input:
            return [
                _yes(_("Send"), _("“%(tool)s” is used with these values, and “%(who)s” goes on."), subject)
            ]
        case RequirementKind.external_execution:
            causes = _("“%(who)s” takes this for the result of “%(tool)s” and goes on.")
            return [_yes(_("Send the result"), causes, subject)]
        case RequirementKind.feedback:
            return [_yes(_("Send the answers"), _("“%(who)s” reads your answers and goes on."), subject)]
        case _:
            causes = _("“%(tool)s” is used with exactly these arguments, and “%(who)s” goes on.")
            approve = _yes(_("Approve"), causes, subject, key="a")
            return [approve, _edit(tool)] if tool.can_be_edited and tool.fields else [approve]


def told_no(kind: str, tool: ToolUse) -> str:
    """What a no causes: the model hears of it and decides what to do instead."""
    if kind == RequirementKind.feedback:
        causes = _("“%(who)s” is told that nobody answers, with your note, and goes on.")
    elif kind == RequirementKind.external_execution:
        causes = _("“%(who)s” is told that there is no result, with your note, and goes on.")
    else:
        causes = _("“%(tool)s” is not used. “%(who)s” is told so, with your note, and goes on.")
    return causes % {"tool": named(tool.name), "who": named(tool.who)}


def _yes(label: str, causes: str, subject: Subject, key: str = "") -> Verb:
    assert subject.tool is not None
    consequence = causes % {"tool": named(subject.tool.name), "who": named(subject.tool.who)}
    if subject.node.get("irreversible"):
        consequence = _("%(consequence)s It cannot be undone.") % {"consequence": consequence}
    return Verb(action=Action.approve, label=label, consequence=consequence, tone="primary", key=key)


def _edit(tool: ToolUse) -> Verb:
    causes = _("“%(tool)s” is used with your arguments instead, and “%(who)s” goes on.")
    consequence = causes % {"tool": named(tool.name), "who": named(tool.who)}
    return Verb(action=Action.edit, label=_("Approve with these arguments"), consequence=consequence)
