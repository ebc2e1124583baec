"""Images, sound, films and files in a user's message."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.providers import Provider, Say
from tests.workflows.agents.models.conversations import chat, claude, gemini, replied
from workflows.agents.errors import MediaUnreadable
from workflows.agents.models.media import content
from workflows.engine.conversation import Message, Request

PNG = b"\x89PNG\r\n\x1a\n and so on"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """As other packages have them."""

    url: str | None = None
    filepath: str | None = None
    content: bytes | None = None
    mime_type: str | None = None


def shown(item: Any, kind: str = "images") -> Request:
    """A message with one of them."""
    return Request(messages=(Message(role="user", content="What is it?", media={kind: [item]}),))


async def sent(provider: Provider, request: Request) -> Any:
    """What chat completions are sent of it."""
    provider.will(Say("A cat."))
    await replied(chat(provider), request)
    return provider.requests[-1].body["messages"][-1]["content"]


async def test_an_address(provider: Provider) -> None:
    text, image = await sent(provider, shown("https://example.org/cat.png"))
    assert text["text"] == "What is it?"
    assert image["image_url"]["url"] == "https://example.org/cat.png"


async def test_a_message_of_media_alone(provider: Provider) -> None:
    message = Message(role="user", media={"images": ["https://example.org/cat"]})
    (image,) = await sent(provider, Request(messages=(message,)))
    assert image["type"] == "image_url"


@pytest.mark.parametrize(
    "item",
    [
        PNG,
        f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
        {"content": PNG},
        Picture(content=PNG),
        Picture(content=PNG, mime_type="image/png"),
    ],
    ids=["bytes", "data", "dict", "object", "with its type"],
)
async def test_bytes(provider: Provider, item: Any) -> None:
    image = (await sent(provider, shown(item)))[1]
    assert image["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


async def test_a_file(provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    for item in (str(path), path, {"filepath": str(path)}):
        image = (await sent(provider, shown(item)))[1]
        assert image["image_url"]["url"].startswith("data:image/png;base64,")


@pytest.mark.parametrize("make", [claude, gemini])
async def test_other_providers_are_shown_it_too(provider: Provider, make: Any) -> None:
    provider.will(Say("A cat."))
    await replied(make(provider), shown(PNG))
    assert base64.b64encode(PNG).decode() in str(provider.requests[-1].body)


@pytest.mark.parametrize(
    ("kind", "data", "media_type"),
    [
        ("images", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("images", b"RIFF1234WEBP", "image/webp"),
        ("images", b"who knows", "image/png"),
        ("audio", b"RIFF1234WAVE", "audio/wav"),
        ("videos", b"who knows", "video/mp4"),
        ("files", b"%PDF-1.7", "application/pdf"),
        ("files", b"just words", "text/plain"),
        ("files", b"\xff\x00", "application/pdf"),
    ],
)
def test_bytes_say_what_they_are(kind: str, data: bytes, media_type: str) -> None:
    assert getattr(content(kind, data), "media_type", None) == media_type


@pytest.mark.parametrize(
    "item", ["/nowhere/cat.png", "nul\0l.png", "data:,text", 3, None, {}, Picture()], ids=repr
)
async def test_what_cannot_be_shown_is_refused(provider: Provider, item: Any) -> None:
    with pytest.raises(MediaUnreadable, match=r"^images: "):
        await replied(chat(provider, retries=3), shown(item))
    assert provider.requests == []
