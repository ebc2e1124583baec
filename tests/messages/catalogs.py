"""A language's catalog: what the sources say, what its .po file says of it, and the .mo file that is read at run time.

GNU gettext is not needed: Babel reads Python, and Django's own reading of templates turns them into Python.
"""

from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from hitl_portal.settings import BASE_DIR

LOCALES = BASE_DIR / "locale"
SOURCES = ("hitl_portal", "workflows")
TEMPLATES = BASE_DIR / "templates"
CALLS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LINE = 120


def languages() -> list[str]:
    """The languages that have a catalog."""
    return sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/django.po"))


def po_file(language: str) -> Path:
    """Where a language's words are written."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def mo_file(language: str) -> Path:
    """Where they are read from."""
    return po_file(language).with_suffix(".mo")


def source_catalog() -> Catalog:
    """Every message of code and templates, with the files that it is in."""
    catalog = Catalog(charset="utf-8")
    for name, text in _python_sources():
        for line, message, comments, context in extract(
            "python", BytesIO(text.encode()), CALLS, ["Translators:"]
        ):
            catalog.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return catalog


def written_catalog(language: str) -> Catalog:
    """What the .po file says."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def merged(language: str) -> Catalog:
    """The written catalog with the messages that the sources have now; what they lost is gone."""
    catalog = written_catalog(language)
    revised, created = catalog.revision_date, catalog.creation_date
    catalog.update(source_catalog(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    # Dates in the file would make every merge of two people's work a conflict.
    catalog.revision_date, catalog.creation_date = revised, created
    catalog.msgid_bugs_address = ""
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """The text of the .po file: no line numbers, which change with every edit elsewhere."""
    file = BytesIO()
    write_po(file, catalog, width=LINE, include_lineno=False, sort_by_file=True)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """The compiled catalog."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def _python_sources() -> Iterator[tuple[str, str]]:
    for folder in SOURCES:
        for path in sorted((BASE_DIR / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield _name(path), path.read_text()
    for path in sorted(TEMPLATES.rglob("*.html")):
        # What is no message comes out as words in a row; without their indentation it is Python enough.
        lines = StringIO(templatize(path.read_text(), origin=str(path)))
        yield _name(path), "".join(f"{line.strip()}\n" for line in lines)


def _name(path: Path) -> str:
    return path.relative_to(BASE_DIR).as_posix()
