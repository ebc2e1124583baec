"""Soak: a web process and two workers under an even load, for long: what they hold in memory, log and leave behind.

`python -m tests.trials.soak RUNS MINUTES`, on an empty database. Prints what was counted as JSON. Pages come and go
meanwhile, too: whoever holds something of each that was ever open is found out.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from websockets.exceptions import WebSocketException

from tests.bench.pages import opened
from tests.processes import memory_of
from tests.trials.load import Load
from tests.trials.site import WORKERS, Site
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
SAMPLES = 180
PAGES, OPEN_FOR = 10, 5.0
ERRORS = {"ERROR", "CRITICAL"}

Processes = dict[str, subprocess.Popen[bytes]]


@contextmanager
def started(site: Site) -> Iterator[Processes]:
    """The processes of a portal, as `manage.py up` starts them; each logs into a file, and goes with this one."""
    web = ["-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(site.port), "hitl_portal.asgi:application"]
    commands = {"web": web} | {
        f"worker {number}": [str(ROOT / "manage.py"), "work"] for number in range(1, WORKERS + 1)
    }
    child = [sys.executable, "-m", "hitl_portal.child", str(os.getpid()), sys.executable]
    with ExitStack() as stack:
        processes = {}
        for name, command in commands.items():
            log = stack.enter_context(_log(site, name).open("wb"))
            processes[name] = subprocess.Popen([*child, *command], cwd=ROOT, stderr=log, stdout=log)
            stack.callback(processes[name].wait)
            stack.callback(processes[name].terminate)
        eventually(site.answers, "an answer of the web process")
        yield processes


@contextmanager
def pages(site: Site) -> Iterator[None]:
    """Meanwhile some are open, and after some seconds others."""
    over = threading.Event()

    async def come_and_go() -> None:
        while not over.is_set():
            with suppress(WebSocketException, OSError):  # who was not let in comes again, as a page does
                async with opened(site.port, [site.machine.cookie] * PAGES):
                    await asyncio.to_thread(over.wait, OPEN_FOR)

    thread = threading.Thread(target=lambda: asyncio.run(come_and_go()))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def watched(load: Load, processes: Processes, seconds: float) -> dict[str, Any]:
    """Look at each process's memory now and then, until everything is posted."""
    memory: dict[str, list[int]] = defaultdict(list)
    under_way = 0
    while load.posting.is_alive():
        load.posting.join(seconds / SAMPLES)
        under_way = max(under_way, load.left())
        for name, process in processes.items():
            memory[name].append(memory_of(process.pid))
    return {"runs under way, at most": under_way, "memory": {name: _thirds(memory[name]) for name in memory}}


def errors_in(logs: Iterable[Path]) -> list[str]:
    """The lines that tell of an error, and those that are no record at all: something was not caught."""
    lines = [line for log in logs for line in log.read_text().splitlines() if line.strip()]
    return [line for line in lines if _level(line) in ERRORS]


def main(runs: str, minutes: str) -> None:
    """Lay out the database, run, print."""
    site, seconds = Site(), 60 * float(minutes)
    load = Load(site, every=seconds / int(runs), most=int(runs))
    with started(site) as processes:
        with pages(site), load.on():
            counted = watched(load, processes, seconds)
            posted = time.monotonic()
        counted["seconds from the last post to the last end"] = round(time.monotonic() - posted, 1)
        counted["processes that ended"] = sum(process.poll() is not None for process in processes.values())
        errors = errors_in(_log(site, name) for name in processes)
    for line in errors[:20]:
        sys.stderr.write(f"{line}\n")
    said = {"lost": load.left(), "errors in the logs": len(errors)}
    sys.stdout.write(json.dumps({**counted, **site.counted(), **said}))


def _log(site: Site, name: str) -> Path:
    return site.directory / f"{name.replace(' ', '-')}.log"


def _thirds(sizes: list[int]) -> list[float]:
    """What was resident in each third of the time, in MB."""
    third = max(1, len(sizes) // 3)
    return [
        round(median(part) / 1e6, 1) for part in (sizes[:third], sizes[third:-third] or sizes, sizes[-third:])
    ]


def _level(line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return "ERROR"
    return str(record["level"]) if isinstance(record, dict) else "ERROR"


if __name__ == "__main__":
    main(*sys.argv[1:])
