"""What a log shows of a post has no secret in it."""

import json
from typing import Any

import pytest

from hitl_portal.hooks.redacting import LONGEST, REDACTED, excerpt, redacted_data, redacted_headers


def test_only_harmless_headers_are_shown() -> None:
    headers = {"authorization": "Bearer abc", "cookie": "a=b", "x-anything": "value", "user-agent": "curl/8"}
    kept = redacted_headers(headers | {"webhook-id": "msg_1", "webhook-signature": "v1,AA"}, ["webhook-id"])

    assert kept == {
        "authorization": REDACTED,
        "cookie": REDACTED,
        "user-agent": "curl/8",
        "webhook-id": "msg_1",
        "webhook-signature": REDACTED,
        "x-anything": REDACTED,
    }


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "client_secret",
        "access_token",
        "apiKey",
        "X-Api-Key",
        "Authorization",
        "credentials",
        "cvc",
    ],
)
def test_what_stands_under_a_secret_s_name_is_not_shown(name: str) -> None:
    assert redacted_data({"of": [{name: "canary"}]}) == {"of": [{name: REDACTED}]}
    assert redacted_data({name: {"inner": "canary"}}) == {name: REDACTED}


@pytest.mark.parametrize(
    "text",
    [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
        "Bearer mF_9.B5f-4.1JqM",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_not_shown(text: str) -> None:
    assert redacted_data(f"It is {text}, keep it") == f"It is {REDACTED}, keep it"


def test_a_secret_that_is_known_is_not_shown_anywhere() -> None:
    said = excerpt(b'{"note": "ours is hunter2-hunter2", "hunter2-hunter2": 1}', ["hunter2-hunter2"])

    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"token": None, "amount": 3}, {"token": None, "amount": 3}),
        ({"passenger": "A. Name", "tokens": True}, {"passenger": "A. Name", "tokens": True}),
        ([1, "two", None], [1, "two", None]),
    ],
)
def test_the_rest_stays(data: Any, kept: Any) -> None:
    assert redacted_data(data) == kept


@pytest.mark.parametrize(
    "body", [b"user=a&password=canary&x=1", b'{"password": "canary", broken', b"api_key: canary"]
)
def test_what_is_no_json_is_redacted_too(body: bytes) -> None:
    assert "canary" not in excerpt(body)
    assert REDACTED in excerpt(body)


def test_a_body_is_cut_and_always_text() -> None:
    assert len(excerpt(json.dumps({"a": "x" * 3 * LONGEST}).encode())) == LONGEST + 1
    assert excerpt(b"\xff\x00ok").isprintable()
    assert excerpt(b'"\\ud800\\u0000"').encode()
