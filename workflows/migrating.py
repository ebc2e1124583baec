"""Migrating: brings a script's database up to date, and asks one query whether it has to."""

import pkgutil

from django.core.management import call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from workflows import migrations


def migrate_where_needed(using: str) -> None:
    """Create or upgrade the tables; several processes that start together wait for each other's locks."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    names = [module.name for module in pkgutil.iter_modules(migrations.__path__)]
    if any(("workflows", name) not in applied for name in names):
        call_command("migrate", database=using, verbosity=0, interactive=False)
