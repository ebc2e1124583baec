"""Bytes are found wherever they stand, and are what their first bytes say."""

import base64
from typing import Any

import pytest

from hitl_portal.evidence.attachments import Attachment, attachments_in, with_attachments

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
PDF = b"%PDF-1.7\n1 0 obj << /Type /Pages >> 2 0 obj << /Type /Page >> 3 0 obj <</Type/Page>>"


def found_in(value: Any) -> list[Attachment]:
    return list(attachments_in(with_attachments(value)))


@pytest.mark.parametrize(
    ("data", "type_"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (PDF, "application/pdf"),
        (b"<svg onload=alert(1)>", "application/octet-stream"),
        (b"<html>" + PNG, "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_first_bytes_tell_the_type(data: bytes, type_: str) -> None:
    assert Attachment(number=0, data=data, said="text/html").type == type_


def test_they_are_numbered_in_the_order_in_which_they_stand() -> None:
    found = found_in({"a": [PNG, {"b": PDF}], "c": "words", "d": b"x"})
    assert [each.data for each in found] == [PNG, PDF, b"x"]
    assert [each.number for each in found] == [0, 1, 2]


def test_names_and_types_stand_beside_them() -> None:
    (found,) = found_in({"content": PNG, "filename": "chart.png", "mime_type": "image/png"})
    assert (found.name, found.said) == ("chart.png", "image/png")


def test_what_says_nothing_else_is_the_file_alone() -> None:
    alone = {"content": PNG, "filename": "chart.png", "mime_type": "image/png", "url": None}
    assert isinstance(with_attachments(alone), Attachment)
    for more in ({"note": "pay"}, {"title": "another name"}, {"content_type": "text/html"}, {"data": PNG}):
        assert isinstance(with_attachments(alone | more), dict)


def test_a_data_address_is_one() -> None:
    (found,) = found_in(["data:image/png;base64," + base64.b64encode(PNG).decode()])
    assert (found.data, found.said) == (PNG, "image/png")


def test_base64_beside_a_type_is_one() -> None:
    encoded = base64.b64encode(PNG).decode()
    (found,) = found_in({"type": "image", "data": encoded, "mimeType": "image/png"})
    assert found.data == PNG
    assert not found_in({"data": encoded, "note": "no type"})
    assert not found_in({"data": "abcdefghijklmnop", "mimeType": "image/png"})


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.png", "a_Set-Cookie_ x.png"),
        ("invoice_\u202efdp.exe", "invoice_fdp.exe"),
        ("...", "attachment-0.png"),
        ("", "attachment-0.png"),
        ("x" * 500 + ".png", "x" * 116 + ".png"),
    ],
)
def test_names_to_save_under_have_no_tricks(name: str, kept: str) -> None:
    assert Attachment(number=0, data=PNG, name=name).kept_as == kept


def test_pages_of_a_pdf_are_counted() -> None:
    assert Attachment(number=0, data=PDF).pages == 2
