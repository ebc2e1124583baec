"""What the portal stands on: its folder, its database, its keys and settings, its log."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from hitl_portal.doctor import keeping, keys, safety, storage
from hitl_portal.doctor.findings import Finding, State
from hitl_portal.hooks.models import WebhookSource
from tests.rows import a_run, a_workflow, an_event
from workflows.audit.sealing import seal
from workflows.models import Verification
from workflows.services import TIMER, append_event

pytestmark = pytest.mark.django_db

LONG = "abcdefghijklmnopqrstuvwxyz0123456789-another-long-one"


def says(finding: Finding, state: State, *words: str) -> bool:
    said = f"{finding.found} {finding.remedy}"
    return finding.state is state and all(word in said for word in words)


def test_a_folder_that_can_be_written_to_is_well(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path

    assert says(storage.folder(), State.OK, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_of(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "away"

    assert says(storage.folder(), State.FAILED, "Nothing can be written", "HITL_DATA_DIR")


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(("free", "state"), [(2**29, State.WARNING), (2**20, State.FAILED)])
def test_a_disk_that_fills_up_is_told_of(monkeypatch: pytest.MonkeyPatch, free: int, state: State) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda where: Usage(free))

    assert says(storage.folder(), state, "Make room")


def test_the_database_of_the_tests_is_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    found = storage.database()

    if connection.vendor == "sqlite":
        assert says(found, State.OK, "write-ahead log")
    else:  # nothing of a test is kept
        assert says(found, State.WARNING, "fsync", "postgresql.conf")


def test_a_file_without_a_write_ahead_log_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own rules")
    other = connection.copy()
    other.settings_dict = connection.settings_dict | {"NAME": tmp_path / "plain.sqlite3", "OPTIONS": {}}
    monkeypatch.setattr(storage, "connection", other)
    found = storage.database()
    other.close()

    assert says(found, State.FAILED, "delete", "network drive")


def test_a_server_that_takes_too_few_connections_is_told_of(settings: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own settings")
    settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] = 5000
    try:
        assert says(storage.database(), State.WARNING, "max_connections")
    finally:
        settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] = 16


def test_tables_of_this_version_are_well() -> None:
    assert storage.migrations().state is State.OK


def test_a_migration_that_is_missing_is_told_of() -> None:
    MigrationRecorder.Migration.objects.filter(app="comments").delete()

    assert says(storage.migrations(), State.FAILED, "comments.0001", "manage.py migrate")


def test_a_database_of_a_newer_version_is_told_of() -> None:
    MigrationRecorder.Migration.objects.create(app="workflows", name="9999_of_tomorrow")

    assert says(storage.migrations(), State.WARNING, "workflows.9999_of_tomorrow")


def test_a_short_key_is_told_of(settings: Any) -> None:
    settings.SECRET_KEY = "short"

    assert says(keys.secret_key(), State.FAILED, "5 letters")


def test_it_is_said_where_the_key_comes_from(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SECRET_KEY = LONG
    monkeypatch.setenv("SECRET_KEY", LONG)

    assert says(keys.secret_key(), State.OK, "the environment")


def test_a_key_that_others_can_read_is_told_of(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    settings.DATA_DIR = tmp_path
    (tmp_path / "secret.key").touch(mode=0o644)

    assert says(keys.secret_key(), State.FAILED, "chmod 600")


def test_sealed_secrets_are_opened(settings: Any) -> None:
    WebhookSource.objects.create(name="till", workflow=a_workflow()).renew_secret()

    assert says(keys.sealed(), State.OK, "All 1")


def test_a_secret_that_cannot_be_opened_any_more_is_told_of(settings: Any) -> None:
    WebhookSource.objects.create(name="till", workflow=a_workflow()).renew_secret()
    settings.SECRET_KEY = LONG

    assert says(keys.sealed(), State.FAILED, "1 of 1", "WebhookSecret", "SECRET_KEY_FALLBACKS")


def test_a_checkpoint_of_a_key_that_is_lost_is_told_of(settings: Any) -> None:
    assert keys.audit_key().state is State.OK
    append_event(a_run(), "RunQueued", TIMER)
    assert seal()
    assert keys.audit_key().state is State.OK

    settings.HITL_AUDIT_KEY = settings.SECRET_KEY = LONG
    assert says(keys.audit_key(), State.FAILED, "HITL_AUDIT_PUBLIC_KEYS")


def for_real(settings: Any) -> None:
    """What a deployment has."""
    settings.HITL_PUBLIC_URL = "https://portal.example"
    settings.PUBLIC = settings.PUBLIC._replace(scheme="https", netloc="portal.example")
    settings.CSRF_TRUSTED_ORIGINS = ["https://portal.example"]
    settings.ALLOWED_HOSTS = ["portal.example"]
    settings.IS_HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.HITL_DEMO = False


SETTINGS = (safety.for_trying, safety.transport, safety.hosts, safety.proxy_trust)


@pytest.mark.parametrize("look", SETTINGS, ids=lambda look: look.__name__)
def test_settings_for_real_are_well(settings: Any, look: Any) -> None:
    for_real(settings)

    assert look().state is State.OK


@pytest.mark.parametrize(
    ("look", "name", "value", "state", "words"),
    [
        (safety.for_trying, "DEBUG", True, State.FAILED, "HITL_DEBUG"),
        (safety.for_trying, "HITL_DEMO", True, State.FAILED, "HITL_DEMO=0"),
        (safety.transport, "IS_HTTPS", False, State.FAILED, "certificate"),
        (safety.transport, "SESSION_COOKIE_SECURE", False, State.FAILED, "SESSION_COOKIE_SECURE"),
        (safety.transport, "SECURE_HSTS_SECONDS", 0, State.WARNING, "SECURE_HSTS_SECONDS"),
        (safety.hosts, "ALLOWED_HOSTS", ["*"], State.FAILED, "ALLOWED_HOSTS"),
        (safety.hosts, "CSRF_TRUSTED_ORIGINS", [], State.FAILED, "https://portal.example"),
        (safety.proxy_trust, "SECURE_PROXY_SSL_HEADER", None, State.FAILED, "HITL_BEHIND_PROXY=1"),
    ],
)
def test_a_setting_that_is_dangerous_is_told_of(
    settings: Any, look: Any, name: str, value: object, state: State, words: str
) -> None:
    for_real(settings)
    setattr(settings, name, value)

    assert says(look(), state, words)


def test_what_is_tried_on_ones_own_machine_only_warns(settings: Any) -> None:
    settings.HITL_DEMO = True

    assert {safety.for_trying().state, safety.transport().state} == {State.WARNING}


def verified(problem: str = "", days: int = 0) -> None:
    at = timezone.now() - timedelta(days=days)
    Verification.objects.create(
        started_at=at, finished_at=at, runs=1, events=1, checkpoints=1, problem=problem
    )


def test_a_log_that_nobody_has_verified_is_told_of() -> None:
    assert keeping.verified().state is State.OK
    an_event(a_run())

    assert says(keeping.verified(), State.WARNING, "verify_audit")


@pytest.mark.parametrize(
    ("problem", "days", "state"),
    [("", 0, State.OK), ("", 30, State.WARNING), ("event 7 was changed", 0, State.FAILED)],
)
def test_what_the_last_verification_found_is_said(problem: str, days: int, state: State) -> None:
    verified(problem, days)

    assert says(keeping.verified(), state, problem)


def test_backups_are_spoken_of() -> None:
    assert says(keeping.backups(), State.SKIPPED, "docs/operate.md")
