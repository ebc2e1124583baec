"""OpenAI's models, and those of everybody who speaks its protocol."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from workflows.agents.models.endpoint import Protocol
from workflows.agents.models.provider import SETTINGS, ProviderModel


@dataclass(eq=False)
class OpenAIChat(ProviderModel):
    """A model of OpenAI's, by chat completions. Key: OPENAI_API_KEY; another address: OPENAI_BASE_URL."""

    _: KW_ONLY
    max_completion_tokens: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None
    user: str | None = None

    sent = SETTINGS | {
        "max_completion_tokens": "max_tokens",
        "frequency_penalty": "frequency_penalty",
        "presence_penalty": "presence_penalty",
        "reasoning_effort": "openai_reasoning_effort",
        "service_tier": "service_tier",
        "user": "openai_user",
    }
    protocol: ClassVar[Protocol] = "openai-chat"
    system = "OpenAI"
    key_variables = ("OPENAI_API_KEY",)
    address_variable = "OPENAI_BASE_URL"


@dataclass(eq=False)
class OpenAIResponses(ProviderModel):
    """A model of OpenAI's, by its Responses API. Key: OPENAI_API_KEY; another address: OPENAI_BASE_URL."""

    _: KW_ONLY
    max_output_tokens: int | None = None
    reasoning_effort: str | None = None
    reasoning_summary: str | None = None
    truncation: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    user: str | None = None

    sent = SETTINGS | {
        "max_output_tokens": "max_tokens",
        "reasoning_effort": "openai_reasoning_effort",
        "reasoning_summary": "openai_reasoning_summary",
        "truncation": "openai_truncation",
        "service_tier": "service_tier",
        "store": "openai_store",
        "user": "openai_user",
    }
    protocol: ClassVar[Protocol] = "openai-responses"
    system = "OpenAI"
    key_variables = ("OPENAI_API_KEY",)
    address_variable = "OPENAI_BASE_URL"


@dataclass(eq=False)
class OpenAILike(ProviderModel):
    """A model at any address that speaks OpenAI's chat completions: `id` and `base_url` are needed.

    A key is sent where one is given; none is taken from the environment, since it would be another provider's.
    """

    _: KW_ONLY
    max_completion_tokens: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    reasoning_effort: str | None = None

    sent = SETTINGS | {
        "max_completion_tokens": "max_tokens",
        "frequency_penalty": "frequency_penalty",
        "presence_penalty": "presence_penalty",
        "reasoning_effort": "openai_reasoning_effort",
    }
    protocol: ClassVar[Protocol] = "openai-like"
    system = "OpenAILike"
    key_variables = ()
    address_variable = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.base_url:
            raise TypeError(
                f"{self.name} needs a base_url: the address of the server that speaks the protocol"
            )
