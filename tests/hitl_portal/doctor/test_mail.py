"""Mail servers that let us in, that do not, and that are not there; none is sent anything."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hitl_portal.doctor.findings import State
from hitl_portal.doctor.mail import mail
from tests.e2e.portal import free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"
GREETING = b"220 mail.example\r\n"
FEATURES = b"250-mail.example\r\n250 AUTH PLAIN\r\n"


class Server:
    """Speaks as much of SMTP as signing in needs; `heard` is what it was told."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.heard = answer, list[str]()
        self.listening = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    def serve(self) -> None:
        connection, _address = self.listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(GREETING)
            for line in lines:
                verb = line.split()[0].upper().decode()
                self.heard.append(verb)
                answers = {"EHLO": FEATURES, "AUTH": self.answer, "QUIT": b"221 bye\r\n"}
                connection.sendall(answers.get(verb, b"500 what?\r\n"))


@contextmanager
def a_server(settings: Any, answer: bytes) -> Iterator[Server]:
    server = Server(answer)
    with server.listening:
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "portal"
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server
        thread.join(20)


def test_a_server_that_lets_us_in_is_well_and_sent_nothing(settings: Any) -> None:
    with a_server(settings, b"235 come in\r\n") as server:
        assert mail().state is State.OK

    assert server.heard == ["EHLO", "AUTH", "QUIT"]


def test_a_password_that_it_refuses_is_told_of(settings: Any) -> None:
    with a_server(settings, b"535 who are you?\r\n"):
        finding = mail()

    assert finding.state is State.FAILED
    assert "535" in finding.found
    assert "password" in finding.remedy


def test_a_server_that_is_not_there_is_told_of(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", free_port()
    finding = mail()

    assert finding.state is State.FAILED
    assert "ConnectionRefusedError" in finding.found


def test_mail_that_goes_nowhere_is_told_of(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    assert mail().state is State.WARNING
