"""A browser of few words: one connection that stays open, a session and its CSRF token, forms."""

import re
from http.client import HTTPConnection
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Browser:
    """Signed in by a cookie; raises AssertionError for an answer that was not expected."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._connection, self._cookie, self._token = HTTPConnection("127.0.0.1", port), cookie, ""

    def get(self, path: str) -> str:
        """A page."""
        self._connection.request("GET", path, headers={"Cookie": self._cookie})
        answer = self._connection.getresponse()
        body = answer.read().decode()
        assert answer.status == 200, (answer.status, path, body[:500])
        given = [line.partition(";")[0] for line in answer.msg.get_all("Set-Cookie", [])]
        self._cookie = "; ".join(part for part in [self._cookie, *given] if part)
        return body

    def open(self, path: str) -> None:
        """Take the token of a page's form along."""
        found = TOKEN.search(self.get(path))
        assert found is not None
        self._token = found[1]

    def post(self, path: str, **fields: object) -> None:
        """Send a form; it must lead on to another page."""
        body = urlencode({"csrfmiddlewaretoken": self._token, **fields})
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        assert answer.status == 302, (answer.status, path, said[:500])

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()
