"""What is wrong with a translation: it is missing or doubtful, or its placeholders are not those of the source."""

import re
from collections.abc import Iterator

from babel.messages import Catalog, Message

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z%]|\{\w+\}")


def faults(catalog: Catalog) -> list[str]:
    """One line for each fault, with the message that has it."""
    return [
        f"{fault}: {_forms(message.id)[0]!r}"
        for message in catalog
        if message.id
        for fault in _faults(message)
    ]


def _faults(message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "fuzzy"
    source, translated = _forms(message.id), _forms(message.string)
    if len(translated) < len(source) or not all(translated):
        yield "not translated"
    else:
        wanted = placeholders(source[-1])
        # Singular forms may say "one" instead of the number; plural ones may not.
        if placeholders(translated[-1]) != wanted or not placeholders(translated[0]) <= wanted:
            yield "other placeholders"
        if len(source) == 1 and _edges(source[0]) != _edges(translated[0]):
            yield "other white space at its ends"


def placeholders(text: str) -> set[str]:
    """What is filled into a text."""
    return set(PLACEHOLDER.findall(text))


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _edges(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()
