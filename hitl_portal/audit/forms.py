"""Which run is to be verified."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RunForm(forms.Form):
    """A run by its id."""

    run = forms.UUIDField(label=_("The run's id"), help_text=_("As it stands in the address of its page."))
