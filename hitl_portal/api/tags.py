"""ETags: what tells one state of an answer from another, and the refusal of what was meant for another state."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags
from ninja import Header, Schema
from pydantic import Field

from hitl_portal.problems import Problem


class Match(Schema):
    """Which state is meant."""

    tags: str | None = Field(
        None,
        alias="If-Match",
        max_length=2000,
        description="The ETag of the requirement that was read: 412 where it is no longer the same",
    )


GivenMatch = Header[Match]


def tag_of(content: bytes) -> str:
    """The ETag of an answer."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def tag_of_told(told: dict[str, Any]) -> str:
    """The ETag of what is told, before it is written down."""
    return tag_of(json.dumps(told, cls=DjangoJSONEncoder, sort_keys=True).encode())


def refuse_another_state(match: Match, told: dict[str, Any]) -> None:
    """Refuse what was meant for another state than is told now, where it says which. Raises Problem."""
    meant = parse_etags(match.tags) if match.tags else ["*"]
    if "*" not in meant and tag_of_told(told) not in meant:
        raise Problem("changed", "It is no longer what was read: get it again")
