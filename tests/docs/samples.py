"""Samples: the code of a text, found and run as a module of its own."""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```python.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A piece of code and the line at which it stands in its text, from 1."""

    code: str
    line: int


def fenced(text: str) -> list[Sample]:
    """The Python samples between fences, in order."""
    return [
        Sample(code=found[1], line=text.count("\n", 0, found.start(1)) + 1) for found in FENCED.finditer(text)
    ]


def sections(text: str) -> dict[str, list[Sample]]:
    """The samples under each heading of the second level that has any."""
    headings = [(found.start(), found[1]) for found in HEADING.finditer(text)]
    found: dict[str, list[Sample]] = {}
    for sample in fenced(text):
        offset = len("".join(text.splitlines(keepends=True)[: sample.line - 1]))
        title = [title for start, title in headings if start < offset][-1]
        found.setdefault(title, []).append(sample)
    return found


@contextmanager
def module(name: str, given: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """The namespace of a module that can be imported meanwhile, so that its classes can be found by their names."""
    made = ModuleType(name)
    vars(made).update(given or {})
    sys.modules[name] = made
    try:
        yield vars(made)
    finally:
        del sys.modules[name]


def run(sample: Sample, source: str, namespace: dict[str, Any]) -> None:
    """Run a sample; tracebacks show where it stands in its text."""
    code = compile("\n" * (sample.line - 1) + sample.code, source, "exec")
    exec(code, namespace)
