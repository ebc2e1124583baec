"""Storage: the folder for files, and the database with its settings and tables."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok, together, warning

GIBIBYTE = 2**30
LITTLE, TOO_LITTLE = GIBIBYTE, GIBIBYTE // 10
OLDEST_POSTGRES = 140000  # as the server numbers itself; what this version of Django works with
SAFE = ("fsync", "full_page_writes", "synchronous_commit")


def folder() -> Finding:
    """Whether files can be written where the settings say, and whether there is room."""
    where = settings.DATA_DIR
    try:
        with tempfile.TemporaryFile(dir=where) as file:
            file.write(b"doctor")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        found = _("Nothing can be written to %(where)s: %(error)s.") % {
            "where": where,
            "error": error.strerror,
        }
        return failed(
            found, _("Let the account of the portal own HITL_DATA_DIR, on a file system that is writable.")
        )
    return _room(where)


def _room(where: Path) -> Finding:
    free = shutil.disk_usage(where).free
    said = {"where": where, "free": free / GIBIBYTE}
    if free >= LITTLE:
        return ok(_("%(where)s can be written to; %(free).1f GiB are free.") % said)
    say = failed if free < TOO_LITTLE else warning
    return say(_("Only %(free).2f GiB are free at %(where)s.") % said, _("Make room, or move HITL_DATA_DIR."))


def database() -> Finding:
    """Whether it is set so that nothing gets lost."""
    if connection.vendor == "sqlite":
        return together(_of_sqlite(), _("SQLite in %(path)s, with a write-ahead log.") % {"path": _path()})
    if connection.vendor != "postgresql":
        return failed(
            _("%(vendor)s is no database that the portal was made for.") % {"vendor": connection.vendor},
            _("Use PostgreSQL or SQLite."),
        )
    said = {"version": _shown("server_version"), "clients": _shown("max_connections")}
    return together(
        _of_postgres(), _("PostgreSQL %(version)s, safe against loss, for %(clients)s connections.") % said
    )


def _path() -> str:
    return str(connection.settings_dict["NAME"])


def _of_sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal":
        yield failed(
            _("SQLite's journal mode is “%(mode)s”.") % {"mode": mode},
            _("It must be “wal”: put the file on a local disk, not on a network drive."),
        )
    if synchronous == 0:
        yield warning(
            _("SQLite does not wait for the disk."), _("Set HITL_SQLITE_SYNCHRONOUS to NORMAL or FULL.")
        )


def _of_postgres() -> Iterator[Finding]:
    if int(_shown("server_version_num")) < OLDEST_POSTGRES:
        yield failed(
            _("PostgreSQL %(version)s is too old.") % {"version": _shown("server_version")},
            _("Use version 14 or newer."),
        )
    unsafe = [name for name in SAFE if _shown(name) == "off"]
    if unsafe:
        yield warning(
            _("PostgreSQL may lose what was decided when its machine stops: off are %(names)s.")
            % {"names": ", ".join(unsafe)},
            _("Switch them on in postgresql.conf."),
        )
    if _shown("server_encoding") != "UTF8":
        yield failed(
            _("The database cannot hold every letter: its encoding is %(encoding)s.")
            % {"encoding": _shown("server_encoding")},
            _("Make a database with the encoding UTF8 and move the data there."),
        )
    yield from _too_few()


def _too_few() -> Iterator[Finding]:
    pool, most = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"], int(_shown("max_connections"))
    if pool * 2 > most:
        yield warning(
            _("The server takes %(most)d connections, and web and worker may want %(pool)d each.")
            % {"most": most, "pool": pool},
            _("Raise max_connections of PostgreSQL, or lower HITL_DB_POOL."),
        )


def _shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def migrations() -> Finding:
    """Whether the tables are those of this version."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    known = executor.loader.disk_migrations.keys()
    newer = sorted(
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations.keys() - known
        if app in _apps(known)
    )
    if missing:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in missing)
        return failed(
            _("Migrations are missing: %(names)s.") % {"names": names},
            _("Run manage.py migrate, then restart."),
        )
    if newer:
        return warning(
            _("The database has migrations that this version does not know: %(names)s.")
            % {"names": ", ".join(newer)},
            _("This code is older than the database: deploy the newer version everywhere."),
        )
    return ok(_("All %(count)d are applied.") % {"count": len(known)})


def _apps(known: Iterable[tuple[str, str]]) -> set[str]:
    return {app for app, _name in known}


SUBJECT = Subject(
    name="storage",
    title=gettext_lazy("Storage"),
    checks=(
        Check(
            name="folder",
            title=gettext_lazy("Folder"),
            looked_at=gettext_lazy("Writes a file into HITL_DATA_DIR, and looks how much room there is."),
            look=folder,
        ),
        Check(
            name="database",
            title=gettext_lazy("Database"),
            looked_at=gettext_lazy("Reads the database's own settings."),
            look=database,
        ),
        Check(
            name="migrations",
            title=gettext_lazy("Tables"),
            looked_at=gettext_lazy("Compares the migrations that were applied with those of this version."),
            look=migrations,
        ),
    ),
)
