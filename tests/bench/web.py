"""Start and decide over HTTP, with sign-in, CSRF and permissions, over a bare view that sends the same statements."""

import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.bench import places
from tests.bench.browser import Browser
from tests.bench.recorded import Recorded, Together, noted, recorded
from tests.bench.rows import Row, told
from tests.bench.site import Server, Site
from tests.bench.turns import in_turns

if TYPE_CHECKING:
    from django.test import Client

    from workflows.models import Requirement

ROUNDS, EACH = 8, 5
START = {"workflow": "bench-asking", "shown": "bench-asking", "input": "x"}


def measured(site: Site, clients: int) -> None:
    """Portal and bare project in turns, each in a process of its own, on the same database."""
    with site.serve() as portal, site.serve("tests.bench.bare:application", **_bare()) as bare:
        needed = 2 * (ROUNDS + 1) * clients * EACH
        waiting = iter(site.open_requirements(needed))
        browsers = [_signed_in(portal, site) for _ in range(clients)]
        others = [Browser(bare.port) for _ in range(clients)]
        with ThreadPoolExecutor(clients) as pool:

            def everybody(cycle: Callable[[Browser, Any], None], given: list[Browser]) -> None:
                lists = [[next(waiting) for _ in range(EACH)] for _ in given]
                list(pool.map(several, [cycle] * clients, given, lists))

            raw, kept = in_turns(
                ROUNDS, lambda: everybody(_bare_cycle, others), lambda: everybody(_cycle, browsers)
            )
    work = f"HTTP: start + decide, {clients} client{'s'[: clients > 1]}: share of the bare view's rate"
    told(Row(work=work, on=site.name, figure=100 * raw / kept, limit=70, unit="%", least=True))


def several(
    cycle: Callable[[Browser, Any], None], browser: Browser, requirements: "list[Requirement]"
) -> None:
    """One after another."""
    for requirement in requirements:
        cycle(browser, requirement)


def record(site: Site) -> None:
    """Write down what the portal sends for each of the two requests."""
    from django.test import Client

    client = Client()
    client.force_login(site.reviewer)
    first, second = site.open_requirements(2)
    starts = [_sent(client, "/runs/new/", START) for _ in range(2)]
    decides = [_sent(client, _address(one), _answer(one)) for one in (first, second)]
    _keep("start", recorded(starts))
    _keep("decide", recorded(decides, {second.id: "requirement", second.run_id: "run"}))


def _keep(name: str, sent: Recorded) -> None:
    (places.directory() / name).write_bytes(pickle.dumps(sent))


def _sent(client: "Client", path: str, fields: dict[str, Any]) -> list[Together]:
    from django.db import connection

    def post() -> None:
        answer = client.post(path, fields)
        assert answer.status_code == 302, answer.content[:500]

    return noted(connection, post)


def _bare() -> dict[str, str]:
    return {"BENCH_RECORDED": str(places.directory()), "DJANGO_SETTINGS_MODULE": ""}


def _signed_in(portal: Server, site: Site) -> Browser:
    browser = Browser(portal.port, site.cookie())
    browser.open("/runs/new/")
    return browser


def _address(requirement: "Requirement") -> str:
    return f"/requirements/{requirement.id}/decide/"


def _answer(requirement: "Requirement") -> dict[str, Any]:
    return {"revision": requirement.revision, "action": "approve"}


def _cycle(browser: Browser, requirement: "Requirement") -> None:
    browser.post("/runs/new/", **START)
    browser.post(_address(requirement), **_answer(requirement))


def _bare_cycle(browser: Browser, requirement: "Requirement") -> None:
    browser.post("/start/")
    browser.post("/decide/", run=requirement.run_id, requirement=requirement.id)


if __name__ == "__main__":
    made = Site(sys.argv[1])
    record(made)
    for number in (1, 8):
        measured(made, number)
