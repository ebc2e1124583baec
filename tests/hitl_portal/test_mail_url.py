"""A mail server is named by one text."""

import pytest

from hitl_portal.mail_url import MailServer


def test_it_begins_in_the_open_and_turns_to_encryption() -> None:
    server = MailServer.of("smtp+tls://portal%40example.org:s%3Acret@mail.example.org")

    assert (server.host, server.port, server.starttls, server.tls) == ("mail.example.org", 587, True, False)
    assert (server.user, server.password) == ("portal@example.org", "s:cret")
    assert "s:cret" not in repr(server)


def test_or_is_encrypted_at_once_or_never() -> None:
    assert MailServer.of("smtps://mail.example.org") == MailServer(
        host="mail.example.org", port=465, tls=True
    )
    assert MailServer.of("smtp://localhost:1025") == MailServer(host="localhost", port=1025)


def test_nothing_is_no_server() -> None:
    assert MailServer.of("").host == ""


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail", "smtp://", "smtp://a:secret@mail:x", "smtp://["]
)
def test_a_typo_is_told_without_the_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"^HITL_EMAIL_URL is not like smtp\+tls://user:password@host:587$"):
        MailServer.of(url)
