"""The handles that authors give a workflow: `SqliteDb("workflow.db")`, `PostgresDb("postgresql://…")`.

They put a plain script's runs into the same tables that the portal reads. Opening one costs nothing; the first use
configures Django where nobody has, and migrates the database where it must.
"""

import hashlib
import os
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflows.databases import database

if TYPE_CHECKING:
    from workflows.ports import Runs

_configuring = threading.Lock()


class Db:
    """A database of runs. Other keyword arguments that the framework knows (table names) are accepted and unused:
    our tables are the portal's."""

    def __init__(self, url: str, **unused: Any) -> None:
        del unused
        self.url = url

    @cached_property
    def runs(self) -> "Runs":
        """Its runs; opens the database."""
        with _configuring:
            alias = _alias(database(self.url))
        from workflows.hop import hop
        from workflows.migrating import migrate_where_needed
        from workflows.scripts import ScriptRuns

        hop(migrate_where_needed, alias)
        return ScriptRuns(alias)

    def close(self) -> None:
        """Close the connection of this process; the next use opens it anew."""
        if vars(self).pop("runs", None) is not None:
            from workflows.hop import hop

            hop(_close, database(self.url))


class SqliteDb(Db):
    """A database in a file: `SqliteDb("workflow.db")`, or `db_url="sqlite:///workflow.db"`."""

    def __init__(
        self, db_file: str | Path | None = None, *, db_url: str | None = None, **unused: Any
    ) -> None:
        file = Path(db_file or "workflow.db").resolve()
        super().__init__(db_url or f"sqlite:///{file}", **unused)


class PostgresDb(Db):
    """A database on a server: `PostgresDb("postgresql://user@host/name")`; `postgresql+psycopg://` is accepted."""

    def __init__(self, db_url: str, **unused: Any) -> None:
        super().__init__(db_url, **unused)


class AsyncSqliteDb(SqliteDb):
    """The same as SqliteDb: every handle serves `run` and `arun` alike."""


class AsyncPostgresDb(PostgresDb):
    """The same as PostgresDb: every handle serves `run` and `arun` alike."""


def _alias(config: dict[str, Any]) -> str:
    """Django's name for the database: an alias that exists already, or a new one."""
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import DEFAULT_DB_ALIAS, connections

    if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
        settings.configure(**_minimal(config))
    if not apps.ready:
        django.setup()
    for alias in connections:
        if _same(connections[alias].settings_dict, config):
            return alias
    alias = _named(config)
    filled = connections.configure_settings(
        {DEFAULT_DB_ALIAS: connections.settings[DEFAULT_DB_ALIAS], alias: config}
    )
    connections.settings[alias] = filled[alias]
    return alias


def _named(config: dict[str, Any]) -> str:
    return f"script-{hashlib.sha256(repr(config).encode()).hexdigest()[:12]}"


def _close(config: dict[str, Any]) -> None:
    """Forget an alias of ours; one that the project has itself is only closed."""
    from django.db import connections

    alias = _named(config)
    if alias in connections.settings:
        connections[alias].close()
        del connections[alias], connections.settings[alias]
    else:
        connections[_alias(config)].close()


def _same(known: dict[str, Any], config: dict[str, Any]) -> bool:
    return all(
        str(known.get(name) or "") == str(config.get(name) or "")
        for name in ("ENGINE", "NAME", "HOST", "PORT", "USER")
    )


def _minimal(config: dict[str, Any]) -> dict[str, Any]:
    """The settings of a script that has no Django project: the tables, and nothing else."""
    return {
        "DATABASES": {"default": config},
        "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth", "workflows"],
        "USE_TZ": True,
        "HITL_WORKFLOWS": [],
        "HITL_LEASE_SECONDS": 15,
        "LOGGING_CONFIG": None,
    }
