"""Channels: the ways on which messages leave the portal. Each is a class in a file of its own, named in HITL_CHANNELS.

A channel knows how to send a message to one place, and nothing of who is told what, or when.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from hitl_portal.notifications.kinds import Kind, Mode

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.notifications.composing import Message
    from hitl_portal.notifications.models import Address


class Undelivered(Exception):
    """It did not arrive; the message says why. `again`: it may later, not before `wait` seconds have passed.

    `gone`: the address is no more, and is forgotten.
    """

    def __init__(self, reason: str, *, again: bool = True, wait: float = 0.0, gone: bool = False) -> None:
        super().__init__(reason)
        self.again, self.wait, self.gone = again and not gone, wait, gone


class Channel(Protocol):
    """One way. `usual` is how soon people are told on it who have chosen nothing; what is not in it is off.

    `has_addresses`: it goes to the rows of `Address` that people have made for it; else to what their account says.
    """

    name: str
    title: Any
    usual: Mapping[Kind, Mode]
    has_addresses: bool

    @property
    def is_on(self) -> bool:
        """Whoever runs the portal has set it up."""

    def reaches(self, person: "User") -> bool:
        """Whether a person can be reached on it who has no address of their own there; asks no database."""

    def send(self, person: "User", message: "Message", address: "Address | None") -> str:
        """Send it, and return what it is called there, if anything. Raises Undelivered."""


def channels() -> dict[str, Channel]:
    """All of them, by name, in the order of the settings."""
    return _made(tuple(settings.HITL_CHANNELS))


def open_channels() -> list[Channel]:
    """Those that are set up."""
    return [channel for channel in channels().values() if channel.is_on]


@cache
def _made(names: tuple[str, ...]) -> dict[str, Channel]:
    made: list[Channel] = [import_string(name)() for name in names]
    return {channel.name: channel for channel in made}
