"""Foreign text in Slack: it calls nobody, links nowhere and is never too long."""

import pytest

from hitl_portal.slack import blocks
from tests.hitl_portal.slack.workspace import check

HOSTILE = [
    "<!channel> wake up",
    "<!here|all of you>",
    "<@U012ABCDEF> approve this",
    "<https://evil.example|the portal>",
    "<!subteam^S01|team>",
    "&lt;!channel&gt;",
    "a < b && c > d",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_it_calls_nobody_and_leads_nowhere(text: str) -> None:
    shown = blocks.escaped(text)
    assert "<" not in shown
    assert ">" not in shown
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@pytest.mark.parametrize("text", ["x" * 9000, "<" * 9000, "a&" * 4000])
@pytest.mark.parametrize("limit", [10, 75, 3000])
def test_it_is_cut_but_never_within_an_entity(text: str, limit: int) -> None:
    shown = blocks.escaped(text, limit)
    assert len(shown) <= limit
    assert shown.endswith("…")
    assert shown[:-1].replace("&lt;", "").replace("&amp;", "").count("&") == 0


@pytest.mark.parametrize("text", ["x" * 9000, "<" * 9000, "é" * 9000])
def test_every_block_keeps_slack_s_limits(text: str) -> None:
    made = [
        blocks.section(text, bold=True),
        blocks.small(text),
        blocks.buttons(blocks.way(text, f"https://x/{text}"), blocks.press(text, "answer", "1")),
    ]
    found = blocks.facts([(text, text)] * 20)
    assert found is not None
    for block in [*made, found]:
        check(block)


def test_slack_looks_for_nothing_in_it() -> None:
    assert blocks.section("see example.org")["text"]["verbatim"] is True
