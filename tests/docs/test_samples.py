"""Every sample of the docs runs: those of one section one after another, in a folder of their own."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.pages import imports
from tests.docs.samples import REPOSITORY, Sample, module, run, sections

PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
SECTIONS = {
    f"{page.name}: {title}": (page, samples)
    for page in PAGES
    for title, samples in sections(page.read_text()).items()
}


@pytest.mark.parametrize(("page", "samples"), SECTIONS.values(), ids=SECTIONS)
def test_the_samples_of_a_section_run(page: Path, samples: list[Sample], folder: Path) -> None:
    with module("sample") as namespace:
        for sample in samples:
            run(sample, str(page), namespace)


@pytest.mark.parametrize(("there", "here"), imports().items())
def test_the_table_of_imports_names_modules_of_ours(there: str, here: str) -> None:
    assert import_module(here).__name__.startswith("workflows")
    assert there.startswith("agno")
