"""Databases: the settings of a database by its address, tuned for a web process and workers side by side."""

from pathlib import Path
from typing import Any

import dj_database_url

# psycopg is named in addresses that were written for other libraries.
SPELLINGS = {"postgresql+psycopg://": "postgresql://", "postgresql+psycopg2://": "postgresql://"}

# Connections of a worker besides those of its runs.
BESIDE = 8


def database(url: str, *, synchronous: str = "NORMAL", pool: int = 16) -> dict[str, Any]:
    """Django's settings for `sqlite:///file.db` or `postgresql://…`; the folder of a file is made."""
    for spelling, plain in SPELLINGS.items():
        url = url.replace(spelling, plain, 1)
    config: dict[str, Any] = dict(dj_database_url.parse(url))
    if config["ENGINE"].endswith("sqlite3"):
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        tuned = _sqlite(synchronous)
    else:
        tuned = _postgres(pool)
        # Connections that a restart of the server has cut are noticed when they are taken from the pool.
        config["CONN_HEALTH_CHECKS"] = True
    config["OPTIONS"] = {**tuned, **config.get("OPTIONS", {})}
    return config


def make_room(config: dict[str, Any], runs: int) -> None:
    """Let the pool of this process hold a connection for each of so many runs at a time, and some for what goes on
    beside them: heartbeats, the sweep, steps side by side. To be called before the first connection is opened."""
    pool = config["OPTIONS"].get("pool")
    if isinstance(pool, dict):
        pool["max_size"] = max(pool["max_size"], runs + BESIDE)


def _sqlite(synchronous: str) -> dict[str, Any]:
    # WAL lets pages read while the worker writes. IMMEDIATE takes the write lock at BEGIN: a transaction that
    # reads first and writes later would else fail at once, whatever the timeout.
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}",
    }


def _postgres(pool: int) -> dict[str, Any]:
    return {
        "pool": {"min_size": 1, "max_size": pool, "timeout": 10},
        # Statements written by hand are prepared once they were run some times; the ORM's never are.
        "prepare_threshold": 3,
        # A network that swallows everything is given up after so many seconds, and milliseconds.
        "connect_timeout": 5,
        "tcp_user_timeout": 30_000,
        "keepalives_idle": 30,
    }
