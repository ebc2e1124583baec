"""The settings keep the promises that other code relies on."""

import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from hitl_portal.settings import kept_secret

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


def test_a_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    first = kept_secret(path)
    assert len(first) >= 50
    assert kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    secrets: list[str] = []
    threads = [
        threading.Thread(target=lambda: secrets.append(kept_secret(tmp_path / "secret.key")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 8
    assert len(set(secrets)) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://portal.example", "__Host-hitl_session __Host-hitl_csrf / True True 31536000 True"),
        (
            "https://example.org/approvals",
            "__Secure-hitl_session __Secure-hitl_csrf /approvals True True 31536000 False",
        ),
        ("http://localhost:8000", "hitl_session hitl_csrf / False False 0 True"),
    ],
)
def test_cookies_are_as_strict_as_the_address_lets_them_be(tmp_path: Path, address: str, said: str) -> None:
    names = (
        "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_PATH SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE "
    )
    names += "SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS"
    code = f"from hitl_portal import settings as s; print(*(getattr(s, name) for name in {names.split()}))"
    environment = os.environ | {"HITL_PUBLIC_URL": address, "HITL_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == said
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"


@pytest.mark.django_db
def test_pages_carry_a_policy_without_inline_code(client: Client) -> None:
    response = client.get("/accounts/sign-in/")
    assert response.status_code == 200
    policy = re.sub(" 'nonce-[^']+'", "", response.headers["Content-Security-Policy"])
    assert {part.strip() for part in policy.split(";")} >= POLICY
    assert "unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_static_files_are_served_from_a_fresh_checkout(client: Client) -> None:
    response = client.get("/static/admin/css/base.css")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/css")
    # Read to its end: only then the client closes it as a server would, without looking after a database connection
    # that another test has left open and this one must not use.
    assert b"body" in response.getvalue()


def test_a_foreign_host_is_refused(client: Client) -> None:
    assert client.get("/admin/login/", headers={"host": "attacker.example"}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_test_database_is_the_one_asked_for() -> None:
    wanted = os.environ.get("TEST_DATABASE", "sqlite").replace("postgres", "postgresql")
    assert connection.vendor == wanted


@pytest.mark.django_db(transaction=True)
def test_a_transaction_on_sqlite_locks_at_its_begin_in_wal_mode() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own rules")
    assert Path(connection.settings_dict["NAME"]).is_file()
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (1,)
    with transaction.atomic(), pytest.raises(AssertionError):
        write_from_another_connection(Path(connection.settings_dict["NAME"]))


def write_from_another_connection(path: Path) -> None:
    import sqlite3

    other = sqlite3.connect(path, timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise AssertionError(error) from error
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_a_process_beside_the_test_sees_the_same_database(process_environment: dict[str, str]) -> None:
    from django.contrib.auth.models import User

    User.objects.create_user("stranger")
    code = "from django.contrib.auth.models import User; print(User.objects.get())"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        check=False,
        cwd=settings.BASE_DIR,
        env=process_environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "stranger", done.stderr
