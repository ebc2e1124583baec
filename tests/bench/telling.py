"""A decision is committed, and every open page of 200 is told: over LISTEN/NOTIFY to one websocket each.

Both ways in turns, each from a web process of its own. The clock starts when the transaction is about to commit.
"""

import asyncio
import json
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

import psycopg

from tests.bench.bare_live import CHANNEL
from tests.bench.pages import Page, opened
from tests.bench.rows import Row, told
from tests.bench.site import Site
from tests.bench.turns import percentile

if TYPE_CHECKING:
    from workflows.models import Requirement

PAGES, ROUNDS, LIMIT = 200, 30, 3.0
PATIENCE = 30.0
# Who has just connected is still being let in.
SETTLING = 2.0

Deed = Callable[[], float]


async def measured(site: Site, waiting: "list[Requirement]", cookie: str) -> None:
    """The 95th percentile over all pages and rounds."""
    with site.serve() as portal, site.serve("tests.bench.bare_live:application") as bare:
        async with (
            opened(portal.port, [cookie] * PAGES) as pages,
            opened(bare.port, [""] * PAGES) as others,
        ):
            await asyncio.sleep(SETTLING)
            kept, raw = [], []
            with psycopg.connect(site.url) as connection:
                for each in waiting:
                    raw += await _told(others, str(each.id), lambda each=each: notify(connection, each))  # type: ignore[misc]
                    kept += await _told(pages, str(each.id), lambda each=each: decide(site, each))  # type: ignore[misc]
    figure = percentile(kept, 0.95) / percentile(raw, 0.95)
    work = f"decision committed → each of {PAGES} open pages told (p95)"
    told(Row(work=work, on=site.name, figure=figure, limit=LIMIT))


async def _told(pages: list[Page], key: str, deed: Deed) -> list[float]:
    """How long after the deed's commit each page was told of it."""
    began = await asyncio.to_thread(deed)
    async with asyncio.timeout(PATIENCE):
        while any(key not in page.told for page in pages):
            await asyncio.sleep(0.005)
    return [page.told[key] - began for page in pages]


def decide(site: Site, requirement: "Requirement") -> float:
    """Approve; when it was about to be committed."""
    from django.db import connections, transaction

    from workflows import services
    from workflows.types import Action, Answer

    with transaction.atomic():
        services.resolve(
            requirement.id,
            revision=1,
            answer=Answer(action=Action.approve),
            actor=services.Actor.of(site.reviewer),
        )
        began = perf_counter()
    connections.close_all()
    return began


def notify(connection: psycopg.Connection[tuple[object, ...]], requirement: "Requirement") -> float:
    """Say it, with a row that is committed."""
    message = json.dumps([{"sequence": 1, "requirement": str(requirement.id)}])
    connection.execute("CREATE TABLE IF NOT EXISTS bench_bare (said text)")
    connection.execute("INSERT INTO bench_bare VALUES (%s)", [message])
    connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, message])
    began = perf_counter()
    connection.commit()
    return began


if __name__ == "__main__":
    made = Site("postgres")
    asyncio.run(measured(made, made.open_requirements(ROUNDS), made.cookie()))
