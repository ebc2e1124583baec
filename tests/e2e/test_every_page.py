"""Every page and state, in both themes and at both widths: axe finds nothing, nothing sticks out, and a picture is
kept, under `screenshots` in the folder that ARTIFACTS names (`var/artifacts` where it is not set).

By default each place is looked at twice: half of them wide and light, then narrow and dark, the other half the other
way round. So each place has both themes and both widths, and what many pages share has all four. axe, which takes most
of the time, looks at each place in one of them: half of the places wide, half narrow. Where TURNS is set, half of the
places have their turn, the other half after the next seed of the other parity. `-m long` does everything in all four
everywhere.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Literal
from zlib import crc32

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Pages, new_database_url
from tests.e2e.gallery.places import IN_GERMAN, PLACES, Place, Visit
from tests.e2e.portal import ROOT, Portal, free_port

FILL = "from tests.e2e.gallery.filling import fill; fill()"
SCREENSHOTS = Path(os.environ.get("ARTIFACTS") or ROOT / "var" / "artifacts") / "screenshots"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
Width = Literal["wide", "phone"]
SIZES: dict[Width, tuple[int, int]] = {"wide": (1440, 1100), "phone": (390, 844)}
Look = tuple[Width, Theme]
CROSSED: tuple[tuple[Look, Look], ...] = (
    (("wide", "light"), ("phone", "dark")),
    (("wide", "dark"), ("phone", "light")),
)
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What the browser says of pages that come with such a status is meant.
MEANT = ("400", "403", "404", "409", "410", "422", "500")
AXE = """async (rules) => (await axe.run(document, {resultTypes: ["violations"], runOnly: rules})).violations.map(
  ({id, impact, nodes}) => `${impact} ${id}: ${nodes.map(({html}) => html.slice(0, 140)).join(" | ")}`)"""
STICKING_OUT = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map((each) => `sticks out: ${each.outerHTML.slice(0, 140)}`)"""


def has_turn(place: Place) -> bool:
    """Whether it is looked at in this run."""
    seed = os.environ.get("TURNS")
    return not seed or (crc32(place.name.encode()[::-1]) + int(seed)) % 2 == 0


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give a running portal that knows the workflows of the gallery as well."""
    directory = tmp_path_factory.mktemp("portal")
    running = Portal(directory=directory, database_url=new_database_url(), port=free_port())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HITL_WORKFLOWS", "tests.e2e.gallery.flows")
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="module")
def addresses(portal: Portal) -> dict[str, str]:
    """Fill the portal; where everything is."""
    found: dict[str, str] = json.loads(portal.command("shell", "-v", "0", "-c", FILL))
    return found


@pytest.fixture(scope="module")
def visitors(browser: Browser, portal: Portal) -> Iterator[Pages]:
    """Keep one browser profile for each person: to make a new one for each page takes longer than the page."""
    opened = Pages(browser=browser, portal=portal)
    yield opened
    opened.close()


@pytest.fixture
def visit(visitors: Pages, portal: Portal, addresses: dict[str, str], place: Place) -> Iterator[Visit]:
    """Go to the place, as who looks there."""
    context = visitors.profile(
        place.person, reduced_motion="reduce", viewport={"width": 1440, "height": 1100}
    )
    page = visitors.open_in(context, tolerate=MEANT)
    visit = Visit(page=page, portal=portal, addresses=addresses)
    place.way(visit)
    yield visit
    page.close()
    complaints, visitors.complaints[:] = visitors.complaints[:], []
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("place", [one for one in PLACES if has_turn(one)], ids=lambda place: place.name)
def test_every_page_is_open_to_everybody(visit: Visit, place: Place) -> None:
    # By its name, so that a place keeps its looks when another one is added.
    chosen = crc32(place.name.encode())
    looks = CROSSED[chosen % 2]
    assert faults(visit, place, looks, by_axe=[looks[chosen // 2 % 2]]) == []


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_every_page_is_open_to_everybody_in_each_look(visit: Visit, place: Place) -> None:
    looks = list(product(SIZES, THEMES))
    assert faults(visit, place, looks, by_axe=looks) == []


@pytest.mark.parametrize("place", IN_GERMAN, ids=lambda place: place.name)
def test_longer_words_fit_on_a_phone(visit: Visit, place: Place) -> None:
    page = visit.page
    page.context.add_cookies([{"name": "hitl_language", "value": "de", "url": visit.portal.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    place.way(visit)
    page.context.clear_cookies(name="hitl_language")
    assert page.locator("html").get_attribute("lang") == "de"
    picture(page, f"{place.name}-phone-light-de")
    assert page.evaluate(STICKING_OUT) == []


def faults(visit: Visit, place: Place, looks: Iterable[Look], *, by_axe: Sequence[Look]) -> list[str]:
    """What is wrong with the page in these looks; each leaves a picture. `by_axe`: those that axe looks at as well."""
    visit.page.evaluate(AXE_SCRIPT)
    found = []
    for width, theme in looks:
        across, down = SIZES[width]
        visit.page.set_viewport_size({"width": across, "height": down})
        visit.page.emulate_media(color_scheme=theme)
        told = visit.page.evaluate(STICKING_OUT)
        told += visit.page.evaluate(AXE, RULES) if (width, theme) in by_axe else []
        found += [f"{width}, {theme}: {fault}" for fault in told if not place.is_excused(fault)]
        picture(visit.page, f"{place.name}-{width}-{theme}")
    return found


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, all of it."""
    page.screenshot(path=SCREENSHOTS / f"{name}.jpg", full_page=True, type="jpeg", quality=80)
