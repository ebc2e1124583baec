"""What a card shows: one requirement with everything that a person needs to decide it."""

from collections.abc import Iterable
from dataclasses import dataclass

from hitl_portal.evidence.exhibits import Exhibit
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.edits import Edit
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.inbox.refusals import at_the_limit
from hitl_portal.inbox.revisions import Revisions
from hitl_portal.inbox.subject import Attempts, Subject
from hitl_portal.inbox.tool_use import ToolUse
from hitl_portal.inbox.tries import Tries
from hitl_portal.inbox.zone import Zone, zone_of
from hitl_portal.places import Place, draw, everywhere, records_of, step_path
from workflows import policy, questions
from workflows.models import Decision, Requirement, StepRecord, Value
from workflows.types import Answer, RequirementKind

MOST_IN_LOOPS = 60
MOST_TOGETHER = 20
MOST_DOTS = 12


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way that a router may take; `is_meant` where it is the one that is asked about."""

    name: str
    description: str
    is_meant: bool


@dataclass(frozen=True, kw_only=True)
class Card:
    """One requirement as one person sees it. `form` is None where there is nothing (more) for them to decide.

    `late` is an answer that came after another one: what was typed stays in sight. `stale` tells that the
    form is fresh because what is asked has changed meanwhile. Of a tool, `said` is what the model said when it wanted
    to use it, and `together` what else it asked for in the same breath: nothing of that happens before all is decided.
    """

    requirement: Requirement
    subject: Subject
    places: list[Place]
    here: Place | None
    inputs: Exhibit | None
    evidence: Exhibit | None
    form: DecisionForm | None
    zone: Zone
    decision: Decision | None
    following: Requirement | None
    said: str = ""
    together: tuple[Requirement, ...] = ()
    late: DecisionForm | None = None
    stale: bool = False
    revisions: Revisions | None = None
    failures: Tries | None = None

    @property
    def answer(self) -> Answer | None:
        """What was decided, where something was."""
        return Answer.from_dict(self.decision.answer) if self.decision else None

    @property
    def edit(self) -> Edit | None:
        """What was changed by hand: decided, or sent along so far."""
        if self.form is not None:
            return Edit.typed(self.form) if self.form.edits else None
        return Edit.decided(self.requirement, self.answer)

    @property
    def is_review(self) -> bool:
        """Something that was made is looked at, rather than something that shall be done."""
        return self.subject.is_review

    @property
    def attempts(self) -> Attempts | None:
        """The count that is worth a word: of what was made, and of what is asked again."""
        attempts = self.subject.attempts
        is_shown = attempts is not None and (self.is_review or attempts.number > 1)
        return attempts if is_shown else None

    @property
    def at_the_limit(self) -> str:
        """What is said where nothing can be asked for any more."""
        return at_the_limit(self.subject)

    @property
    def gave(self) -> str:
        """The step that gave what is looked at; empty where that came with the question itself."""
        shown = self.requirement.evidence
        is_own = shown is not None and shown.path == step_path(self.requirement.path)
        return "" if self.evidence is None or is_own else self.evidence.step_name

    @property
    def tries(self) -> int:
        """How often the program has tried what failed."""
        came_back = self.here.record.tries if self.here and self.here.record else 0
        return came_back + (self.failures.cut_off if self.failures else 0)

    @property
    def routes(self) -> list[Route]:
        """The choices of a router about which no choice is asked for: what is proposed, or what was taken."""
        details = self.requirement.details
        if self.requirement.kind == RequirementKind.route:
            return []
        meant = list(details.get("proposal") or ()) or self._taken()
        return [
            Route(
                name=choice["name"],
                description=choice.get("description", ""),
                is_meant=choice["name"] in meant,
            )
            for choice in details.get("choices") or ()
        ]

    @property
    def way(self) -> list[Place]:
        """The places from the top of the tree down to where it waits."""
        return list(_way_to(self.places, step_path(self.requirement.path)))

    @property
    def dots(self) -> list[Place]:
        """The top of the tree as a row of dots: those around the place where it waits, where there are many."""
        at = next((n for n, place in enumerate(self.places) if place in self.way[:1]), 0)
        first = max(0, min(at - MOST_DOTS // 2, len(self.places) - MOST_DOTS))
        return self.places[first : first + MOST_DOTS]

    @property
    def position(self) -> tuple[int, int] | None:
        """Which step of how many, counted at the top of the tree."""
        top = step_path(self.requirement.path).split("/")[0]
        for number, place in enumerate(self.places, 1):
            if place.path == top:
                return number, len(self.places)
        return None

    def _taken(self) -> list[str]:
        if self.here is None:
            return []
        newest = self.here.children[-1:]
        choices = newest[0].children if newest and newest[0].number else self.here.children
        return [choice.name for choice in choices if choice.record is not None]


def card_of(
    requirement: Requirement,
    desk: Desk,
    *,
    form: DecisionForm | None = None,
    late: DecisionForm | None = None,
    stale: bool = False,
    looks_back: bool = False,
) -> Card:
    """The card for this person; up to seven queries besides the requirement's own. None follows for who looks back."""
    run = requirement.run
    is_over = requirement.timeout_at is not None and requirement.timeout_at <= desk.now and form is None
    can_decide = requirement.is_open and not is_over and policy.may_decide(desk.person, requirement)
    is_question = run.workflow.name == questions.NAME  # of which the card says everything anyhow
    inputs = None if is_question else Value.objects.filter(run=run, path="", slot="inputs").first()
    evidence = requirement.evidence if requirement.evidence != inputs else None
    records = records_of(run, MOST_IN_LOOPS)
    places, path = _drawn(requirement, records), step_path(requirement.path)
    subject = Subject.of(requirement)
    shown_form = (form or DecisionForm(requirement)) if can_decide else None
    stops = subject.is_review and _says_stop(requirement.evidence)
    revisions = Revisions.of(requirement, desk)  # first: it has the decisions too
    looks_back = looks_back or _is_history(requirement, revisions, desk)
    return Card(
        requirement=requirement,
        subject=subject,
        places=places,
        here=next((place for place in everywhere(places) if place.path == path), None),
        inputs=Exhibit.of_inputs(inputs, run) if inputs else None,
        evidence=Exhibit.of(evidence) if evidence else None,
        form=shown_form,
        zone=zone_of(subject, shown_form.verbs if shown_form else (), records, desk.person, stops=stops),
        decision=requirement.decision,
        following=None if can_decide or looks_back else desk.after(requirement),
        said=_said(requirement, subject.tool) if subject.tool else "",
        together=_together(requirement, subject.tool, desk) if subject.tool else (),
        late=late,
        stale=stale,
        revisions=revisions,
        failures=Tries.of(requirement),
    )


def _is_history(requirement: Requirement, revisions: Revisions | None, desk: Desk) -> bool:
    """Whether one looks back only: not where it was oneself who has just asked for another revision."""
    decision = requirement.decision
    is_ones_own = decision is not None and decision.person_id == desk.person.pk
    return revisions is not None and revisions.is_past and not is_ones_own


def _said(requirement: Requirement, tool: ToolUse) -> str:
    turn = Value.objects.filter(run=requirement.run_id, path=tool.agent, slot=f"turn:{tool.turn}").first()
    return str(turn.plain().get("content") or "") if turn else ""


def _together(requirement: Requirement, tool: ToolUse, desk: Desk) -> tuple[Requirement, ...]:
    if not requirement.is_open:
        return ()
    same = desk.visible.open().filter(run=requirement.run_id, path__startswith=f"{tool.agent}/{tool.turn}.")
    return tuple(same.exclude(id=requirement.id)[:MOST_TOGETHER])


def _says_stop(output: Value | None) -> bool:
    """Nothing is to come after the output under review."""
    shown = output.plain() if output else None
    return isinstance(shown, dict) and bool(shown.get("stop"))


def _way_to(places: Iterable[Place], path: str) -> Iterable[Place]:
    for place in places:
        if path == place.path or path.startswith(f"{place.path}/"):
            yield place
            yield from _way_to(place.children, path)
            return


def _drawn(requirement: Requirement, records: Iterable[StepRecord]) -> list[Place]:
    """The tree with the newest round of everything in it, and where the requirement is while it waits."""
    return draw(
        requirement.run.workflow.outline,
        records=records,
        current=step_path(requirement.path) if requirement.is_open else None,
        is_over=requirement.run.is_finished,
        rounds=1,
    )
