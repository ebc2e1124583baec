"""Files that people choose; what is too large, or of another kind, is refused before it is read."""

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from hitl_portal.evidence.revealing import HIDDEN
from workflows.types import File, UserInputField
from workflows.types.field_checks import is_accepted, largest_of

LONGEST_NAME = 200


class UploadField(forms.FileField):
    """A `workflows.types.File`."""

    is_upload = True

    def __init__(self, about: UserInputField, **options: Any) -> None:
        attrs = {"accept": ",".join(about.accept)} if about.accept else {}
        super().__init__(widget=forms.FileInput(attrs), allow_empty_file=True, **options | {"initial": None})
        self.about = about

    def clean(self, data: Any, initial: Any = None) -> File | None:
        """The file, read; None where there is none."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        largest = largest_of(self.about)
        if upload.size > largest:
            said = _("The file is too large: %(size)s at most.")
            raise forms.ValidationError(said, params={"size": filesizeformat(largest)})
        name = HIDDEN.sub("", upload.name)[-LONGEST_NAME:] or "file"
        kind = str(upload.content_type or "")
        if not is_accepted(self.about.accept, name, kind):
            said = _("Only these files are taken: %(accept)s.")
            raise forms.ValidationError(said, params={"accept": ", ".join(self.about.accept or ())})
        return File(name=name, content=upload.read(), content_type=kind)
