"""Keys: what single keys do in the inbox, which ones as it comes, and what a person has put in their place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hitl_portal import zones
from hitl_portal.inbox.models import Preferences


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something a key does."""

    name: str
    key: str
    does: Any


ACTIONS = (
    Action(name="next", key="j", does=_("Next in the list")),
    Action(name="previous", key="k", does=_("Previous in the list")),
    Action(name="open", key="o", does=_("Open (so does Enter)")),
    Action(name="approve", key="a", does=_("Approve what is open, or what is ticked")),
    Action(name="reject", key="r", does=_("Write a reason; nothing is sent")),
    Action(name="select", key="x", does=_("Tick, or untick")),
    Action(name="extend", key="J", does=_("Tick, and on to the next")),
    Action(name="extend_back", key="K", does=_("Tick, and back to the previous")),
    Action(name="claim", key="c", does=_("Claim what is open, or what is ticked; or give it back")),
    Action(name="later", key="s", does=_("Put off")),
    Action(name="undo", key="z", does=_("Undo the last decision")),
    Action(name="following", key="n", does=_("After a decision: the next one")),
    Action(name="search", key="/", does=_("Search")),
    Action(name="back", key="u", does=_("Back to the list; untick everything")),
    Action(name="help", key="?", does=_("Show the keys")),
)
NAMES = {action.name for action in ACTIONS}


def keys_of(preferences: Preferences) -> list[Action]:
    """The actions with this person's keys."""
    kept = preferences.keys if isinstance(preferences.keys, dict) else {}
    return [
        Action(name=action.name, key=str(kept.get(action.name) or action.key), does=action.does)
        for action in ACTIONS
    ]


class PreferencesForm(forms.Form):
    """How a person works. Each action has one key; two with the same one are refused."""

    keys_on = forms.BooleanField(label=_("Single keys do something"), required=False)
    advance = forms.BooleanField(
        label=_("After a decision, open the next item of the view by itself"), required=False
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, preferences: Preferences, data: Mapping[str, Any] | None = None) -> None:
        kept = {name: getattr(preferences, name) for name in ("keys_on", "advance", "time_zone")}
        super().__init__(data, initial=kept)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [("", _("As the device")), *zones.by_region()]
        self.preferences = preferences
        for action in keys_of(preferences):
            self.fields[f"key_{action.name}"] = forms.CharField(
                label=action.does,
                initial=action.key,
                max_length=1,
                strip=True,
                widget=forms.TextInput(
                    attrs={"class": "key", "autocomplete": "off", "autocapitalize": "off"}
                ),
            )

    def keys(self) -> "list[forms.BoundField]":
        """The fields of the keys."""
        return [self[f"key_{action.name}"] for action in ACTIONS]

    def clean(self) -> dict[str, Any]:
        taken: dict[str, str] = {}
        for action in ACTIONS:
            name = f"key_{action.name}"
            key = self.cleaned_data.get(name)
            if key and key in taken:
                self.add_error(name, _("This key does something else already."))
            elif key:
                taken[key] = name
        return self.cleaned_data

    def save(self) -> None:
        """Keep what differs from how it comes."""
        chosen = {action.name: self.cleaned_data[f"key_{action.name}"] for action in ACTIONS}
        kept = self.preferences
        kept.keys = {
            action.name: chosen[action.name] for action in ACTIONS if chosen[action.name] != action.key
        }
        for name in ("keys_on", "advance", "time_zone"):
            setattr(kept, name, self.cleaned_data[name])
        kept.save()
