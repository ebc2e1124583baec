"""What is called is what the settings let be called, and what comes back is JSON of a sane size, or trouble."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hitl_portal.adapters import far
from hitl_portal.adapters.far import Far, Trouble
from hitl_portal.adapters.models import Server, Speaks
from hitl_portal.outbound.safe_http import Rules


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[Far, list[Any]]]:
    """A server that always says the same, and what it was asked."""
    came: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append((self.path, dict(self.headers)))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nothing to the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        at = f"127.0.0.1:{server.server_port}"
        rules = Rules(hosts=frozenset({"127.0.0.1"}), http=frozenset({at}))
        yield Far(url=f"http://{at}", bearer="secret", rules=rules), came
        server.shutdown()


def test_it_is_asked_with_its_bearer_and_names_are_quoted() -> None:
    with answering(200, b'{"a": 1}') as (server, came):
        assert server.get("agents", "a/b?c", "runs", session_id="s s", nothing=None) == {"a": 1}
    path, headers = came[0]
    assert path == "/agents/a%2Fb%3Fc/runs?session_id=s+s"
    assert headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"NaN", b'"\\u0000"', b'"\\ud800"', b"[" * 5000, b"[" * 70 + b"]" * 70]
)
def test_what_cannot_be_kept_is_trouble(body: bytes) -> None:
    with answering(200, body) as (server, _), pytest.raises(Trouble):
        server.get("agents")


def test_too_much_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(far, "MEBIBYTE", 10)
    with answering(200, b"[" + b"1," * 50 + b"1]") as (server, _), pytest.raises(Trouble, match="too long"):
        server.get("agents")


@pytest.mark.parametrize("status", [301, 401, 404, 409, 500])
def test_any_other_status_is_trouble(status: int) -> None:
    elsewhere = {"Location": "http://169.254.169.254/"}
    with answering(status, b"no", **elsewhere) as (server, came), pytest.raises(Trouble) as trouble:
        server.get("agents")
    assert (trouble.value.status, len(came)) == (status, 1)


@pytest.mark.parametrize("part", ["..", ".", ""])
def test_nobody_climbs_in_paths(part: str) -> None:
    with answering(200, b"{}") as (server, came), pytest.raises(Trouble):
        server.get("agents", part)
    assert came == []


@pytest.mark.parametrize(
    "url", ["http://agno.example", "https://127.0.0.1", "https://10.0.0.1", "https://169.254.169.254"]
)
def test_only_open_addresses_are_called(url: str) -> None:
    with pytest.raises(Trouble):
        Far(url=url, rules=Rules()).get("agents")


@pytest.mark.django_db
def test_a_lost_key_is_trouble(settings: Any) -> None:
    server = Server(name="clerks", speaks=Speaks.AGNO, url="https://agno.example")
    server.set_bearer("very secret")
    assert "very secret" not in server.sealed
    settings.SECRET_KEY = "another one"
    settings.HITL_SECRET_KEYS = []
    with pytest.raises(Trouble):
        Far.of(server)
