"""The pages that the product follows, read where they lie beside the checkout; nothing of them is kept here.

Their code is found at test time. One of them has lost its indentation, and samples leave things out; what is done
about that is done here, by rules and not by hand.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import workflows
from tests.docs.samples import REPOSITORY, Sample, fenced

FOLDER = REPOSITORY.parent / "shared" / "seeds"

# A line of text that is not code: it begins with a word, or is a row of a table, or a point of a list.
PROSE = re.compile(r"\d\. |[A-Z][\w\u2019'-]*[,;:.]?( |$)|@\w+\(.*\)[ A-Z]|\||•|[^#]* \| ")
IMPORT = re.compile(r"^(\s*from )(agno[\w.]*)( import)", re.MULTILINE)
MAPPED = re.compile(r"^\| `(agno[\w.]*)` \| `([\w.]+)` \|$", re.MULTILINE)
OPENS_AFRESH = re.compile(r"(def|from|import|workflow =|class)\b")
# What is said about the run as a whole stands directly in the block that asks whether the run is paused.
ABOUT_THE_RUN = re.compile(r"(session|run_output) =|for \w+ in run_output\.|for .*continue_run\(")
# A block that has nothing but this.
HANDLED = re.compile(r"^( +)# You handle any active requirements here$", re.MULTILINE)
PAUSED = re.compile(r"(if|while) run_output\.is_paused:")
LEAVES = re.compile(r"(return|pass|break|continue|raise)\b")


def page(number: str) -> str:
    """The text of a page by its first three digits; empty where the pages are not there."""
    found = sorted(FOLDER.glob(f"{number}_*.txt"))
    return found[0].read_text() if found else ""


@cache
def samples(number: str) -> tuple[Sample, ...]:
    """The code of a page, in order, with our imports and nothing left out."""
    text = page(number)
    found = fenced(text) if "```python" in text else list(unfenced(text))
    return tuple(Sample(code=completed(sample.code), line=sample.line) for sample in found)


def sample(number: str, heading: str, index: int = 0) -> Sample:
    """The sample with that index among those after a heading."""
    lines = [line.lstrip("# ").strip() for line in page(number).splitlines()]
    at = len(lines) - lines[::-1].index(heading) if heading else 0
    return [found for found in samples(number) if found.line > at][index]


def imports() -> dict[str, str]:
    """Which module is which, from the table that authors read."""
    return dict(MAPPED.findall((REPOSITORY / "docs" / "from-agno.md").read_text()))


def completed(code: str) -> str:
    """The code with imports from here, and with names in the places of what it leaves out."""
    known = imports()
    code = IMPORT.sub(lambda found: found[1] + known.get(found[2], found[2]) + found[3], code)
    code = HANDLED.sub(r"\1handle(requirement)", code)
    return code.replace(", ...)", ", **the_rest)").replace("[...]", "[*some_steps]")


def perform(sample: Sample, namespace: dict[str, Any]) -> list[Any]:
    """Run a sample in a namespace, and give the values of the expressions that stand there for themselves.

    What a sample uses without importing it is found among our public names, where the namespace does not have it.
    """
    tree = ast.parse("\n" * (sample.line - 1) + sample.code)
    values: list[Any] = []
    for index, statement in enumerate(tree.body):
        if isinstance(statement, ast.Expr):
            kept = ast.Call(func=ast.Name(id="_kept", ctx=ast.Load()), args=[statement.value], keywords=[])
            tree.body[index] = ast.copy_location(ast.Expr(value=kept), statement)
    public = {name: getattr(workflows, name) for name in workflows.__all__}
    namespace.update(public | namespace | {"_kept": values.append})
    exec(compile(ast.fix_missing_locations(tree), str(FOLDER), "exec"), namespace)
    return values


def unfenced(text: str) -> Iterator[Sample]:
    """The code of a text that has lost its fences: the paragraphs between lines of prose that can be compiled."""
    lines = text.splitlines()
    begin = 0
    for end, line in enumerate([*lines, "End"]):
        if not PROSE.match(line):
            continue
        code = "\n".join(lines[begin:end]).strip("\n")
        made = code if _compiles(code) else indented(code)
        if any(mark in code for mark in "(=#") and _compiles(made):
            yield Sample(code=made, line=begin + 1)
        begin = end + 1


def indented(code: str) -> str:
    """Code that has lost its indentation, with one that it may have had."""
    indenter = Indenter()
    return "\n".join(map(indenter.line, code.splitlines()))


class Indenter:
    """Where the lines of a code without indentation stand: `paused` is how deep the block is that asks whether the
    run is paused, `left` says that the block before has ended with a `return` or the like."""

    def __init__(self) -> None:
        self.depth, self.paused, self.brackets, self.left = 0, 0, 0, False

    def line(self, line: str) -> str:
        """The next line."""
        if self.brackets == 0:
            self._place(line)
        placed = "    " * self.depth + line
        self.brackets += sum((sign in "([{") - (sign in ")]}") for sign in line)
        if self.brackets == 0:
            self.left = bool(LEAVES.match(line))
            self.depth = max(self.depth + line.endswith(":") - self.left, 0)
        return placed

    def _place(self, line: str) -> None:
        if OPENS_AFRESH.match(line) or PAUSED.match(line):
            self.depth, self.paused = 0, int(bool(PAUSED.match(line)))
        elif ABOUT_THE_RUN.match(line):
            self.depth = self.paused
        elif line.startswith(("else:", "elif ")) and not self.left:
            self.depth -= 1


def _compiles(code: str) -> bool:
    try:
        ast.parse(completed(code))
    except SyntaxError:
        return False
    return True
