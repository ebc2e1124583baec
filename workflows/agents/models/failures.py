"""Failures of providers and of the way to them, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from httpx2 import HTTPError
from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelServerError,
    ModelUnavailableError,
    UnexpectedModelBehavior,
    UserError,
)

from workflows.agents.errors import ModelError, ProviderRefused, ProviderUnavailable, ReplyUnreadable
from workflows.agents.models.endpoint import Endpoint

PASSING = (ModelRateLimitError, ModelUnavailableError, ModelServerError, ModelConnectionError)
LASTING = (ModelRequestRejectedError, ModelQuotaExceededError)
PASSING_STATUSES = frozenset((408, 409, 425, 429))
# What parsing raises over a reply of the wrong shape; nothing else in a request works on foreign data.
NONSENSE = (AttributeError, LookupError, TypeError, ValueError)
LENGTH = 500  # of what a provider says, which may be a page


@contextmanager
def in_our_words(endpoint: Endpoint) -> Iterator[None]:
    """What the library raises becomes a ModelError that names the endpoint, and never its key."""
    try:
        yield
    except ModelAPIError as error:
        raise _failure(error, endpoint) from error
    except (ContentFilterError, UserError) as error:
        raise ProviderRefused(_words(endpoint, str(error))) from error
    except UnexpectedModelBehavior as error:
        raise ReplyUnreadable(_words(endpoint, str(error))) from error
    except NONSENSE as error:
        raise ReplyUnreadable(_words(endpoint, f"the reply makes no sense: {error}")) from error
    except HTTPError as error:
        raise ProviderUnavailable(_words(endpoint, _named(error))) from error


def _failure(error: ModelAPIError, endpoint: Endpoint) -> ModelError:
    status = error.status_code if isinstance(error, ModelHTTPError) else None
    words = _words(endpoint, _said(error, status))
    if isinstance(error, LASTING):
        return ProviderRefused(words, status=status)
    if isinstance(error, PASSING) or (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ProviderUnavailable(words, status=status, retry_after=error.retry_after)
    if status in PASSING_STATUSES:
        return ProviderUnavailable(words, status=status, retry_after=error.retry_after)
    return ReplyUnreadable(words) if status is None else ProviderRefused(words, status=status)


def _said(error: ModelAPIError, status: int | None) -> str:
    """The provider's own message, or the library's."""
    if status is None:
        return _named(error.__cause__ or error) if isinstance(error, ModelConnectionError) else str(error)
    phrase = next((each.phrase for each in HTTPStatus if each == status), "")
    return f"{status} {phrase}: {_message(error.body)}".replace(" :", ":").removesuffix(": ")


def _message(body: object) -> str:
    """What an error's body says, in whichever of the providers' forms."""
    found: Any = body
    for name in ("error", "message"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return "" if found is None else str(found)


def _named(error: BaseException) -> str:
    """An error in words; those of a connection often have none of their own."""
    causes = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    words = [str(each).rstrip(".") or type(each).__name__ for each in causes]
    return ": ".join(dict.fromkeys(words))


def _words(endpoint: Endpoint, said: str) -> str:
    if endpoint.api_key:
        said = said.replace(endpoint.api_key, "…")  # some servers say which key they were given
    said = " ".join(said.split())
    return f"{endpoint}: {said if len(said) <= LENGTH else said[: LENGTH - 1] + '…'}"
