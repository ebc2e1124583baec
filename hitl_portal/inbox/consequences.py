"""Consequences: what each answer causes, and silence too: a short line to stand beside a button, and all of it as a
list to unfold.

What comes next is `workflows.ahead`'s to say; here are the words. Names are the author's, and stand in quotes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hitl_portal.inbox.subject import Subject
from hitl_portal.inbox.verbs import Verb, named, quoted
from workflows.ahead import Course, End, Here, SoFar, Stage, What, following
from workflows.models import StepRecord
from workflows.types import Answer, StepStatus, StepType

MOST_IN_LINE = 4
MOST_IN_LIST = 60


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One thing in the line: a word or two. `tone` is its look; `about` what cannot be seen of it."""

    text: str
    tone: str = "step"
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing in the list, and what is inside it, way by way. `warnings` are what must not be overlooked."""

    text: str
    tone: str = "step"
    warnings: tuple[str, ...] = ()
    ways: tuple[tuple[str, tuple["Entry", ...]], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Foresight:
    """What follows one answer: `line` beside its button, `entries` to unfold, and what of it cannot be undone."""

    line: tuple[Mark, ...]
    entries: tuple[Entry, ...]
    irreversible: tuple[str, ...]

    @property
    def unseen(self) -> tuple[str, ...]:
        """What cannot be undone and is not in the line."""
        shown = {mark.text for mark in self.line}
        return tuple(name for name in self.irreversible if name not in shown)

    @property
    def is_worth_opening(self) -> bool:
        """The list says more than the line."""
        is_plain = all(not entry.ways and not entry.warnings for entry in self.entries)
        return not (is_plain and len(self.entries) <= MOST_IN_LINE)


@dataclass(frozen=True, kw_only=True)
class Seer:
    """Tells what follows the answers to one requirement."""

    subject: Subject
    here: Here | None
    stops: bool

    @classmethod
    def of(cls, subject: Subject, records: Iterable[StepRecord], *, stops: bool) -> "Seer":
        """`records` are what has happened in the run; `stops`: the output under review says that nothing follows."""
        requirement, records = subject.requirement, list(records)
        routes = {record.path: getattr(record, "route", None) or () for record in records}
        over = {record.path for record in records if StepStatus(record.status).finished}
        outline = requirement.run.workflow.outline
        here = Here.of(outline, requirement.path, SoFar(routes=routes, over=over))
        return cls(subject=subject, here=here, stops=stops)

    def verb(self, verb: Verb) -> Verb:
        """A button that knows what follows it."""
        choices = (verb.choice,) if verb.choice else ()
        return replace(verb, foresight=self.answer(Answer(action=verb.action, choices=choices)))

    def answer(self, answer: Answer) -> Foresight | None:
        """What follows an answer; None where the definition does not have that place any more."""
        if self.here is None:
            return None
        details = self.subject.details | {"kind": self.subject.kind}
        return foresight(following(details, self.here, answer, stops=self.stops))


def foresight(course: Course) -> Foresight:
    """A course in words."""
    irreversible = dict.fromkeys(named(stage.name) for stage in course.everything() if stage.is_irreversible)
    entries = list(entries_of(course))[:MOST_IN_LIST]
    return Foresight(line=tuple(_line(course)), entries=tuple(entries), irreversible=tuple(irreversible))


def entries_of(course: Course) -> Iterable[Entry]:
    """The list, in order."""
    for stage in course.stages:
        ways = tuple((_way_name(stage, way.name), tuple(entries_of(way.course))) for way in stage.ways)
        yield Entry(text=_told(stage), tone=_tone(stage), warnings=tuple(_warnings(stage)), ways=ways)
    if course.end in (End.completed, End.cancelled):
        yield Entry(text=_ended(course.end), tone=str(course.end))


def _line(course: Course) -> Iterable[Mark]:
    for stage in course.stages[:MOST_IN_LINE]:
        yield Mark(text=_short(stage), tone=_tone(stage), about=", ".join(_warnings(stage)))
    more = len(course.stages) - MOST_IN_LINE
    if more > 0:
        yield Mark(text=_("%(number)d more") % {"number": more}, tone="more")
    if course.end is End.asked and (more > 0 or course.stages[-1].what is not What.asks):
        last = Course(stages=course.stages[-1:]).everything()
        yield Mark(text=_asked(next(stage for stage in last if _asks(stage))), tone="asks")
    if course.end in (End.completed, End.cancelled):
        yield Mark(text=_ended(course.end), tone=str(course.end))


def _asks(stage: Stage) -> bool:
    return stage.what is What.asks and stage.certain


def _ended(end: End) -> str:
    return _("run cancelled") if end is End.cancelled else _("run completed")


def _tone(stage: Stage) -> str:
    if stage.what is What.asks:
        return "asks" if stage.certain else "perhaps"
    if stage.is_irreversible:
        return "irreversible"
    return "risky" if stage.is_risky else str(stage.what)


def _warnings(stage: Stage) -> Iterable[str]:
    if stage.is_irreversible:
        yield _("cannot be undone")
    if stage.is_risky:
        yield _("high risk")
    if stage.may_ask:
        yield _("may ask about its tools")


def _short(stage: Stage) -> str:
    """A stage in a word or two."""
    name = {"step": named(stage.name), "times": stage.times}
    match stage.what:
        case What.asks:
            return _asked(stage)
        case What.decides:
            return _("“%(step)s” decides") % name
        case What.rounds:
            return ngettext("%(step)s, once", "%(step)s, up to %(times)d times", stage.times) % name
        case What.waits:
            return _("other branches")
        case What.beside | What.several:
            return " ∥ ".join(named(way.name) for way in stage.ways)
    return named(stage.name)


def _told(stage: Stage) -> str:
    """A stage as a sentence without its end."""
    name = {"step": quoted(stage.name), "times": stage.times}
    match stage.what:
        case What.asks:
            return _asked(stage)
        case What.decides:
            return _("then %(step)s decides between") % name
        case What.rounds if not stage.certain:
            return (
                ngettext("perhaps %(step)s once more", "perhaps %(step)s up to %(times)d times", stage.times)
                % name
            )
        case What.rounds:
            return (
                ngettext("one iteration of %(step)s", "up to %(times)d iterations of %(step)s", stage.times)
                % name
            )
        case What.waits:
            return _("then it waits for the other branches of %(step)s") % name
        case What.beside:
            return _("side by side in %(step)s") % name
        case What.several:
            return _("these, as %(step)s has ordered them") % name
    return _("%(step)s runs") % name


QUESTIONS = {
    "confirmation": lambda: _("approval of %(step)s"),
    "user_input": lambda: _("input for %(step)s"),
    "route": lambda: _("choice of a route at %(step)s"),
    "output_review": lambda: _("review of %(step)s"),
    "iteration_review": lambda: _("review of this iteration of %(step)s"),
}


def _asked(stage: Stage) -> str:
    words = QUESTIONS.get(stage.question)
    what = (words() if words else _("a question at %(step)s")) % {"step": quoted(stage.name)}
    return (
        _("people asked: %(what)s") % {"what": what}
        if stage.certain
        else _("perhaps %(what)s") % {"what": what}
    )


def _way_name(stage: Stage, name: str) -> str:
    if stage.what is What.rounds:
        return ""
    if stage.node["kind"] == StepType.CONDITION:
        return _("if so") if name == "if" else _("else")
    return quoted(name)
