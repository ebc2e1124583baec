"""The forms of accounts."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

AUTO = ("auto", _("As the device"))
THEMES = [AUTO, ("light", _("Light")), ("dark", _("Dark"))]


class PreferencesForm(forms.Form):
    """What one browser prefers; kept in its cookies, so that the sign-in page knows it too."""

    theme = forms.ChoiceField(choices=THEMES, required=False)
    language = forms.ChoiceField(choices=[AUTO, *settings.LANGUAGES], required=False)
