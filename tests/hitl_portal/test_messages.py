"""Every word that people read is in every language, whole and fresh."""

import ast
from pathlib import Path

import pytest
from babel.messages import Catalog

from hitl_portal.settings import BASE_DIR
from tests.messages.catalogs import (
    TEMPLATES,
    as_mo,
    as_po,
    languages,
    merged,
    mo_file,
    po_file,
    written_catalog,
)
from tests.messages.faults import faults
from tests.messages.plain_text import untranslated
from tests.messages.plain_words import untranslated_words

READ_BY_PEOPLE = [
    path
    for folder in ("hitl_portal", "workflows/admin", "workflows/models")
    for path in sorted((BASE_DIR / folder).rglob("*.py"))
    if not {"migrations", "management", "api", "mcp"} & set(path.parts)
]


@pytest.mark.parametrize("language", languages())
def test_every_message_is_translated(language: str) -> None:
    assert faults(merged(language)) == [], "`make messages` adds them; then translate"


@pytest.mark.parametrize("language", languages())
def test_the_catalog_holds_what_the_sources_say_and_no_more(language: str) -> None:
    assert po_file(language).read_bytes() == as_po(merged(language)), "run `make messages`"


@pytest.mark.parametrize("language", languages())
def test_what_is_read_at_run_time_is_what_was_written(language: str) -> None:
    assert mo_file(language).read_bytes() == as_mo(written_catalog(language)), "run `make messages`"


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_text_of_a_template_is_out_of_reach(path: Path) -> None:
    assert untranslated(path.read_text()) == []


@pytest.mark.parametrize("path", READ_BY_PEOPLE, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_no_words_in_code_are_out_of_reach(path: Path) -> None:
    assert untranslated_words(path.read_text()) == []


@pytest.mark.parametrize("path", sorted((BASE_DIR / "static/js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_say_nothing_of_their_own(path: Path) -> None:
    code = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("//"))
    assert _shown(code) == []


def _shown(code: str) -> list[str]:
    """What is put before people as a literal."""
    marks = (
        "textContent = ",
        "innerText = ",
        "title = ",
        "alert(",
        "confirm(",
        'setAttribute("aria-label", ',
    )
    starts = [line.split(mark, 1)[1] for line in code.splitlines() for mark in marks if mark in line]
    return [start for start in starts if start.startswith(('"', "'")) and any(map(str.isalpha, start))]


def test_a_missing_translation_is_found() -> None:
    catalog = Catalog()
    catalog.add("Approve", "")
    assert faults(catalog) == ["not translated: 'Approve'"]


def test_a_doubtful_translation_is_found() -> None:
    catalog = Catalog()
    catalog.add("Approve", "Genehmigen", flags=["fuzzy"])
    assert faults(catalog) == ["fuzzy: 'Approve'"]


def test_other_placeholders_are_found() -> None:
    catalog = Catalog(locale="de")
    catalog.add("%(name)s is away", "%(nmae)s ist weg")
    catalog.add(("%(number)s day", "%(number)s days"), ("ein Tag", "%(number)s Tage"))
    assert faults(catalog) == ["other placeholders: '%(name)s is away'"]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Approve</p>", ["Approve"]),
        ('<a title="Open it" href="/">{{ name }}</a>', ["Open it"]),
        ("{{ name|default:'Nobody is here' }}", ["|default:'Nobody is here'"]),
        ("{{ number }}{{ number|pluralize }}", ["|pluralize"]),
        ("<p>{% translate 'Approve' %} · HITL Portal</p><code>approve</code>", []),
        ("{% blocktranslate %}Approve <b>{{ it }}</b>{% endblocktranslate %}", []),
    ],
)
def test_text_out_of_reach_is_found_in_templates(template: str, found: list[str]) -> None:
    assert untranslated(template) == found


def test_words_out_of_reach_are_found_in_code() -> None:
    code = ast.unparse(
        ast.parse('messages.info(request, "Saved."); CharField(label=_("Name"), help_text="Any.")')
    )
    assert sorted(untranslated_words(code)) == ["Any.", "Saved."]
