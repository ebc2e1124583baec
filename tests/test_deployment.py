"""The image and the compose file, as far as they can be followed without containers."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from psycopg import sql

from hitl_portal import supervisor
from tests import databases

# What `openssl rand -base64` and password managers make, and what breaks addresses.
PASSWORD = "p/a#s?s%2Fw:o@r+d=[&'\\ x"
PORTAL = ("migrated", "web", "worker")
LOOK = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user")
    print(cursor.fetchone()[0])
"""


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """Give the services of the compose file; anchors are followed."""
    composed: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
        (databases.ROOT / "compose.yaml").read_text()
    )
    return composed["services"]


def environment_of(service: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """What compose makes of the service's environment: a variable that must be set is never empty."""

    def filled(match: re.Match[str]) -> str:
        return given.get(match["name"]) or match["default"] or ""

    variable = re.compile(r"\$\{(?P<name>\w+)(?::\?[^}]*|:-(?P<default>[^}]*))?\}")
    return {name: variable.sub(filled, value) for name, value in service["environment"].items()}


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    """Give the folder of a server that asks the person `portal` for their password."""
    tmp_path.chmod(0o755)  # the server runs as somebody else
    server = tmp_path / "postgres"
    with psycopg.connect(databases.started_postgres(server), autocommit=True) as connection:
        connection.execute("CREATE ROLE portal LOGIN")
        connection.execute(sql.SQL("ALTER ROLE portal PASSWORD {}").format(PASSWORD))
        connection.execute("CREATE DATABASE portal OWNER portal")
        rules = server / "pg_hba.conf"
        rules.write_text(f"local all portal scram-sha-256\n{rules.read_text()}")
        connection.execute("SELECT pg_reload_conf()")
    return server


def test_a_password_may_hold_any_character(services: dict[str, dict[str, Any]], guarded: Path) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(guarded), user="portal", dbname="portal", password=f"not {PASSWORD}")

    own = environment_of(services["web"], {"SECRET_KEY": "x" * 50, "POSTGRES_PASSWORD": PASSWORD})
    own["DATABASE_URL"] = own["DATABASE_URL"].replace("@database/", "@/") + f"?host={guarded}"
    own |= {"DJANGO_SETTINGS_MODULE": "hitl_portal.settings"}
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(
        command, cwd=databases.ROOT, env=os.environ | own, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout == "portal\n"


def test_the_database_has_the_same_password(services: dict[str, dict[str, Any]]) -> None:
    given = {"POSTGRES_PASSWORD": PASSWORD}

    assert environment_of(services["database"], given)["POSTGRES_PASSWORD"] == PASSWORD
    for name in PORTAL:
        assert environment_of(services[name], given)["PGPASSWORD"] == PASSWORD


@pytest.mark.parametrize("name", PORTAL)
def test_every_setting_of_the_file_reaches_the_portal(services: dict[str, dict[str, Any]], name: str) -> None:
    assert services[name]["env_file"] == [{"path": ".env", "required": False}]
    # What stands here would win over that file.
    assert services[name]["environment"].keys() == {
        "DATABASE_URL",
        "PGPASSWORD",
        "SECRET_KEY",
        "HITL_PUBLIC_URL",
    }


@pytest.mark.parametrize("name", PORTAL)
def test_nothing_starts_without_secrets(services: dict[str, dict[str, Any]], name: str) -> None:
    environment = services[name]["environment"]

    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert environment["PGPASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_workers_get_the_time_to_stop_that_the_docs_say(services: dict[str, dict[str, Any]]) -> None:
    unit = (databases.ROOT / "deploy/systemd/hitl-portal-worker@.service").read_text()
    told = " ".join((databases.ROOT / "docs/operate.md").read_text().split())

    assert "five minutes in the units and the compose file" in told
    assert services["worker"]["stop_grace_period"] == "300s"
    assert "TimeoutStopSec=300\n" in unit
    assert f"{supervisor.GRACE:.0f} seconds by `manage.py up`" in told


def test_the_image_is_healthy_whatever_hosts_are_allowed(live_server: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portal.example"]
    dockerfile = (databases.ROOT / "Dockerfile").read_text().replace("\\\n", "")
    check = json.loads(dockerfile.partition("HEALTHCHECK")[2].partition("CMD ")[2].partition("\n")[0])
    check = [part.replace("127.0.0.1:8000", urlsplit(live_server.url).netloc) for part in check]

    def health(public_url: str) -> int:
        own = {"HITL_PUBLIC_URL": public_url}
        command = [sys.executable, *check[1:]]
        return subprocess.run(
            command, env=os.environ | own, stderr=subprocess.DEVNULL, check=False
        ).returncode

    assert health("https://portal.example/approvals") == 0
    assert health("https://another.example") == 1
