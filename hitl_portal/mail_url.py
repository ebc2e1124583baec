"""Reads the address of a mail server: scheme, user, password, host and port in one text, as the settings have it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mails go out. `starttls`: it begins without encryption and turns to it; `tls`: it is encrypted at once."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False

    @classmethod
    def of(cls, url: str) -> "MailServer":
        """Of smtp://, smtp+tls:// or smtps://; of an empty text one without a host.

        Raises ValueError, which never tells the password.
        """
        if not url:
            return cls()
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in PORTS or not host:
            raise ValueError("HITL_EMAIL_URL is not like smtp+tls://user:password@host:587")
        return cls(
            host=host,
            port=port or PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=parts.scheme == "smtp+tls",
            tls=parts.scheme == "smtps",
        )
