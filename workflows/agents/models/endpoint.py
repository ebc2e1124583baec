"""Where a model's requests go, and in which protocol."""

from dataclasses import dataclass, field
from typing import Literal

Protocol = Literal["openai-chat", "openai-responses", "openai-like", "anthropic", "google"]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One model at one address. `system` names whose signatures and ids a conversation carries."""

    protocol: Protocol
    system: str
    id: str
    api_key: str | None = field(repr=False)
    base_url: str | None

    def __str__(self) -> str:
        return f"{self.system} ({self.id})"
