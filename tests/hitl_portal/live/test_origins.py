"""Only pages of the portal's own open a websocket."""

import pytest
from django.conf import LazySettings

from hitl_portal.live.origins import is_own

HTTPS = "https://portal.example/approvals"


def asked(origin: str, host: str = "localhost:8000") -> bool:
    return is_own({b"origin": origin, b"host": host})


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8000", "localhost:8000"),
        ("http://127.0.0.1:8123", "127.0.0.1:8123"),
        ("http://localhost:8000", "127.0.0.1:9000"),  # the address that people use, whatever a proxy asks for
    ],
)
def test_its_own_pages_come_in(origin: str, host: str) -> None:
    assert asked(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "localhost:8000"),
        ("http://localhost:9999", "localhost:8000"),  # another program on the same machine
        ("https://localhost:8000", "localhost:8000"),
        ("http://evil.example", "evil.example"),  # a name that leads here
        ("http://localhost:8000.evil.example", "localhost:8000"),
        ("null", "localhost:8000"),
        ("", "localhost:8000"),
        ("", ""),
        ("http://", ""),
    ],
)
def test_others_do_not(origin: str, host: str) -> None:
    assert not asked(origin, host)


def test_no_origin_at_all_is_not_its_own() -> None:
    assert not is_own({b"host": "localhost:8000"})


def test_what_is_encrypted_is_opened_by_nothing_else(settings: LazySettings) -> None:
    settings.HITL_PUBLIC_URL = HTTPS
    settings.ALLOWED_HOSTS = ["portal.example", "other.example", "localhost"]

    assert asked("https://portal.example", "portal.example")
    assert asked("https://portal.example", "10.0.0.3:8000")
    assert asked("https://other.example", "other.example")
    assert not asked("http://portal.example", "portal.example")
    assert not asked("https://portal.example:444", "portal.example")
    assert not asked("http://localhost:8000", "localhost:8000")
