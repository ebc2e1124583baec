"""What the page on security says is shown by tests that there are, and it speaks of every chapter."""

import ast
import re

from tests.docs.samples import REPOSITORY

PAGE = (REPOSITORY / "docs" / "security.md").read_text()
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
ROW = re.compile(r"^\| (?P<items>[\d., (L)]+) \| [^|]+ \| (?P<shown>[^|]+) \|$", re.MULTILINE)
CHAPTERS = 17
# How many items of the levels 1 and 2 each section of ASVS 5.0.0 has; they are the first ones of each.
ITEMS = """
1.1=2 1.2=9 1.3=11 1.4=3 1.5=2 2.1=3 2.2=3 2.3=4 2.4=1 3.2=2 3.3=4 3.4=6 3.5=5 3.7=2 4.1=3 4.2=1
4.3=2 4.4=4 5.1=1 5.2=3 5.3=2 5.4=3 6.1=3 6.2=12 6.3=4 6.4=4 6.5=5 6.6=3 6.8=4 7.1=3 7.2=4 7.3=2
7.4=5 7.5=2 7.6=2 8.1=2 8.2=3 8.3=1 8.4=1 9.1=3 9.2=4 10.1=2 10.2=2 10.3=4 10.4=11 10.5=5 10.6=2
10.7=3 11.1=2 11.2=3 11.3=3 11.4=4 11.5=1 11.6=1 12.1=3 12.2=2 12.3=4 13.1=1 13.2=5 13.3=2 13.4=5
14.1=2 14.2=4 14.3=3 15.1=3 15.2=3 15.3=7 16.1=1 16.2=5 16.3=4 16.4=3 16.5=3
"""


def names_in(path: str) -> set[str]:
    """The names of the tests of a file."""
    tree = ast.parse((REPOSITORY / "tests" / path).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in ast.walk(tree) if isinstance(each, functions)}


def test_each_test_that_is_named_is_there() -> None:
    named = set(NAMED.findall(PAGE))
    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not (REPOSITORY / "tests" / path).is_file() or name not in names_in(path)
    ]

    assert len(named) > 100
    assert missing == []


def test_nothing_else_looks_like_one() -> None:
    assert len(re.findall(r"\.py::", PAGE)) == len(NAMED.findall(PAGE))


def test_every_chapter_is_there_in_its_order() -> None:
    assert re.findall(r"^### V(\d+) ", PAGE, re.MULTILINE) == [
        str(number) for number in range(1, CHAPTERS + 1)
    ]


def test_each_item_stands_once_and_in_its_chapter() -> None:
    parts = re.split(r"^### V(\d+) ", PAGE, flags=re.MULTILINE)
    for chapter, text in zip(parts[1::2], parts[2::2], strict=True):
        items = [item for row in ROW.finditer(text) for item in re.findall(r"\d+\.\d+\.\d+", row["items"])]
        elsewhere = [item for item in items if not item.startswith(f"{chapter}.")]

        assert elsewhere == []
        assert len(items) == len(set(items)), chapter


def test_every_item_of_the_first_two_levels_is_spoken_of() -> None:
    """In a row, or where it says what is not applicable: there a whole section may be named."""
    said = PAGE.partition("### V1 ")[2]
    spoken = set(re.findall(r"(?<![\d.])\d+\.\d+\.\d+(?![\d.]*\d)", said))
    whole = set(re.findall(r"(?<![\d.])\d+\.\d+(?![\d.]*\d)", said))
    missing = [
        f"{section}.{number}"
        for section, count in (pair.split("=") for pair in ITEMS.split())
        for number in range(1, int(count) + 1)
        if f"{section}.{number}" not in spoken and section not in whole
    ]

    assert missing == []
