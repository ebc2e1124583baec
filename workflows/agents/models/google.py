"""Google's models."""

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from workflows.agents.models.endpoint import Protocol
from workflows.agents.models.provider import SETTINGS, ProviderModel


@dataclass(eq=False)
class Gemini(ProviderModel):
    """A model of Google's. Key: GOOGLE_API_KEY or GEMINI_API_KEY; another address: GOOGLE_GEMINI_BASE_URL.

    `thinking_budget`: how many tokens it may think; `include_thoughts`: it says what it thought.
    """

    _: KW_ONLY
    top_k: int | None = None
    max_output_tokens: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    thinking_budget: int | None = None
    include_thoughts: bool | None = None

    sent = SETTINGS | {
        "top_k": "top_k",
        "max_output_tokens": "max_tokens",
        "frequency_penalty": "frequency_penalty",
        "presence_penalty": "presence_penalty",
    }
    protocol: ClassVar[Protocol] = "google"
    system = "Google"
    key_variables = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
    address_variable = "GOOGLE_GEMINI_BASE_URL"

    def settings(self) -> dict[str, Any]:
        """With how it thinks, where that is said."""
        asked = {"thinking_budget": self.thinking_budget, "include_thoughts": self.include_thoughts}
        thinking = {name: value for name, value in asked.items() if value is not None}
        return super().settings() | ({"google_thinking_config": thinking} if thinking else {})
