"""A small OpenID Connect provider on this machine: real HTTP, real signatures, and lies on demand."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

KEY_ID, CLIENT, SECRET = "key-1", "portal", "a secret of the portal"


@cache
def own_key() -> RSAPrivateKey:
    """The provider's key: making one takes longer than a test."""
    return generate_private_key(65537, 2048)


@dataclass(kw_only=True)
class Provider:
    """What the provider says. `claims` are of whoever signs in next; `token` and `header` change its ID token."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    key: RSAPrivateKey = field(default_factory=own_key)
    signs_with: Any = None
    algorithm: str = "RS256"
    asked: dict[str, list[str]] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        paths = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        told = {f"{name}_endpoint": f"{self.address}/{path}" for name, path in paths.items()}
        return told | {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"}

    def told(self) -> dict[str, Any]:
        return self.claims

    def keys(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": KEY_ID, "alg": "RS256", "use": "sig"}]}

    def tokens(self) -> dict[str, Any]:
        now = int(time.time())
        said = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, **self.claims, **self.token}
        signed = jwt.encode(
            said, self.signs_with or self.key, algorithm=self.algorithm, headers={"kid": KEY_ID}
        )
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}

    def way_back(self, query: dict[str, list[str]]) -> str:
        """Where a browser is sent after `authorize`: nobody has to type anything."""
        return f"{query['redirect_uri'][0]}?{urlencode({'code': 'once', 'state': query['state'][0]})}"


class Handler(BaseHTTPRequestHandler):
    """Answers for the provider of its server."""

    provider: Provider

    def do_GET(self) -> None:
        at = urlsplit(self.path)
        if at.path == "/authorize":
            self.provider.asked = parse_qs(at.query)
            return self._redirect(self.provider.way_back(self.provider.asked))
        known = {
            "/.well-known/openid-configuration": self.provider.configuration,
            "/jwks": self.provider.keys,
            "/userinfo": self.provider.told,
        }
        return self._tell(known[at.path]())

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert sent["code"] == ["once"]
        assert sent["code_verifier"]
        self._tell(self.provider.tokens())

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""

    def _tell(self, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def provided() -> Iterator[Provider]:
    """A provider that answers, until the end."""
    provider = Provider()
    handler = type("Bound", (Handler,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        provider.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
