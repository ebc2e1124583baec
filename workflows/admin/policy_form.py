"""The form of a workflow in Django admin: whether it may be started, and its policy, a field for what is said often."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from workflows.models import Workflow
from workflows.types import Circle, ReviewPolicy

if TYPE_CHECKING:
    WorkflowModelForm = forms.ModelForm[Workflow]
else:
    WorkflowModelForm = forms.ModelForm

SAID = [("", "not said"), ("true", "yes"), ("false", "no")]
CIRCLES = ("deciders", "viewers")
SINGLE = ("quorum", "rejections", "four_eyes", "exclusive", "hold", "due")


def groups_field(label: str, help_text: str) -> forms.MultipleChoiceField:
    """Some groups, by name."""
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, required=False, widget=widget, help_text=help_text)


def names_field(label: str) -> forms.CharField:
    """Some people, by user name."""
    return forms.CharField(label=label, required=False, help_text=_("User names, with commas between them."))


def expression_field(label: str) -> forms.CharField:
    """More of them, said by an expression over the run's input."""
    return forms.CharField(
        label=label,
        required=False,
        help_text=_(
            "A place in the run's input that holds their names (input.owner), or a CEL expression. What cannot"
            " be computed leaves it to admins."
        ),
    )


def flag_field(help_text: str) -> forms.TypedChoiceField:
    """Yes, no, or nothing said."""
    return forms.TypedChoiceField(
        choices=SAID,
        required=False,
        coerce=lambda given: {"true": True, "false": False}[given],
        empty_value=None,
        help_text=help_text,
    )


class WorkflowForm(WorkflowModelForm):
    """Builds `policy` from its fields; `more` holds the rest of it as JSON, so that nothing is lost."""

    decider_groups = groups_field(
        "Groups that decide", "None, and nobody below: every reviewer and admin may."
    )
    decider_users = names_field("People who decide")
    decider_groups_by = expression_field("Groups that decide, by the input")
    decider_users_by = expression_field("People who decide, by the input")
    viewer_groups = groups_field("Groups that may see it", "Besides those who decide.")
    viewer_users = names_field("People who may see it")
    viewer_groups_by = expression_field("Groups that may see it, by the input")
    viewer_users_by = expression_field("People who may see it, by the input")
    quorum = forms.CharField(
        required=False,
        help_text=_('How many must agree: a number, or "each group" for one person of each group.'),
    )
    rejections = forms.IntegerField(
        required=False, min_value=1, help_text=_("How many must say no; one, if empty.")
    )
    four_eyes = flag_field("Whether the requester may not decide.")
    exclusive = flag_field("Whether nobody decides what another one has claimed.")
    hold = forms.FloatField(
        required=False,
        min_value=0,
        help_text=_("For how many seconds a decision can be undone before it counts."),
    )
    due = forms.FloatField(
        required=False, min_value=0, help_text=_("Within how many seconds it should be decided.")
    )
    more = forms.JSONField(
        required=False,
        help_text=_(
            "The rest of the policy as JSON: priority, risk, irreversible, remind_after, escalate,"
            " business_hours."
        ),
    )

    class Meta:
        model = Workflow
        fields = ["enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = dict(self.instance.policy)
        choices = _groups(said)
        for circle, prefix in zip(CIRCLES, ("decider", "viewer"), strict=True):
            named = members(said.get(circle))
            field = self.fields[f"{prefix}_groups"]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = choices
            self.initial.update(
                {
                    f"{prefix}_groups": list(named.groups),
                    f"{prefix}_users": ", ".join(named.users),
                    f"{prefix}_groups_by": named.groups_by,
                    f"{prefix}_users_by": named.users_by,
                }
            )
        for name in SINGLE:
            flag = isinstance(said.get(name), bool)
            self.initial[name] = str(said[name]).lower() if flag else said.get(name)
        rest = {name: value for name, value in said.items() if name not in (*CIRCLES, *SINGLE)}
        self.initial["more"] = rest

    def clean(self) -> dict[str, Any]:
        """Each part is refused at its field."""
        cleaned = super().clean() or self.cleaned_data
        policy = {}
        for field, name, value in self._parts(cleaned):
            try:
                ReviewPolicy.from_dict({name: value})
            except (TypeError, AttributeError, ValueError) as wrong:
                self.add_error(field, str(wrong))
            policy[name] = value
        self.instance.policy = policy
        return cleaned

    def _parts(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
        """What was filled in: the field, the policy's word for it, the value."""
        for circle, prefix in zip(CIRCLES, ("decider", "viewer"), strict=True):
            yield from _circle(cleaned, circle, prefix)
        for name in SINGLE:
            value = cleaned.get(name)
            if value not in (None, ""):
                yield name, name, _number(value) if name == "quorum" else value
        more = cleaned.get("more") or {}
        if not isinstance(more, dict):
            self.add_error("more", "This is not a JSON object.")
            return
        for name, value in more.items():
            if name in (*CIRCLES, *SINGLE):
                self.add_error("more", f"{name} has a field of its own.")
            else:
                yield "more", name, value


def _circle(cleaned: dict[str, Any], circle: str, prefix: str) -> Iterator[tuple[str, str, Any]]:
    users = [name.strip() for name in cleaned.get(f"{prefix}_users", "").split(",") if name.strip()]
    groups = cleaned.get(f"{prefix}_groups", [])
    by = {name: cleaned.get(f"{prefix}_{name}", "") for name in ("groups_by", "users_by")}
    said = {name: expression for name, expression in by.items() if expression}
    if users or groups or said:
        at = f"{prefix}_{next(iter(said))}" if said else f"{prefix}_groups"
        yield at, circle, {"groups": groups, "users": users} | said


def _groups(said: dict[str, Any]) -> list[tuple[str, str]]:
    """Every group there is, and those that the policy names before there are any."""
    there = set(Group.objects.values_list("name", flat=True))
    named = {name for circle in CIRCLES for name in members(said.get(circle)).groups}
    missing = [(name, f"{name} (there is no such group yet)") for name in sorted(named - there)]
    return [(name, name) for name in sorted(there)] + missing


def members(circle: Any) -> Circle:
    """A circle as it may be written; of what cannot be read, nobody."""
    try:
        return ReviewPolicy(deciders=circle).deciders or Circle()
    except ValueError:
        return Circle()


def _number(text: str) -> int | str:
    return int(text) if text.strip().isdigit() else text.strip()
