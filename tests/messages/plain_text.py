"""Finds the text of templates that no translation reaches: words between tags, and in attributes that people read."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType

READ = {
    "title",
    "aria-label",
    "alt",
    "placeholder",
    "aria-description",
    "aria-roledescription",
    "aria-valuetext",
}
# What is no language: code, keys, and the name of the product.
CODE = {"code", "kbd", "pre", "script", "style"}
NAMES = {"HITL Portal", "CSV", "JSON", "PDF", "SHA-256", "UTC"}
# Blocks that hold a code for the style sheets.
CODED_BLOCKS = {"body_class", "code", "tone"}
WORD = re.compile(r"[^\W\d_]{2,}")
LITERAL = re.compile(
    r"""\|(?:default|default_if_none|yesno|pluralize|add|join)(?::(?P<quote>["'])(?P<words>.*?)(?P=quote))?"""
)


def untranslated(source: str) -> list[str]:
    """The texts of a template that stay as they are in every language."""
    tokens = list(_outside_of_messages(source))
    found = _Reader()
    found.feed("".join(_markup(token) for token in tokens))
    found.close()
    return [*found.texts, *(words for token in tokens for words in _literals(token))]


def _outside_of_messages(source: str) -> Iterator[Token]:
    ended = ""
    for token in Lexer(source).tokenize():
        name, _space, rest = (
            token.contents.partition(" ") if token.token_type == TokenType.BLOCK else ("", "", "")
        )
        if ended:
            ended = "" if name == ended else ended
        elif name in ("blocktranslate", "blocktrans", "comment") or (
            name == "block" and rest in CODED_BLOCKS
        ):
            ended = f"end{name}"
        else:
            yield token


def _markup(token: Token) -> str:
    return token.contents if token.token_type == TokenType.TEXT else ""


def _literals(token: Token) -> Iterator[str]:
    """Words that a filter puts in by itself: `default:"None"`; and plurals by letter, which only English has."""
    if token.token_type != TokenType.VAR:
        return
    for literal in LITERAL.finditer(token.contents):
        words = literal["words"] or ""
        if "|pluralize" in literal[0] or (WORD.search(words) and " " in words):
            yield literal[0]


class _Reader(HTMLParser):
    """Gathers what people would read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in CODE:
            self.inside.append(tag)
        for name, value in attrs:
            if name in READ:
                self._weigh(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self._weigh(data)

    def _weigh(self, text: str) -> None:
        rest = text
        for name in NAMES:
            rest = rest.replace(name, "")
        if WORD.search(rest):
            self.texts.append(" ".join(text.split()))
