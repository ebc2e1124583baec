"""The page of what was counted, docs/reliability.md: a section for each kind of trial, in the place of its last one."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = """# Reliability

What was promised, and what was counted. Each section says which command made it, and where.
"""


def put(title: str, command: str, text: str) -> None:
    """Write a section; the others stay as they are."""
    day = datetime.now(UTC).date()
    made = f"Written by `{command}` on {day} (Python {platform.python_version()}, {os.cpu_count()} cores)."
    known = PAGE.read_text() if PAGE.exists() else HEAD
    PAGE.write_text(with_section(known, title, f"{made}\n\n{text.strip()}\n"))


def with_section(page: str, title: str, body: str) -> str:
    """The page with this section, where it stood before or at the end."""
    section = f"## {title}\n\n{body}"
    before = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if before is None:
        return f"{page.rstrip()}\n\n{section}"
    rest = page[before.end() :]
    return "\n".join([page[: before.start()] + section, rest] if rest else [page[: before.start()] + section])
