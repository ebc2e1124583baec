"""Attachments: bytes and media inside a value, found in the order in which they stand, so that a number names one.

They come as bytes (which `engine.values` tags), as `data:` addresses, or as base64 text beside a media type. What they
are is told by their first bytes, never by what they say of themselves; names and types that came with them are foreign
text. Addresses of other machines and names of files are no attachments: nothing is fetched or read for a page.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hitl_portal.evidence.revealing import HIDDEN

# What browsers may show: the type by the first bytes. SVG is a program, and not among them.
BEGINNINGS = {
    re.compile(rb"\x89PNG\r\n\x1a\n"): "image/png",
    re.compile(rb"\xff\xd8\xff"): "image/jpeg",
    re.compile(rb"GIF8[79]a"): "image/gif",
    re.compile(rb"RIFF....WEBP", re.DOTALL): "image/webp",
    re.compile(rb"....ftypavi[fs]", re.DOTALL): "image/avif",
    re.compile(rb"%PDF-\d"): "application/pdf",
}
UNKNOWN = "application/octet-stream"
DATA_ADDRESS = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,", re.ASCII)
TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}$", re.ASCII)
TYPE_KEYS = ("mime_type", "media_type", "mimeType", "content_type")
NAME_KEYS = ("filename", "file_name", "name", "title", "filepath")
CONTENT_KEYS = ("content", "data", "blob", "base64")
SHORTEST = 16  # characters of base64; shorter ones are words
LONGEST_NAME = 120
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
UNSAFE = re.compile(r"[\\/:*?\"<>|\r\n\t]+")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """Bytes with the `name` and the type that came with them, both foreign. `number` is its place in the value."""

    number: int
    data: bytes
    name: str = ""
    said: str = ""

    def __str__(self) -> str:
        return f"{self.kept_as} ({self.size})"

    @cached_property
    def type(self) -> str:
        """What it is by its first bytes."""
        known = (named for start, named in BEGINNINGS.items() if start.match(self.data))
        return next(known, UNKNOWN)

    @property
    def is_image(self) -> bool:
        """Browsers may show it in the page."""
        return self.type.startswith("image/")

    @property
    def is_pdf(self) -> bool:
        """It begins as a PDF does."""
        return self.type == "application/pdf"

    @property
    def is_mistaken(self) -> bool:
        """It came with another type than the one that its first bytes have."""
        return bool(self.said) and self.said != self.type

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def pages(self) -> int:
        """How many pages a PDF seems to have; 0 where it does not tell."""
        return len(PAGE.findall(self.data)) if self.is_pdf else 0

    @property
    def kept_as(self) -> str:
        """A name under which it can be saved: without paths, controls and turned text, and never without any."""
        base = HIDDEN.sub("", UNSAFE.sub("_", self.name.rpartition("/")[2])).strip(" ._")[-LONGEST_NAME:]
        ending = self.type.rpartition("/")[2] if self.type != UNKNOWN else "bin"
        return base or f"attachment-{self.number}.{ending}"


def with_attachments(value: Any) -> Any:
    """The value with an Attachment wherever it holds bytes."""
    return _Finder().found(value, {})


def attachments_in(value: Any) -> Iterator[Attachment]:
    """Those of a value that `with_attachments` has made, in their order."""
    match value:
        case Attachment():
            yield value
        case Mapping():
            for item in value.values():
                yield from attachments_in(item)
        case list():
            for item in value:
                yield from attachments_in(item)


class _Finder:
    """Counts what it finds."""

    def __init__(self) -> None:
        self.count = 0

    def found(self, value: Any, beside: Mapping[str, Any], key: str = "") -> Any:
        """The value with its attachments; `beside` is the mapping in which it stands."""
        match value:
            case bytes():
                return self._attachment(value, beside)
            case str():
                return self._in_text(value, beside, key)
            case Mapping():
                return _alone({name: self.found(item, value, name) for name, item in value.items()})
            case list():
                return [self.found(item, {}) for item in value]
        return value

    def _in_text(self, text: str, beside: Mapping[str, Any], key: str) -> Any:
        if len(text) < SHORTEST:
            return text
        address = DATA_ADDRESS.match(text)
        if address:
            data = _from_base64(text[address.end() :])
            return text if data is None else self._attachment(data, beside, said=address[1] or "")
        if key in CONTENT_KEYS and _first(beside, TYPE_KEYS):
            data = _from_base64(text)
            known = data is not None and Attachment(number=0, data=data).type != UNKNOWN
            return self._attachment(data, beside) if known and data is not None else text
        return text

    def _attachment(self, data: bytes, beside: Mapping[str, Any], said: str = "") -> Attachment:
        number, self.count = self.count, self.count + 1
        said = said or _first(beside, TYPE_KEYS)
        return Attachment(
            number=number,
            data=data,
            name=_first(beside, NAME_KEYS)[-LONGEST_NAME:],
            said=said if TYPE.match(said) else "",
        )


def _alone(found: dict[str, Any]) -> Any:
    """The attachment of a mapping that says nothing else: what it came with, the attachment tells itself."""
    files = [item for item in found.values() if isinstance(item, Attachment)]
    rest = {
        name: item for name, item in found.items() if item is not None and not isinstance(item, Attachment)
    }
    if len(files) != 1 or len(rest) > 2:
        return found
    told = {name for name in rest if rest[name] == (files[0].said if name in TYPE_KEYS else files[0].name)}
    return files[0] if told == rest.keys() and rest.keys() <= {*TYPE_KEYS, *NAME_KEYS} else found


def _first(beside: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((found for key in keys if isinstance(found := beside.get(key), str) and found), "")


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
