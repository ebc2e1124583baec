"""Making the library's model for an endpoint; each provider's package is loaded when its first model is made."""

from httpx2 import AsyncClient
from pydantic_ai.models import Model

from workflows.agents.errors import ModelMissing
from workflows.agents.models.endpoint import Endpoint


def made(client: AsyncClient, endpoint: Endpoint) -> Model:
    """A model that speaks through the client. Raises ModelMissing."""
    try:
        return MAKERS[endpoint.protocol](client, endpoint)
    except ImportError as missing:
        raise ModelMissing(str(endpoint)) from missing


def _openai_chat(client: AsyncClient, endpoint: Endpoint) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(endpoint.base_url, endpoint.api_key, http_client=client)
    finished = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    return OpenAIChatModel(endpoint.id, provider=provider, profile=finished)


def _openai_responses(client: AsyncClient, endpoint: Endpoint) -> Model:
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(endpoint.base_url, endpoint.api_key, http_client=client)
    return OpenAIResponsesModel(endpoint.id, provider=provider)


def _openai_like(client: AsyncClient, endpoint: Endpoint) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    assert endpoint.base_url is not None, "OpenAILike refuses to be made without one"
    provider = OpenAICompatibleProvider(
        endpoint.system, base_url=endpoint.base_url, api_key=endpoint.api_key, http_client=client
    )
    return OpenAIChatModel(endpoint.id, provider=provider)


def _anthropic(client: AsyncClient, endpoint: Endpoint) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(api_key=endpoint.api_key, base_url=endpoint.base_url, http_client=client)
    return AnthropicModel(endpoint.id, provider=provider)


def _google(client: AsyncClient, endpoint: Endpoint) -> Model:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(api_key=endpoint.api_key, base_url=endpoint.base_url, http_client=client)
    return GoogleModel(endpoint.id, provider=provider)


MAKERS = {
    "openai-chat": _openai_chat,
    "openai-responses": _openai_responses,
    "openai-like": _openai_like,
    "anthropic": _anthropic,
    "google": _google,
}
