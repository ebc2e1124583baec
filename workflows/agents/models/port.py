"""The port: one request in our words, sent and answered in a provider's, through pydantic-ai's direct requests.

Only this module and those that it imports know pydantic-ai; they are loaded when a model is first used.
"""

from collections.abc import Callable
from typing import Any, cast

from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from workflows.agents.errors import ReplyUnreadable
from workflows.agents.models import clients
from workflows.agents.models.endpoint import Endpoint
from workflows.agents.models.failures import in_our_words
from workflows.agents.models.messages import conversation
from workflows.agents.models.replies import reply_of, whole
from workflows.engine.conversation import Reply, Request, ToolSpec


async def ask(
    endpoint: Endpoint, request: Request, settings: dict[str, Any], tell: Callable[[str], object] | None
) -> Reply:
    """One attempt. Raises ModelError."""
    messages = conversation(request)
    parameters = ModelRequestParameters(
        function_tools=[_tool(spec) for spec in request.tools], allow_text_output=True
    )
    with in_our_words(endpoint):
        asked = (await clients.model(endpoint), messages, cast(ModelSettings, settings), parameters)
        response = await (_plain(*asked) if tell is None else _streamed(*asked, tell))
    if (tell is not None or not response.parts) and _broke_off(response):
        raise ReplyUnreadable(f"{endpoint}: the reply broke off before it was finished")
    return reply_of(response, endpoint)


async def _plain(
    model: Model, messages: list[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters
) -> ModelResponse:
    return await model_request(model, messages, model_settings=settings, model_request_parameters=parameters)


async def _streamed(
    model: Model,
    messages: list[ModelMessage],
    settings: ModelSettings,
    parameters: ModelRequestParameters,
    tell: Callable[[str], object],
) -> ModelResponse:
    stream = model_request_stream(
        model, messages, model_settings=settings, model_request_parameters=parameters
    )
    async with stream as events:
        async for event in events:
            if piece := _text(event):
                tell(whole(piece))
        return events.get()


def _broke_off(response: ModelResponse) -> bool:
    """A connection may also be cut where one piece ends; then nobody has said why the reply is over."""
    said = (response.provider_details or {}).get("finish_reason")  # in words that the library may not know
    return response.finish_reason is None and not said


def _text(event: ModelResponseStreamEvent) -> str:
    match event:
        case PartStartEvent(part=TextPart(content=text)):
            return text
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return text
    return ""


def _tool(spec: ToolSpec) -> ToolDefinition:
    return ToolDefinition(
        name=spec.name,
        description=spec.description,
        parameters_json_schema=spec.parameters,
        strict=spec.strict,
    )
