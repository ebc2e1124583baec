"""Canonical JSON: the same text for the same meaning, whoever has kept it meanwhile."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as some

from workflows.canonical import SAFE, canonical, digest

TEXT = some.text(some.characters(exclude_categories=["Cs"]))
LEAVES = some.none() | some.booleans() | some.integers(-SAFE, SAFE) | TEXT
DATA = some.recursive(
    LEAVES | some.floats(-SAFE, SAFE, allow_nan=False),
    lambda inner: some.lists(inner) | some.dictionaries(TEXT, inner),
)


@given(DATA)
def test_it_is_what_the_standard_says(data: Any) -> None:
    assert canonical(data) == rfc8785.dumps(data)


@given(DATA)
def test_it_survives_being_kept_as_json(data: Any) -> None:
    assert canonical(json.loads(json.dumps(data))) == canonical(data)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (SAFE, b"9007199254740991"),
        (2**53, b'"9007199254740992"'),
        (-(2**70), b'"-1180591620717411303424"'),
        (1e16, b'"10000000000000000"'),
        (1.5e300, b'"15' + b"0" * 299 + b'"'),
        (1.0, b"1"),
        (-0.0, b"0"),
        (True, b"true"),
    ],
)
def test_whole_numbers_beyond_those_of_doubles_are_text(number: float, text: bytes) -> None:
    assert canonical(number) == text


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "\ud800", {"\ud800": 1}])
def test_it_refuses_what_json_cannot_say(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical(wrong)


def test_a_digest_is_the_sha_256_of_it() -> None:
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
