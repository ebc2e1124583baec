"""The form of a decision: which answer, words to it, and the part that a kind of requirement adds.

The part counts only for the answers that carry it: who rejects need not have filled in the fields. Who may
decide, and whether the answer fits, is the service's to say; `refuse` puts its complaints at their fields.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hitl_portal.fields.forms import Files, written
from hitl_portal.inbox import gate
from hitl_portal.inbox.forward import forward
from hitl_portal.inbox.parts import ContentPart, Part, RoutePart, ValuesPart
from hitl_portal.inbox.refusals import refusals
from hitl_portal.inbox.subject import Subject
from hitl_portal.inbox.tool_parts import AnswersPart, ArgumentsPart, InputPart, ResultPart
from hitl_portal.inbox.verbs import Verb
from hitl_portal.inbox.zone import HIGH
from workflows.models import Requirement
from workflows.types import Action, Answer, RequirementKind

LONGEST_FEEDBACK = 10_000

PARTS: dict[str, type[Part]] = {
    RequirementKind.user_input: ValuesPart,
    RequirementKind.route: RoutePart,
    RequirementKind.output_review: ContentPart,
    RequirementKind.iteration_review: ContentPart,
    RequirementKind.tool_confirmation: ArgumentsPart,
    RequirementKind.tool_input: InputPart,
    RequirementKind.external_execution: ResultPart,
    RequirementKind.feedback: AnswersPart,
}


class DecisionForm(forms.Form):
    """One answer to one revision of a requirement."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    action = forms.ChoiceField()
    feedback = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_FEEDBACK,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, requirement: Requirement, data: QueryDict | None = None, files: Files | None = None
    ) -> None:
        data = _with_pressed_choice(data)
        super().__init__(data, initial={"revision": requirement.revision})
        self.requirement, subject = requirement, Subject.of(requirement)
        if subject.tool is not None:
            self.fields["feedback"].label = _("Note")
        self.verbs: list[Verb] = [*forward(subject), *refusals(subject)]
        action = self.fields["action"]
        assert isinstance(action, forms.ChoiceField)
        action.choices = [(str(verb.action), verb.label) for verb in self.verbs]
        self.part = PARTS.get(requirement.kind, Part)(requirement, data, files)

    def clean(self) -> dict[str, Any]:
        verb = self._verb
        if verb is not None and verb.needs_feedback and not self.cleaned_data.get("feedback"):
            self.add_error("feedback", _("Say what should change: it is passed on."))
        if self.takes_risk:
            self._refuse_unseen()
        return self.cleaned_data

    def is_valid(self) -> bool:
        """Itself, and its part where the answer carries it."""
        return super().is_valid() and (not self._carries_part or self.part.is_valid())

    @property
    def takes_risk(self) -> bool:
        """What was sent is a yes to something of a high risk."""
        verb = self._verb
        return verb is not None and verb.goes_on and self.requirement.risk == HIGH

    @property
    def asks_for_words(self) -> bool:
        """One of the answers needs them."""
        return any(verb.needs_feedback for verb in self.verbs)

    @property
    def chooses_by_button(self) -> bool:
        """Every route is a button of its own: there is nothing to fill in."""
        return any(verb.choice for verb in self.verbs)

    @property
    def offers_edit(self) -> bool:
        """What is asked about can be changed in place: that form stands beside it."""
        return any(verb.action == Action.edit for verb in self.verbs)

    @property
    def edits(self) -> bool:
        """Somebody has sent a changed version: keep it in sight."""
        return self.is_bound and self.data.get("action") == Action.edit

    def answer(self) -> Answer:
        """The valid form as the service takes it."""
        filled = self.part.filled() if self._carries_part else {}
        return Answer(
            action=Action(self.cleaned_data["action"]),
            feedback=self.cleaned_data["feedback"] or None,
            **filled,
        )

    def refuse(self, by_field: Mapping[str, str]) -> None:
        """Show what the service found wrong, at its field where there is one."""
        for name, problem in by_field.items():
            place = self.part.place_of(name)
            if place is not None:
                self.part.add_error(place, problem)
            else:
                self.add_error(None, problem)

    def typed(self) -> list[tuple[str, str]]:
        """What was filled in by hand, as label and text: to be kept in sight when it came too late."""
        bound = [self["feedback"], *self.part]
        said = [(str(field.label), written(field), str(field.initial or "")) for field in bound]
        return [(label, text) for label, text, before in said if text and text != before]

    def _refuse_unseen(self) -> None:
        """Where the risk is high, what was folded must have been opened; a revision that is over is told so first."""
        revision = self.cleaned_data.get("revision")
        if revision != self.requirement.revision:
            return
        left = gate.left(self.requirement.id, revision, self.data)
        if left is None:
            self.add_error(None, _("The risk is high: look at everything here first, then decide."))
        elif left:
            said = ngettext(
                "The risk is high, and %(number)d part is still folded: open it first, or show everything.",
                "The risk is high, and %(number)d parts are still folded: open them first, or show everything.",
                left,
            )
            self.add_error(None, said % {"number": left})

    @property
    def _verb(self) -> Verb | None:
        return next((verb for verb in self.verbs if verb.action == self.cleaned_data.get("action")), None)

    @property
    def _carries_part(self) -> bool:
        return self.cleaned_data["action"] in self.part.carried_by


def _with_pressed_choice(data: QueryDict | None) -> QueryDict | None:
    """A button that names a route says two things: which one, and yes to it."""
    if data is None or "choice" not in data:
        return data
    spelled_out = data.copy()
    spelled_out["action"] = Action.approve
    spelled_out.setlist("answer-choices", data.getlist("choice"))
    return spelled_out
