"""Frames of a websocket, as far as the doctor needs them: it reads what a server says, and says nothing but pongs.

RFC 6455, sections 1.3 (the handshake) and 5 (framing): a frame begins with two bytes, final bit and opcode, mask bit
and length; clients mask what they send, servers do not.
"""

import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha1

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL, MASKED, LENGTH = 0x80, 0x80, 0x7F
SHORT, LONG = 126, 127  # lengths that say: it follows in two bytes, in eight
MOST = 64 * 1024
NO_CODE = 1005

Read = Callable[[int], bytes]
"""Blocks for at least one byte and at most so many; empty at the end of the connection."""


class Disconnected(Exception):
    """The connection has ended without a closing frame, or what came is no websocket."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A text, or with `code` the end."""

    text: str = ""
    code: int | None = None


def new_key() -> str:
    """What a client asks with."""
    return b64encode(os.urandom(16)).decode()


def accepted(key: str) -> str:
    """What a server that speaks websocket answers to it."""
    return b64encode(sha1(f"{key}{GUID}".encode(), usedforsecurity=False).digest()).decode()


def heard(read: Read, write: Callable[[bytes], None]) -> Iterator[Said]:
    """What the server says, until it closes. Raises Disconnected."""
    incoming = _Incoming(read)
    while True:
        opcode, content = incoming.frame()
        if opcode == PING:
            write(masked(PONG, content))
        elif opcode == CLOSE:
            yield Said(code=int.from_bytes(content[:2], "big") if len(content) >= 2 else NO_CODE)
            return
        elif opcode == TEXT:
            yield Said(text=content.decode(errors="replace"))


def masked(opcode: int, content: bytes) -> bytes:
    """A frame as clients send it; for the short contents of control frames."""
    assert len(content) < SHORT
    mask = os.urandom(4)
    hidden = bytes(byte ^ mask[number % 4] for number, byte in enumerate(content))
    return bytes([FINAL | opcode, MASKED | len(content)]) + mask + hidden


class _Incoming:
    def __init__(self, read: Read) -> None:
        self._read, self._rest = read, b""

    def frame(self) -> tuple[int, bytes]:
        """The opcode and the content of the next one. The portal sends no message in parts."""
        first, second = self._take(2)
        length = second & LENGTH
        if length in (SHORT, LONG):
            length = int.from_bytes(self._take(2 if length == SHORT else 8), "big")
        if second & MASKED or not first & FINAL or length > MOST:
            raise Disconnected("what came is no frame of this portal")
        return first & 0x0F, self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            more = self._read(MOST)
            if not more:
                raise Disconnected("the connection ended")
            self._rest += more
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken
