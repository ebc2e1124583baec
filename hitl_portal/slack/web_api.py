"""Slack's Web API: one method called by a form, and what Slack says against it.

Slack answers 200 also to what it refuses: `ok` says it. https://docs.slack.dev/apis/web-api
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from hitl_portal.outbound.pace import asked_for
from hitl_portal.outbound.safe_http import Refused, Unanswered, Wire, post

FORM = "application/x-www-form-urlencoded; charset=utf-8"
TOO_MANY = 429
SECONDS = 10.0
# What no second try changes, because it is about this message, this room or this person.
FINAL = frozenset(
    {
        *("channel_not_found", "is_archived", "not_in_channel", "restricted_action", "user_not_in_channel"),
        *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"),
        *("message_not_found", "cant_update_message", "edit_window_closed", "update_failed"),
        *("users_not_found", "user_not_found", "user_not_visible", "cannot_dm_bot", "messages_tab_disabled"),
    }
)


class SlackSaid(Exception):
    """Slack has refused it, or cannot be reached: `error` is its word. `again`: it may work later, not before `wait`
    seconds have passed."""

    def __init__(self, error: str, *, wait: float = 0.0) -> None:
        super().__init__(f"Slack: {error}")
        self.error, self.wait, self.again = error, wait, error not in FINAL


def call(method: str, **fields: Any) -> dict[str, Any]:
    """Call a method as the app's bot. What is no text is sent as JSON. Raises SlackSaid."""
    sent = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    headers = {"content-type": FORM, "authorization": f"Bearer {settings.HITL_SLACK_TOKEN}"}
    try:
        answer = post(
            f"{settings.HITL_SLACK_URL}{method}", urlencode(sent).encode(), headers, Wire(seconds=SECONDS)
        )
    except (Refused, Unanswered) as failed:
        raise SlackSaid(f"cannot be reached: {failed}") from None
    return _read(answer.status, answer.headers, answer.body)


def post_message(room: str, **said: Any) -> tuple[str, str]:
    """Post it, and return the room and the stamp by which it can be changed. Slack looks nothing up that is in it, so
    that it makes no preview of an answer link; a member's id in the place of a room's means their own messages."""
    quiet = {"unfurl_links": "false", "unfurl_media": "false"}
    answer = call("chat.postMessage", channel=room, **quiet, **said)
    return str(answer["channel"]), str(answer["ts"])


def _read(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if status == TOO_MANY:
        raise SlackSaid("ratelimited", wait=asked_for(headers, timezone.now()))
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise SlackSaid(f"answered {status}")
    if said.get("ok") is not True:
        raise SlackSaid(str(said.get("error") or f"answered {status}")[:100])
    return said
