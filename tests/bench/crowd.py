"""A crowd: 1,000 open pages while 50 things a second happen; all of them end where the log ends, and cost little."""

import asyncio
import resource
import sys
from time import perf_counter

from tests.bench.pages import opened
from tests.bench.rows import Row, told
from tests.bench.site import Site

PAGES, RATE, SECONDS = 1000, 50, 20
PATIENCE, SETTLING = 60.0, 3.0
LIMIT = 60.0  # kB for each


async def measured(site: Site, cookie: str) -> None:
    """Memory is what the web process has more at the end than before the first page."""
    with site.serve() as portal:
        async with opened(portal.port, [cookie]):
            await asyncio.sleep(SETTLING)
        before = portal.memory
        async with opened(portal.port, [cookie] * PAGES) as pages:
            await asyncio.sleep(SETTLING)
            newest = await asyncio.to_thread(_changes, site)
            deadline = perf_counter() + PATIENCE
            while perf_counter() < deadline and any(page.last < newest for page in pages):
                await asyncio.sleep(0.05)
            behind = sum(page.last < newest for page in pages)
            each = (portal.memory - before) / PAGES / 1000
    work = f"{PAGES:,} websocket clients, {RATE} changes a second"
    told(
        Row(work=f"{work}: clients left behind", on=site.name, figure=behind, limit=0, unit=""),
        Row(work="… memory of the web process per client", on=site.name, figure=each, limit=LIMIT, unit="kB"),
    )


def _changes(site: Site) -> int:
    """Start runs at an even pace; the last number of the log."""
    import time

    from workflows import services, tail

    actor, began = services.Actor.of(site.reviewer), perf_counter()
    for number in range(RATE * SECONDS):
        services.start_run("bench-asking", "x", actor=actor, source="bench")
        time.sleep(max(0.0, began + (number + 1) / RATE - perf_counter()))
    return tail.latest()


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    made = Site(sys.argv[1])
    asyncio.run(measured(made, made.cookie()))
