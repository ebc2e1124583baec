"""The form of a decision: which answer, words to it, and the part that a kind of requirement adds.

The part counts only for the answers that carry it: who rejects need not have filled in the fields. Who may
decide, and whether the answer fits, is the service's to say; `refuse` puts its complaints at their fields.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hitl_portal.inbox.forward import forward
from hitl_portal.inbox.refusals import refusals
from hitl_portal.inbox.subject import Subject
from hitl_portal.inbox.verbs import Verb
from workflows import services
from workflows.errors import UnkeepableInput
from workflows.models import Requirement
from workflows.types import Action, Answer, RequirementKind

LONGEST_FEEDBACK = 10_000
FEW = 4  # so many choices are shown as buttons, more as a list
OPEN_QUESTION = {"name": "answer", "field_type": "str", "required": True}


class Part(forms.Form):
    """What a kind adds to the decision: by default nothing."""

    carried_by: ClassVar[Iterable[Action]] = ()

    def __init__(self, requirement: Requirement, data: QueryDict | None) -> None:
        super().__init__(data, prefix="answer")
        self.build(requirement)

    def build(self, requirement: Requirement) -> None:
        """Add the fields that this requirement asks for."""

    def filled(self) -> dict[str, Any]:
        """What it contributes to the Answer, once valid."""
        return {}


class ValuesPart(Part):
    """The fields of a user input."""

    carried_by = (Action.approve,)

    def build(self, requirement: Requirement) -> None:
        for described in requirement.details.get("fields") or [OPEN_QUESTION]:
            self.fields[described["name"]] = field_for(described)

    def filled(self) -> dict[str, Any]:
        return {"values": self.cleaned_data}


class RoutePart(Part):
    """One or several of the routes."""

    carried_by = (Action.approve,)

    def build(self, requirement: Requirement) -> None:
        details = requirement.details
        choices = [(choice["name"], choice["name"]) for choice in details["choices"]]
        several = bool(details.get("allow_multiple"))
        self.fields["choices"] = (
            forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)
            if several
            else forms.ChoiceField(choices=choices, widget=forms.RadioSelect)
        )
        self.fields["choices"].label = _("Choose one or several") if several else _("Choose one")

    def filled(self) -> dict[str, Any]:
        chosen = self.cleaned_data["choices"]
        return {"choices": (chosen,) if isinstance(chosen, str) else tuple(chosen)}


class ContentPart(Part):
    """The reviewed output, to be changed in place: text as text, data as JSON."""

    carried_by = (Action.edit,)

    def build(self, requirement: Requirement) -> None:
        content = content_of(requirement)
        self.is_text = isinstance(content, str)
        shown = content if self.is_text else json.dumps(content, indent=2, ensure_ascii=False)
        self.fields["content"] = forms.CharField(
            label=_("Your version") if self.is_text else _("Your version, as JSON"),
            initial=shown,
            strip=False,
            widget=forms.Textarea(attrs={"rows": min(24, shown.count("\n") + 4)}),
        )

    def clean_content(self) -> Any:
        text = self.cleaned_data["content"].replace("\r\n", "\n")
        if self.is_text:
            return text
        try:
            content = json.loads(text, parse_constant=_refuse_constant)
            services.kept_input(content)
        except (ValueError, RecursionError, UnkeepableInput) as wrong:
            raise forms.ValidationError(_("This is not JSON: %(wrong)s"), params={"wrong": wrong}) from None
        return content

    def filled(self) -> dict[str, Any]:
        return {"content": self.cleaned_data["content"]}


PARTS: dict[str, type[Part]] = {
    RequirementKind.user_input: ValuesPart,
    RequirementKind.route: RoutePart,
    RequirementKind.output_review: ContentPart,
    RequirementKind.iteration_review: ContentPart,
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

    def __init__(self, requirement: Requirement, data: QueryDict | None = None) -> None:
        data = _with_pressed_choice(data)
        super().__init__(data, initial={"revision": requirement.revision})
        self.requirement, subject = requirement, Subject.of(requirement)
        self.verbs: list[Verb] = [*forward(subject), *refusals(subject)]
        action = self.fields["action"]
        assert isinstance(action, forms.ChoiceField)
        action.choices = [(str(verb.action), verb.label) for verb in self.verbs]
        self.part = PARTS.get(requirement.kind, Part)(requirement, data)

    def clean(self) -> dict[str, Any]:
        verb = next((v for v in self.verbs if v.action == self.cleaned_data.get("action")), None)
        if verb is not None and verb.needs_feedback and not self.cleaned_data.get("feedback"):
            self.add_error("feedback", _("Say what should change: it is passed on."))
        return self.cleaned_data

    def is_valid(self) -> bool:
        """Itself, and its part where the answer carries it."""
        return super().is_valid() and (not self._carries_part or self.part.is_valid())

    @property
    def asks_for_words(self) -> bool:
        """One of the answers needs them."""
        return any(verb.needs_feedback for verb in self.verbs)

    @property
    def chooses_by_button(self) -> bool:
        """Every route is a button of its own: there is nothing to fill in."""
        return any(verb.choice for verb in self.verbs)

    @property
    def edits(self) -> bool:
        """Somebody has sent a changed output: keep it in sight."""
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
            if name in self.part.fields:
                self.part.add_error(name, problem)
            else:
                self.add_error(None, problem)

    def typed(self) -> list[tuple[str, str]]:
        """What was filled in by hand, as label and text: to be kept in sight when it came too late."""
        bound = [self["feedback"], *self.part]
        written = [(str(field.label), str(field.value() or ""), str(field.initial or "")) for field in bound]
        return [(label, text) for label, text, before in written if text and text != before]

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


def content_of(requirement: Requirement) -> Any:
    """The content of the output under review; an empty text when there is none."""
    shown = requirement.evidence.plain() if requirement.evidence else None
    content = shown.get("content") if isinstance(shown, dict) else shown
    return "" if content is None else content


def field_for(described: Mapping[str, Any]) -> forms.Field:
    """The form field for one field of a user input, which starts with its default."""
    common = {
        "label": described["name"].replace("_", " ").capitalize(),
        "help_text": described.get("description") or "",
        "required": described.get("required", True),
        "initial": described.get("value"),
    }
    if described.get("allowed_values"):
        return _choice(described["allowed_values"], common)
    match described.get("field_type"):
        case "bool":
            return _choice([True, False], common, names={True: _("Yes"), False: _("No")})
        case "int":
            return forms.IntegerField(**common)
        case "float":
            return forms.FloatField(**common)
        case _:
            return forms.CharField(**common, widget=_text_widget(str(described.get("value") or "")))


def _choice(
    allowed: list[Any], common: dict[str, Any], names: Mapping[Any, Any] | None = None
) -> forms.Field:
    by_text = {str(value): value for value in allowed}
    choices: list[tuple[str, Any]] = [(str(value), (names or {}).get(value, str(value))) for value in allowed]
    few = len(choices) <= FEW
    if not few or not common["required"]:
        choices.insert(0, ("", _("No answer") if few else "—"))
    return forms.TypedChoiceField(
        choices=choices,
        coerce=by_text.__getitem__,
        empty_value=None,
        widget=forms.RadioSelect if few else forms.Select,
        **common,
    )


def _text_widget(default: str) -> forms.Widget:
    long = len(default) > 80 or "\n" in default
    return forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput()


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
