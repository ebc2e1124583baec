"""One of several, and several of several; and lists, of which each line is an item."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hitl_portal.evidence.revealing import revealed
from hitl_portal.fields.text import ReadField, text_area

FEW = 4  # so many choices are shown as buttons, more as a list

READERS: dict[str, Callable[[str], Any]] = {"int": int, "float": float}


class ListField(ReadField):
    """A list of which each line is an item; empty lines are none."""

    def __init__(self, *, items: str, initial: Any = None, **options: Any) -> None:
        shown = "\n".join(str(item) for item in initial or ())
        super().__init__(initial=shown, widget=text_area(shown, least=3), **options)
        self.items, self.empty = items, []

    def read(self, text: str) -> Any:
        """The items."""
        lines = [line.strip() for line in text.split("\n")]
        return [self._item(line, number) for number, line in enumerate(lines, 1) if line]

    def _item(self, line: str, number: int) -> Any:
        read = READERS.get(self.items)
        try:
            item = read(line) if read is not None else line
        except ValueError:
            item = None
        is_finite = not isinstance(item, float) or abs(item) < float("inf")
        if item is None or not is_finite:
            said = _("Line %(number)d is no number: %(line)s")
            raise forms.ValidationError(said, params={"number": number, "line": line[:60]})
        return item

    @staticmethod
    def can_show(items: str | None, value: Any) -> bool:
        """Whether each item of a value can stand on a line of its own."""
        if items is None or not isinstance(value, list | None):
            return False
        texts = [str(item) for item in value or ()]
        return all(text and text == text.strip() and "\n" not in text and "\r" not in text for text in texts)


def choice(allowed: list[Any], common: dict[str, Any], names: Mapping[Any, Any] | None = None) -> forms.Field:
    """One of a few, as buttons; of many, from a list."""
    by_text = {str(value): value for value in allowed}
    choices: list[tuple[str, Any]] = [
        (str(value), (names or {}).get(value, revealed(value))) for value in allowed
    ]
    few = len(choices) <= FEW
    if not few or not common["required"]:
        choices.insert(0, ("", _("No answer") if few else "—"))
    return forms.TypedChoiceField(
        choices=choices,
        coerce=lambda value: by_text[str(value)],
        empty_value=None,
        widget=forms.RadioSelect if few else forms.Select,
        **common,
    )


def choices(allowed: list[Any], common: dict[str, Any]) -> forms.Field:
    """Any number of them."""
    by_text = {str(value): value for value in allowed}
    return forms.TypedMultipleChoiceField(
        choices=[(str(value), revealed(value)) for value in allowed],
        coerce=lambda value: by_text[str(value)],
        empty_value=[],
        widget=forms.CheckboxSelectMultiple,
        **common,
    )
