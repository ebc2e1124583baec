"""What can go wrong between an agent and the model that it asks.

WorkflowsError
└── ModelError
    ├── ProviderUnavailable
    ├── ReplyUnreadable
    ├── ProviderRefused
    ├── MediaUnreadable
    ├── KeyMissing
    ├── ModelMissing
    └── ScriptEnded

The first two are `temporary`: the same request may succeed later, and was already tried again as often as the model
says.
"""

from workflows.errors import WorkflowsError


class ModelError(WorkflowsError):
    """No reply is to be had from the model."""

    temporary = False
    final = True  # for a step: whatever can be cured by trying again, the model has tried


class ProviderUnavailable(ModelError):
    """The provider cannot be reached, takes too long, or says that it cannot serve now (408, 409, 429, 5xx)."""

    temporary = True

    def __init__(self, why: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        self.status = status
        self.retry_after = retry_after  # seconds, where the provider says
        super().__init__(why)


class ReplyUnreadable(ModelError):
    """The provider answered, but with something that is no reply of its protocol."""

    temporary = True


class ProviderRefused(ModelError):
    """The provider does not accept the request: a wrong key, an unknown model, a message it cannot take (4xx)."""

    def __init__(self, why: str, *, status: int | None = None) -> None:
        self.status = status
        super().__init__(why)


class MediaUnreadable(ModelError):
    """An image or a file of a message cannot be read, or is nothing that a model could be shown."""


class KeyMissing(ModelError):
    """The provider wants an API key, and none is given."""

    def __init__(self, model: str, *variables: str) -> None:
        super().__init__(f"{model} has no API key: give api_key=..., or set {' or '.join(variables)}")


class ModelMissing(ModelError):
    """The package that speaks to providers is not installed: the extra `models`."""

    PACKAGE = "pydantic-ai-slim[anthropic,google,openai]==2.68.*"

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} needs the extra 'models': pip install '{self.PACKAGE}'")


class ScriptEnded(ModelError):
    """A scripted model was asked for more replies than its script has."""

    def __init__(self, model: str, length: int) -> None:
        super().__init__(
            f"The script of {model} has {length} replies to a message, and one more was asked for"
        )
