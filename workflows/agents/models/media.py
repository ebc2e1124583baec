"""Media: images, sound, films and files of a user's message, as a model is shown them.

An item is an address (http, https, data), a file name, bytes, or something that has one of these as `url`,
`filepath` or `content`. A file name is read with the rights of this process: whoever lets strangers name media checks
the names first.
"""

import mimetypes
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic_ai.messages import AudioUrl, BinaryContent, DocumentUrl, ImageUrl, UserContent, VideoUrl

from workflows.agents.errors import MediaUnreadable

ADDRESSES: dict[str, type[ImageUrl | VideoUrl | AudioUrl | DocumentUrl]] = {
    "images": ImageUrl,
    "videos": VideoUrl,
    "audio": AudioUrl,
    "files": DocumentUrl,
}
OTHERWISE = {
    "images": "image/png",
    "videos": "video/mp4",
    "audio": "audio/mpeg",
    "files": "application/pdf",
}
BEGINNINGS = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"%PDF": "application/pdf",
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
}
FORMS = ("url", "filepath", "content")
TYPES = ("mime_type", "media_type")


def content(kind: str, item: Any) -> UserContent:
    """One item. Raises MediaUnreadable."""
    value, said = _value(item)
    if isinstance(value, bytes):
        return BinaryContent(data=value, media_type=said or _of_bytes(kind, value))
    if not isinstance(value, str | PathLike):
        raise MediaUnreadable(f"{kind}: {type(item).__name__} is no address, file name or bytes")
    name = fspath(value)
    if name.startswith(("http://", "https://")):
        guessed = mimetypes.guess_type(urlsplit(name).path)[0]
        return ADDRESSES[kind](url=name, media_type=said or guessed or OTHERWISE[kind])
    return _data(kind, name) if name.startswith("data:") else _file(kind, name, said)


def _value(item: Any) -> tuple[Any, str | None]:
    """What is shown, and of what type it is said to be."""
    if isinstance(item, bytes | str | PathLike):
        return item, None
    named = item if isinstance(item, Mapping) else {name: getattr(item, name, None) for name in FORMS + TYPES}
    value = next((named[form] for form in FORMS if named.get(form)), None)
    return value, next((named[name] for name in TYPES if named.get(name)), None)


def _data(kind: str, address: str) -> BinaryContent:
    try:
        return BinaryContent.from_data_uri(address)
    except ValueError as wrong:
        raise MediaUnreadable(f"{kind}: {wrong}") from None


def _file(kind: str, name: str, said: str | None) -> BinaryContent:
    try:
        data = Path(name).read_bytes()
    except (OSError, ValueError) as wrong:  # ValueError: a name that no file can have
        raise MediaUnreadable(f"{kind}: {wrong}") from None
    return BinaryContent(data=data, media_type=said or mimetypes.guess_type(name)[0] or _of_bytes(kind, data))


def _of_bytes(kind: str, data: bytes) -> str:
    if data[:4] == b"RIFF":
        return "image/webp" if data[8:12] == b"WEBP" else "audio/wav"
    found = (media_type for beginning, media_type in BEGINNINGS.items() if data.startswith(beginning))
    return next(found, "text/plain" if kind == "files" and _is_text(data) else OTHERWISE[kind])


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
