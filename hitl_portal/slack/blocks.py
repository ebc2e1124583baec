"""Blocks: what messages in Slack are made of, within its limits, and foreign text in them that can do nothing.

In text that Slack reads as its markup, `&`, `<` and `>` begin entities, links and mentions; written as entities they
are letters like others, and no text can call people (`<!channel>`, `<@U…>`). https://docs.slack.dev/reference/block-kit
"""

from collections.abc import Iterable
from typing import Any

MOST_TEXT, MOST_LABEL, MOST_FIELD, MOST_FIELDS, MOST_URL = 3000, 75, 2000, 10, 3000
MOST_BLOCKS = 50
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
MORE = "…"

Block = dict[str, Any]


def escaped(text: str, limit: int = MOST_TEXT) -> str:
    """Foreign text as letters alone; cut where it is too long, never within an entity."""
    letters = [ENTITIES.get(letter, letter) for letter in text]
    if sum(map(len, letters)) <= limit:
        return "".join(letters)
    kept, size = [], len(MORE)
    for letter in letters:
        size += len(letter)
        if size > limit:
            break
        kept.append(letter)
    return "".join(kept) + MORE


def section(text: str, *, bold: bool = False) -> Block:
    """A paragraph of foreign text."""
    said = escaped(text, MOST_TEXT - 2)
    return {"type": "section", "text": _marked(f"*{said}*" if bold else said)}


def facts(pairs: Iterable[tuple[str, str]]) -> Block | None:
    """Labels with what they say, two in a row; None where there are none."""
    half = MOST_FIELD // 2 - 2
    fields = [_marked(f"*{escaped(label, half)}*\n{escaped(text, half)}") for label, text in pairs]
    return {"type": "section", "fields": fields[:MOST_FIELDS]} if fields else None


def small(text: str) -> Block:
    """A line in small letters."""
    return {"type": "context", "elements": [_marked(escaped(text, MOST_FIELD))]}


def buttons(*made: Block) -> Block:
    """Buttons side by side."""
    return {"type": "actions", "elements": list(made)}


def way(label: str, url: str, *, is_main: bool = False) -> Block:
    """A button that opens an address of ours."""
    return _button(label, "open", is_main) | {"url": url[:MOST_URL]}


def press(label: str, action: str, value: str) -> Block:
    """A button of which Slack tells us who has pressed it."""
    return _button(label, action, True) | {"value": value}


def _button(label: str, action: str, is_main: bool) -> Block:
    text = {"type": "plain_text", "text": label[:MOST_LABEL], "emoji": False}
    style = {"style": "primary"} if is_main else {}
    return {"type": "button", "text": text, "action_id": action} | style


def _marked(text: str) -> Block:
    """Markup, in which Slack looks for nothing that was not marked: no addresses, no names."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
