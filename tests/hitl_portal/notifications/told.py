"""A channel that keeps what it is handed, and does what it is told to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hitl_portal.notifications.composing import Message
from hitl_portal.notifications.kinds import ALL_AT_ONCE, Kind, Mode
from hitl_portal.notifications.models import Address

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PATH = f"{__name__}.Told"


@dataclass
class Told:
    """Reaches everybody with a mail address, at once, whatever it is."""

    name: str = "told"
    title: str = "Told"
    usual: Mapping[Kind, Mode] = field(default_factory=lambda: ALL_AT_ONCE)
    has_addresses: bool = False
    is_on: bool = True
    sent: list[tuple[str, Message]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def reaches(self, person: "User") -> bool:
        return True

    def send(self, person: "User", message: Message, address: Address | None) -> str:
        self.meanwhile()
        self.sent.append((person.username, message))
        return f"receipt {len(self.sent)}"
