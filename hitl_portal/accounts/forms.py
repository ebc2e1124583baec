"""The forms of accounts."""

from django import forms
from django.utils.translation import gettext_lazy as _

THEMES = [("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]


class PreferencesForm(forms.Form):
    """What one browser prefers; kept in its cookies, so that the sign-in page knows it too."""

    theme = forms.ChoiceField(choices=THEMES, required=False)
