"""File: what somebody has uploaded: its name, what it says to be, and its bytes."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

LARGEST = 5 * 1024 * 1024  # bytes, where a field does not say


@dataclass(frozen=True, kw_only=True)
class File:
    """A file as a step gets it. `name` and `content_type` are what the browser said: never trust them."""

    # A form made from a model or a signature shows such a field as an upload.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(json_schema_extra={"format": "file"})

    name: str
    content: bytes
    content_type: str = "application/octet-stream"

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)

    def __str__(self) -> str:
        return f"{self.name} ({self.content_type}, {self.size} bytes)"

    def to_dict(self) -> dict[str, Any]:
        """As an answer has it: name, content_type, size, sha256, and `data` in base64."""
        return {
            "name": self.name,
            "content_type": self.content_type,
            "size": self.size,
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "data": base64.b64encode(self.content).decode(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The file that `to_dict` described; only `name` and `data` must be there. ValueError where they do not fit."""
        name, written = data.get("name"), data.get("data")
        if not isinstance(name, str) or not name or not isinstance(written, str):
            raise ValueError("a file needs a name and its data in base64")
        try:
            content = base64.b64decode(written, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("the data of a file must be base64") from None
        kind = data.get("content_type")
        return cls(name=name, content=content, content_type=kind if isinstance(kind, str) else "")
