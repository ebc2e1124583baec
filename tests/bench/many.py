"""The inbox with 100,000 open and 1,000,000 decided requirements, over the same pages with 100 open."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import places
from tests.bench.browser import Browser
from tests.bench.rows import Row, told
from tests.bench.site import Site
from tests.bench.turns import in_turns

if TYPE_CHECKING:
    from django.db.models import Model

FEW, OPEN, DECIDED, ROUNDS, LIMIT = 100, 100_000, 1_000_000, 30, 2.0
NUMBERS = {
    "sqlite": "(WITH RECURSIVE count(n) AS (VALUES ({first}) UNION ALL SELECT n + 1 FROM count WHERE n < {last}) "
    "SELECT n FROM count) AS numbers",
    "postgresql": "generate_series({first}, {last}) AS numbers(n)",
}
KEY = {"sqlite": "printf('%%032x', n)", "postgresql": "lpad(to_hex(n), 32, '0')::uuid"}
EARLIER = {
    "sqlite": "datetime({column}, '-' || n || ' seconds')",
    "postgresql": "{column} - n * interval '1 second'",
}


def measured(site: Site) -> None:
    """The page and a search that finds one, each from a web process of its own, in turns."""
    asked, done = site.open_requirements(2)
    _decide(site, done)
    cookie = site.cookie()
    _grow(asked, 1, FEW - 1)
    few = _copied(site)
    _grow(asked, FEW, OPEN - 1)
    _grow(done, OPEN, OPEN + DECIDED - 1)
    _analyse()
    with site.serve(DATABASE_URL=few) as small, site.serve() as large:
        browsers = [Browser(server.port, cookie) for server in (small, large)]
        for work, paths in (("inbox page", ("/", "/")), ("inbox search", ("/?q=c99", f"/?q=c{OPEN - 1}"))):
            base, kept = in_turns(
                ROUNDS,
                *(
                    lambda one=one, path=path: one.get(path)
                    for one, path in zip(browsers, paths, strict=True)
                ),
            )
            told(
                Row(
                    work=f"{work} with {OPEN:,} open and {DECIDED:,} decided, over 100 open",
                    on=site.name,
                    figure=kept / base,
                    limit=LIMIT,
                )
            )


def _decide(site: Site, requirement: Any) -> None:
    """Approve, and go on to the end."""
    import threading

    from workflows import registry, runner, services, store
    from workflows.types import Action, Answer

    actor = services.Actor.of(site.reviewer)
    services.resolve(requirement.id, revision=1, answer=Answer(action=Action.approve), actor=actor)
    claim = store.claim_run(requirement.run_id, "bench")
    assert claim is not None
    runner.advance(claim, registry.known(), threading.Event())


def _grow(template: Any, first: int, last: int) -> None:
    """Rows like those of a requirement and its run, one of each for each number."""
    from workflows.models import Decision, Requirement, Value, WorkflowRun

    run = {"external_id": "'bench-' || n", "summary": "'c' || n"}
    _insert(WorkflowRun, ("id", template.run_id), first, last, run)
    output = {"run_id": "{key}"}
    inputs = Value.objects.get(run=template.run_id, path="", slot="inputs")
    _insert(Value, ("id", inputs.id), first, last, output)
    asked = {"run_id": "{key}", "opened_at": "{earlier}", "evidence_id": "NULL"}
    _insert(Requirement, ("id", template.id), first, last, asked)
    _insert(Decision, ("requirement_id", template.id), first, last, {"requirement_id": "{key}"})


def _insert(
    model: "type[Model]", where: tuple[str, Any], first: int, last: int, other: dict[str, str]
) -> None:
    from django.db import connection

    vendor, table = connection.vendor, model._meta.db_table
    changed = {"id": "{key}", **other}
    columns = [field.column or "" for field in model._meta.concrete_fields]
    values = [
        changed.get(column, f'"{column}"').format(
            key=KEY[vendor], earlier=EARLIER[vendor].format(column=f'"{column}"')
        )
        for column in columns
    ]
    named = ", ".join(f'"{column}"' for column in columns)
    numbers = NUMBERS[vendor].format(first=first, last=last)
    column, key = where
    statement = (
        f'INSERT INTO "{table}" ({named}) SELECT {", ".join(values)} FROM "{table}" CROSS JOIN {numbers} '
        f'WHERE "{table}"."{column}" = %s'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [key.hex if vendor == "sqlite" else key])


def _copied(site: Site) -> str:
    """The address of a copy of the database as it is now."""
    from django.db import connection, connections

    if site.kind == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections.close_all()
        file = Path(site.url.removeprefix("sqlite:///"))
        return f"sqlite:///{shutil.copy(file, file.with_name('few.sqlite3'))}"
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    return places.new_database("few", like=site.url)


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


if __name__ == "__main__":
    measured(Site(sys.argv[1]))
