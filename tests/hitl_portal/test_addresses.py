"""Below a path of a shared host: what a proxy passes on or takes off, and what people outside are told."""

import asyncio
from typing import Any

import pytest

from hitl_portal.addresses import below, public


def reached(prefix: str, **scope: Any) -> dict[str, Any]:
    """What the application sees of a request."""
    seen: dict[str, Any] = {}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.update(scope)

    asyncio.run(below(prefix, application)({"type": "http", **scope}, None, None))
    return seen


@pytest.mark.parametrize("path", ["/approvals/runs/", "/runs/"])
def test_the_prefix_is_there_whether_the_proxy_passes_it_on_or_not(path: str) -> None:
    assert reached("/approvals", path=path) == {
        "type": "http",
        "path": "/approvals/runs/",
        "root_path": "/approvals",
    }


def test_a_longer_name_is_not_the_prefix() -> None:
    assert reached("/approvals", path="/approvals2/")["path"] == "/approvals/approvals2/"


def test_without_a_prefix_nothing_is_touched() -> None:
    assert reached("", path="/runs/") == {"type": "http", "path": "/runs/"}


def test_what_is_no_request_passes() -> None:
    assert reached("/approvals") == {"type": "http"}


def test_people_outside_get_whole_addresses(settings: Any) -> None:
    settings.HITL_PUBLIC_URL = "https://example.org/approvals"
    assert (
        public("runs:list") == "https://example.org/runs/"
    )  # the path comes with the script prefix of the process
