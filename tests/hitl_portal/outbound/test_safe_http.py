"""Posting: to the address that was checked, with the name's certificate, within bounds, and nowhere else."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path

import pytest

from hitl_portal.outbound.safe_http import MOST_BYTES, Refused, Rules, Unanswered, Wire, post
from tests.hitl_portal.outbound import certificates
from tests.hitl_portal.outbound.receiver import Receiver, Reply

LOOPBACK = (ip_network("127.0.0.0/8"),)


def wire(port: int, host: str = "127.0.0.1", **more: object) -> Wire:
    rules = Rules(networks=LOOPBACK, http=frozenset({f"{host}:{port}"}), ports=frozenset({port}))
    given = {"rules": rules, "resolver": lambda host, port: ["127.0.0.1"], "seconds": 5.0}
    return Wire(**given | more)  # type: ignore[arg-type]


def test_what_is_sent_arrives_as_it_is(receiver: Receiver) -> None:
    receiver.usual = Reply(status=201, headers={"x-said": "yes"}, body=b"taken")
    answer = post(receiver.url, b'{"a": 1}', {"webhook-id": "1"}, wire(receiver.port))

    assert (answer.status, answer.headers["x-said"], answer.body) == (201, "yes", b"taken")
    assert receiver.posts[0].body == b'{"a": 1}'
    assert receiver.posts[0].headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_name_that_changes_its_mind_is_asked_only_once(receiver: Receiver) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked = wire(receiver.port, "rebind.example", resolver=lambda host, port: next(answers))
    post(f"http://rebind.example:{receiver.port}/", b"{}", {}, asked)

    assert receiver.posts[0].headers["host"] == f"rebind.example:{receiver.port}"
    assert next(answers) == ["169.254.169.254"]


def test_a_name_that_turns_inside_at_the_second_post_is_refused_then(receiver: Receiver) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked = wire(receiver.port, "rebind.example", resolver=lambda host, port: next(answers))
    post(f"http://rebind.example:{receiver.port}/", b"{}", {}, asked)

    with pytest.raises(Refused):
        post(f"http://rebind.example:{receiver.port}/", b"{}", {}, asked)
    assert len(receiver.posts) == 1


def test_what_is_inside_gets_no_connection(receiver: Receiver) -> None:
    rules = Rules(http=frozenset({f"127.0.0.1:{receiver.port}"}))
    with pytest.raises(Refused):
        post(receiver.url, b"{}", {}, Wire(rules=rules))
    assert receiver.posts == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    receiver.usual = Reply(status=status, headers={"location": f"{receiver.url}/elsewhere"})

    assert post(receiver.url, b"{}", {}, wire(receiver.port)).status == status
    assert len(receiver.posts) == 1


def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert post(receiver.url, b"{}", {}, wire(receiver.port)).status == 204


def test_no_more_is_read_than_the_cap(receiver: Receiver) -> None:
    receiver.usual = Reply(status=200, body=b"x" * (4 * MOST_BYTES))

    assert len(post(receiver.url, b"{}", {}, wire(receiver.port)).body) == MOST_BYTES


def test_a_receiver_that_does_not_answer_is_given_up(receiver: Receiver) -> None:
    over = threading.Event()
    receiver.usual = Reply(wait=lambda: over.wait(10))
    with pytest.raises(Unanswered, match="within"):
        post(receiver.url, b"{}", {}, wire(receiver.port, seconds=0.3))
    over.set()


@pytest.fixture
def dripping() -> Iterator[int]:
    """Give the port of a server that sends a header's letter now and then, for ever."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
            while not over.wait(0.05):
                self.wfile.write(b"x")

        def log_message(self, *args: object) -> None:
            """Nothing to the terminal."""

    class Server(HTTPServer):
        def handle_error(self, *args: object) -> None:
            """The client goes away, as it should."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        over.set()
        server.shutdown()


def test_the_time_is_one_for_everything_however_a_receiver_drips(dripping: int) -> None:
    with pytest.raises(Unanswered, match="within"):
        post(f"http://127.0.0.1:{dripping}/", b"{}", {}, wire(dripping, seconds=0.5))


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(Unanswered, match="ConnectError"):
        post("http://127.0.0.1:9/", b"{}", {}, wire(9))


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext]]:
    """Give the port of an https server that is hooks.example, and whom a client has to trust for that."""
    with certificates.serving("hooks.example", tmp_path) as found:
        yield found


def test_the_certificate_is_of_the_name_though_the_address_was_checked(
    secure: tuple[int, ssl.SSLContext],
) -> None:
    port, trust = secure
    answer = post(f"https://hooks.example:{port}/", b"{}", {}, wire(port, trust=trust))
    assert answer.body == f"hooks.example hooks.example:{port}".encode()


def test_a_certificate_of_another_name_is_refused(secure: tuple[int, ssl.SSLContext]) -> None:
    port, trust = secure
    with pytest.raises(Unanswered, match="certificate"):
        post(f"https://other.example:{port}/", b"{}", {}, wire(port, trust=trust))


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: tuple[int, ssl.SSLContext]) -> None:
    port, _ = secure
    with pytest.raises(Unanswered, match="certificate"):
        post(f"https://hooks.example:{port}/", b"{}", {}, wire(port))
