"""The websocket at its public address: whether it opens, is let stand, and tells what happens while it happens.

A stand-in listens. First it asks for what came after a number that the log has not reached: the answer is where the log
ends, so the portal at the other end reads the same one. Then its session ends here, in this process: the portal there
must notice that, and say so through the socket. Both go the way of every event.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.doctor import frames
from hitl_portal.doctor.findings import Check, Finding, failed, ok
from hitl_portal.doctor.frames import Disconnected, Said
from hitl_portal.doctor.reaching import Unreached, below, opened, origin, unreached
from hitl_portal.doctor.stand_in import a_session_of, a_stand_in
from hitl_portal.live.fanout import RECHECK, SIGNED_OUT
from workflows import bus, tail

if TYPE_CHECKING:
    import httpx
    from django.contrib.sessions.backends.base import SessionBase

BEYOND = 10**17  # no log is so long
SWITCHING = 101
PATIENCE = 5.0
HEARD_WITHIN = RECHECK + 7.0


class Refused(Exception):
    """No websocket was opened; why is in the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.found)
        self.finding = finding


@dataclass(frozen=True, kw_only=True)
class Socket:
    """An open websocket."""

    said: Iterator[Said]
    until: Callable[[float], None]

    def hear(self, seconds: float) -> Said:
        """The next thing that is said. Raises Disconnected, or httpcore.ReadTimeout."""
        self.until(time.monotonic() + seconds)
        return next(self.said)


def websocket() -> Finding:
    """Open it, and hear both."""
    missing = unreached()
    if missing:
        return missing
    try:
        with a_stand_in() as person, a_session_of(person) as session, _opened(session) as socket:
            return _greeted(socket) or _ended(socket, session)
    except Refused as refused:
        return refused.finding
    except (Unreached, Disconnected, httpcore.TimeoutException) as error:
        return _cut(error)


@contextmanager
def _opened(session: "SessionBase") -> Iterator[Socket]:
    """A websocket of this session's person, asked for as a browser would."""
    key = frames.new_key()
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
        "Origin": origin(),
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
    }
    with opened(below(f"/ws/live/?after={BEYOND}"), headers) as response:
        if response.status_code != SWITCHING:
            raise Refused(_refused(response.status_code))
        if response.headers.get("sec-websocket-accept") != frames.accepted(key):
            raise Refused(_refused(response.status_code))
        yield _socket(response)


def _socket(response: "httpx.Response") -> Socket:
    stream: httpcore.NetworkStream = response.extensions["network_stream"]
    deadline = [time.monotonic()]

    def read(most: int) -> bytes:
        left = deadline[0] - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return stream.read(most, timeout=left)

    def until(moment: float) -> None:
        deadline[0] = moment

    return Socket(said=frames.heard(read, stream.write), until=until)


def _refused(status: int) -> Finding:
    found = _("The websocket was not opened: status %(status)d.") % {"status": status}
    if status == 403:
        return failed(
            found,
            _(
                "The portal refuses the origin %(origin)s: let the proxy pass on Origin, and add its host to"
                " ALLOWED_HOSTS."
            )
            % {"origin": origin()},
        )
    remedy = _(
        "Let the proxy pass on Upgrade and Connection with HTTP/1.1 (nginx: proxy_http_version 1.1, proxy_set_header"
        " Upgrade and Connection; see deploy/nginx.conf)."
    )
    return failed(found, remedy)


def _greeted(socket: Socket) -> Finding | None:
    """What is wrong with the first thing that is said; None where nothing is."""
    before = tail.latest()
    said = socket.hear(PATIENCE)
    if said.code == SIGNED_OUT:
        return failed(
            _("The portal there does not know somebody who has just signed in here."),
            _(
                "Let the proxy pass cookies on, and give every process the same SECRET_KEY and the same database."
            ),
        )
    sequence = _number(said)
    if sequence is None:
        return failed(
            _("What it said first was not understood (%(code)s).") % {"code": said.code or said.text[:80]},
            _("Look at the log of the web process."),
        )
    if not before <= sequence <= tail.latest():
        return failed(
            _("The event log there ends at %(there)d, and here at %(here)d.")
            % {"there": sequence, "here": before},
            _(
                "The web process uses another database than this one: give every process the same DATABASE_URL."
            ),
        )
    return None


def _number(said: Said) -> int | None:
    try:
        told: Any = json.loads(said.text)
    except ValueError:
        return None
    message = told[-1] if isinstance(told, list) and told else told
    sequence = message.get("sequence") if isinstance(message, dict) else None
    return sequence if isinstance(sequence, int) else None


def _ended(socket: Socket, session: "SessionBase") -> Finding:
    """End the session here, and hear of it there."""
    began = time.monotonic()
    session.delete(session.session_key)
    bus.ring("default")
    try:
        said = socket.hear(HEARD_WITHIN)
    except httpcore.TimeoutException:
        return failed(
            _("The websocket opens, but what happens here is not heard there within %(seconds)g s.")
            % {"seconds": HEARD_WITHIN},
            _(
                "Look at the log of the web process for its live connection to the event log, and see the doorbell."
            ),
        )
    if said.code != SIGNED_OUT:
        return _cut(Disconnected(str(said.code)))
    took = time.monotonic() - began
    return ok(
        _("It opens, tells where the log ends, and told of a sign-out after %(seconds).1f s.")
        % {"seconds": took}
    )


def _cut(error: Exception) -> Finding:
    found = _("The websocket was cut off: %(error)s.") % {"error": str(error) or type(error).__name__}
    remedy = _(
        "Let the proxy leave websockets open and not collect what comes through them: no buffering, and at least 90 s"
        " until it counts one as dead."
    )
    return failed(found, remedy)


CHECK = Check(
    name="websocket",
    title=gettext_lazy("Websocket"),
    looked_at=gettext_lazy(
        "Opens the websocket at its public address, and listens there for something that is done here."
    ),
    look=websocket,
    seconds=30,
)
