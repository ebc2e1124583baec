"""Anthropic's models."""

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from workflows.agents.models.endpoint import Protocol
from workflows.agents.models.provider import SETTINGS, ProviderModel


@dataclass(eq=False)
class Claude(ProviderModel):
    """A model of Anthropic's. Key: ANTHROPIC_API_KEY; another address: ANTHROPIC_BASE_URL.

    `thinking` is the provider's own setting, as in {"type": "enabled", "budget_tokens": 2048}.
    """

    _: KW_ONLY
    top_k: int | None = None
    thinking: dict[str, Any] | None = None

    sent = SETTINGS | {
        "top_k": "top_k",
        "thinking": "anthropic_thinking",
    }
    protocol: ClassVar[Protocol] = "anthropic"
    system = "Anthropic"
    key_variables = ("ANTHROPIC_API_KEY",)
    address_variable = "ANTHROPIC_BASE_URL"
