"""Every sample of the docs runs: those of one section one after another, in a folder of their own."""

from pathlib import Path

import pytest

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
