"""Databases: the settings of a database by its address, tuned for a web process and workers side by side."""

from pathlib import Path
from typing import Any

import dj_database_url

# psycopg is named in addresses that were written for other libraries.
SPELLINGS = {"postgresql+psycopg://": "postgresql://", "postgresql+psycopg2://": "postgresql://"}


def database(url: str, *, synchronous: str = "NORMAL", pool: int = 16) -> dict[str, Any]:
    """Django's settings for `sqlite:///file.db` or `postgresql://…`; the folder of a file is made."""
    for spelling, plain in SPELLINGS.items():
        url = url.replace(spelling, plain, 1)
    config: dict[str, Any] = dict(dj_database_url.parse(url))
    tuned = _postgres(pool)
    if config["ENGINE"].endswith("sqlite3"):
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        tuned = _sqlite(synchronous)
    config["OPTIONS"] = {**tuned, **config.get("OPTIONS", {})}
    return config


def _sqlite(synchronous: str) -> dict[str, Any]:
    # WAL lets pages read while the worker writes. IMMEDIATE takes the write lock at BEGIN: a transaction that
    # reads first and writes later would else fail at once, whatever the timeout.
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}",
    }


def _postgres(pool: int) -> dict[str, Any]:
    # Statements written by hand are prepared once they were run some times; the ORM's never are.
    return {"pool": {"min_size": 1, "max_size": pool, "timeout": 10}, "prepare_threshold": 3}
