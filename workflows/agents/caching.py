"""ResultCache: what a tool gave back before, for the same arguments: in the process, or in a folder."""

import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflows.engine import values

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class ResultCache:
    """Keeps results for `ttl` seconds as the text that runs keep; with a `folder`, in one file each. A file that
    cannot be read is as good as none."""

    ttl: int
    folder: Path | None = None
    kept: dict[str, tuple[float, str]] = field(default_factory=dict)

    def find(self, key: str) -> str | None:
        """The text, while it is fresh."""
        until, text = self._read(key) if self.folder else self.kept.get(key, (0.0, ""))
        return text if until > time.time() else None

    def keep(self, key: str, text: str) -> None:
        """From now on."""
        entry = (time.time() + self.ttl, text)
        if self.folder is None:
            self.kept[key] = entry
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False, encoding="utf-8") as file:
            json.dump(entry, file)
        os.replace(file.name, self._file(key))  # noqa: PTH105  at once: nobody reads half a file

    def _read(self, key: str) -> tuple[float, str]:
        try:
            until, text = json.loads(self._file(key).read_text(encoding="utf-8"))
            return float(until), str(text)
        except FileNotFoundError:
            return 0.0, ""
        except (ValueError, TypeError) as broken:
            logger.warning("A cached result cannot be read, the tool is used again: %s", broken)
            return 0.0, ""

    def _file(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{key}.json"


def key_of(name: str, args: Mapping[str, Any]) -> str | None:
    """A key for the use of a tool; None for arguments that are no data."""
    try:
        text = json.dumps([name, values.tagged(dict(args))], sort_keys=True)
    except values.UnencodableValue:
        return None
    return hashlib.sha256(text.encode()).hexdigest()
