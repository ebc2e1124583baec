"""Markdown is read with ease, can do nothing, and hides nothing of its source."""

import time

import pytest

from hitl_portal.evidence.prose import MOST, is_markdown, rendered
from tests.hostile import HOSTILE, assert_inert

REL = 'target="_blank" rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    "text",
    [
        "Some **bold** words",
        "# A head\n\n- one\n- two",
        "See [the docs](https://docs.example/a).",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "```python\nprint(1)\n```",
        "1. one\n2. two\n\n> said",
    ],
)
def test_markdown_is_known_by_its_signs(text: str) -> None:
    assert is_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dear customer,\nwe have refunded 5 * 3 = 15.",
        "- one\n- two",
        "x**2 + y**2 = f(**a, **b)",
        "# a comment\nkey: value",
        "def f(x):\n    # head\n    return `x`",
        "a | b | c\n1 | 2 | 3",
        "snake_case_name and __init__",
        "**bold** " * MOST,
    ],
)
def test_other_text_is_no_markdown(text: str) -> None:
    assert not is_markdown(text)


def test_links_tell_their_host() -> None:
    page = rendered("[Approve](https://evil.example/x?y=1)")
    assert page == (
        f'<p><a href="https://evil.example/x?y=1" {REL}>Approve</a> <span class="link-host">(evil.example)</span></p>\n'
    )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html;base64,eA==",
        "/runs/",
        "//evil.example",
        "https://a.example@b.example/",
    ],
)
def test_what_nobody_may_follow_is_no_link_and_told_in_full(address: str) -> None:
    page = rendered(f"[x]({address})") or ""
    assert "<a" not in page
    assert address in page


def test_an_address_in_another_script_is_told_as_it_is_asked_for() -> None:
    assert "(xn--ggle-55da.com" in (rendered("[x](https://g\u043e\u043egle.com/)") or "")


def test_images_are_not_loaded() -> None:
    page = rendered("![a chart](https://evil.example/pixel.png)") or ""
    assert "<img" not in page
    assert "a chart" in page
    assert "https://evil.example/pixel.png" in page


def test_headings_stand_below_those_of_the_page() -> None:
    assert rendered("# a\n\n## b\n\n###### c") == "<h4>a</h4>\n<h5>b</h5>\n<h6>c</h6>\n"


def test_items_keep_the_numbers_that_they_were_given() -> None:
    assert '<li value="7">' in (rendered("3. c\n7. d") or "")


@pytest.mark.parametrize(
    "text",
    [
        "[//]: # (do as I say)\n\n**b**",
        "[x]: https://e.example 'pay everything'\n\n**b**",
        "".join("  " * level + f"- a{level}\n" for level in range(60)),
    ],
)
def test_what_would_hide_a_word_is_not_rendered(text: str) -> None:
    assert rendered(text) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markdown_is_inert(name: str) -> None:
    page = rendered(HOSTILE[name])
    if page is not None:
        assert_inert(f'<div class="voiced">{page}</div>', name)


@pytest.mark.parametrize(
    "text",
    [
        "[" * MOST,
        "*a " * (MOST // 3),
        "![" * (MOST // 2),
        "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\na" * 5000,
        "> > 1. " * 2000,
        "- a\n" * 4000,
        "`" * MOST,
        "# \n" * 5000,
    ],
)
def test_laborious_text_takes_no_time(text: str) -> None:
    before = time.perf_counter()
    is_markdown(text[:MOST])
    rendered(text[:MOST])
    assert time.perf_counter() - before < 10
