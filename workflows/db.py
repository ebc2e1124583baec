"""The handles that authors give a workflow: `SqliteDb("workflow.db")`, `PostgresDb("postgresql://…")`.

They put a plain script's runs into the same tables that the portal reads. Opening one costs nothing; the first use
configures Django where nobody has, and migrates the database where it must.
"""

import asyncio
import hashlib
import os
import threading
from functools import cached_property, partial
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

    def get_approval(self, approval_id: str) -> Any:
        """The record of an approval, a dict as `agents.approval_record` makes it; None where there is none."""
        return self._asked("get", approval_id)

    def get_approvals(self, limit: int = 100, page: int = 1, **wanted: Any) -> Any:
        """The records whose fields are as wanted (status="pending", agent_id=…), newest first: (records, total)."""
        return self._asked("find", wanted, limit=limit, page=page)

    def update_approval(self, approval_id: str, expected_status: str | None = None, **said: Any) -> Any:
        """Decide for the admin `resolved_by`: status="approved" or "rejected", with `resolution_data`.

        The record as it is then; None where it was decided before. What is refused: see `approvals.update`.
        """
        said.pop("resolved_at", None)  # that is now
        return self._asked("update", approval_id, expected_status=expected_status, **said)

    def get_pending_approval_count(self, user_id: str | None = None) -> Any:
        """How many approvals wait for an admin."""
        return self._asked("pending_count", user_id)

    def _asked(self, what: str, *args: Any, **given: Any) -> Any:
        runs: Any = self.runs  # opened first: what is imported next needs Django
        from workflows import approvals
        from workflows.hop import hop

        return hop(partial(getattr(approvals, what), *args, using=runs.using, **given))

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


class _Awaited(Db):
    """What is asked of approvals, awaited."""

    async def _awaited(self, what: str, *args: Any, **given: Any) -> Any:
        return await asyncio.to_thread(super()._asked, what, *args, **given)

    def _asked(self, what: str, *args: Any, **given: Any) -> Any:
        return self._awaited(what, *args, **given)


class AsyncSqliteDb(_Awaited, SqliteDb):
    """The same as SqliteDb, as every handle serves `run` and `arun` alike; but approvals are awaited."""


class AsyncPostgresDb(_Awaited, PostgresDb):
    """The same as PostgresDb, as every handle serves `run` and `arun` alike; but approvals are awaited."""


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
