"""Fresh: whether somebody has shown a second factor just now, and where they do that.

Sign-in with one counts, and so does showing it again; recovery codes are second factors too. What a session remembers
of it was written by allauth, for this person in this session.
"""

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def is_missing(request: HttpRequest) -> bool:
    """Whether this person has to show a second factor before they say yes to a high risk. Costs no query."""
    asked: bool = settings.HITL_HIGH_RISK_FACTOR
    return asked and not is_fresh(request)


def is_fresh(request: HttpRequest) -> bool:
    """Whether this person has shown a second factor in this session, within HITL_FRESH_SECONDS. Costs no query."""
    return any(
        record.get("method") == "mfa" and _age(record) < settings.HITL_FRESH_SECONDS
        for record in records_of(request)
    )


def step_up_url(way_back: str) -> str:
    """Where somebody shows a second factor, or sets one up first, and comes back from."""
    return f"{reverse('accounts:confirm')}?{urlencode({'next': way_back})}"


def records_of(request: HttpRequest) -> list[dict[str, Any]]:
    """How this person has proved in this session who they are, oldest first."""
    if not request.user.is_authenticated:
        return []
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return records


def _age(record: dict[str, Any]) -> float:
    return time.time() - float(record.get("at", 0))
