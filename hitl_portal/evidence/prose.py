"""Prose: text in Markdown as people like to read it, made of nothing but what this module allows.

Three locks, each enough by itself: the renderer knows no raw HTML; links, images and headings are written here, and
nowhere else; a sanitiser lets through only the tags below. The fourth rule is about honesty: a rendering that leaves
out a word of the source (a comment in disguise, an unused definition, what is nested too deeply) is not shown at all.

The only place of the portal that calls something safe to show as HTML.
"""

import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from hitl_portal.evidence.revealing import revealed

MOST = 16_000  # characters; a longer one is shown as text
MOST_SIGNS = 800  # of one kind, whose pairs the library looks for: more is no prose
MOST_CELLS = 4_000
NESTED = 20  # deeper, it takes ages
SWELLING = 8  # times as long as its source: more is no prose (a table of empty cells)
TOP_HEADING = 4  # the level of a first heading: above it are those of the page
LAST_HEADING = 6
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$", re.ASCII)
TEXT_TAGS = {
    "p",
    "h4",
    "h5",
    "h6",
    "strong",
    "em",
    "s",
    "code",
    "pre",
    "blockquote",
    "hr",
    "br",
    "a",
    "span",
    "div",
}
TAGS = TEXT_TAGS | {"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "li": {"value"}, "pre": {"tabindex"}, "div": {"tabindex"}}
CLASSES = {
    "span": {"link-host", "link-inert", "image-away"},
    "div": {"table-scroll"},
    "p": {"code-language"},
}
# The signs by which prose in Markdown is known, line by line: one that is sure, or two of the others. Each names how
# many lines must have it; all of them look at a line once, whatever is in it.
SURE = {
    re.compile(r" {0,3}(?:```|~~~)"): 2,
    re.compile(r" {0,3}\|?(?: *:?-{3,}:? *\|)+(?: *:?-{3,}:? *)?$"): 1,
    re.compile(r".{0,400}?(?<![\w*])\*\*(?=[^\s*])[^*\n]{1,200}(?<=[^\s*])\*\*(?![\w*])"): 1,
    re.compile(r".{0,400}?\[[^\[\]\n]{1,100}\]\(https?://[^\s()]{1,400}\)"): 1,
}
OTHERS = {
    re.compile(r" {0,3}#{1,6} +\S"): 1,
    re.compile(r" {0,3}[-*+] +\S"): 2,
    re.compile(r" {0,3}\d{1,3}[.)] +\S"): 2,
    re.compile(r" {0,3}> +\S"): 1,
    re.compile(r".{0,400}?(?<![\w`])`[^`\n]{1,100}`(?![\w`])"): 1,
}
SIGNS = SURE | OTHERS
PROGRAM = re.compile(
    r"#!|@@ |diff --git |"
    r"[ \t]*(?:(?:async )?def|class|function|const|let|var|public|private|func|fn) [^\n]{0,400}[:;{]$|"
    r"(?:import|from) [\w.]+(?: import [^\n]{0,200})?;?$|SELECT [^\n]{0,400}$|#include "
)
MOST_LINES = 400  # are looked at
ANY_TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[^\W_]+")
NUMBERING = re.compile(r"^[ \t>*+-]{0,100}\d{1,9}[.)](?=\s)", re.MULTILINE)


def is_markdown(text: str) -> bool:
    """Whether it looks so much like Markdown that its signs would disturb a reader; in doubt it does not."""
    if len(text) > MOST:
        return False
    lines = text.splitlines()[:MOST_LINES]
    if not text.lstrip().startswith(("#", "```")) and PROGRAM.match(text.lstrip()):
        return False
    has = {sign: sum(bool(sign.match(line)) for line in lines) >= least for sign, least in SIGNS.items()}
    return any(has[sign] for sign in SURE) or sum(has[sign] for sign in OTHERS) >= 2


def rendered(text: str) -> SafeString | None:
    """The text as HTML that can do nothing; None where that would hide something of it, or is out of proportion."""
    if len(text) > MOST or _is_laborious(text):
        return None
    made = RENDERER.render(text)
    if len(made) > SWELLING * len(text) + 2_000:
        return None
    clean = nh3.clean(
        made,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
    )
    return mark_safe(clean) if _is_whole(text, clean) else None  # noqa: S308  the sanitiser's


def _is_laborious(text: str) -> bool:
    """Nobody writes so; what does it keeps the library busy, or fills a table with empty cells."""
    if any(text.count(sign) > MOST_SIGNS for sign in "[!*_`<~"):
        return True
    lines = text.splitlines()
    return max((line.count("|") for line in lines), default=0) * len(lines) > MOST_CELLS


def _is_whole(source: str, made: str) -> bool:
    """Every word of the source can be read in what was made of it."""
    read = html.unescape(made)
    shown, told = ANY_TAG.sub("", read), set(WORD.findall(read))
    words = WORD.findall(revealed(html.unescape(NUMBERING.sub("", source))))
    return all(word in told or word in shown for word in set(words))


class _Renderer(RendererHTML):
    """Writes what is not left to the library: what points elsewhere, and what could pass for a part of the page."""

    def heading_open(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        return f"<h{_level(tokens[at])}>"

    def heading_close(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        return f"</h{_level(tokens[at])}>\n"

    def list_item_open(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        number = tokens[at].info
        return format_html('<li value="{}">', int(number)) if number.isdecimal() else "<li>"

    def table_open(self, *_rest: Any) -> str:
        return '<div class="table-scroll" tabindex="0"><table>\n'

    def table_close(self, *_rest: Any) -> str:
        return "</table></div>\n"

    def td_open(self, *_rest: Any) -> str:
        return "<td>"

    def th_open(self, *_rest: Any) -> str:
        return "<th>"

    def text(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        return format_html("{}", revealed(tokens[at].content))

    def code_inline(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        return format_html("<code>{}</code>", revealed(tokens[at].content))

    def code_block(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        return format_html('<pre tabindex="0"><code>{}</code></pre>\n', revealed(tokens[at].content))

    def fence(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        language = revealed(tokens[at].info.strip())
        label = format_html('<p class="code-language">{}</p>', language) if language else ""
        return label + self.code_block(tokens, at, options, env)

    def link_open(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        address = str(tokens[at].attrs.get("href") or "")
        return format_html('<a href="{}">', address) if _host(address) else '<span class="link-inert">'

    def link_close(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        opening = _opening(tokens, at)
        address, title = str(opening.attrs.get("href") or ""), str(opening.attrs.get("title") or "")
        end = "</a>" if _host(address) else "</span>"
        return f"{end}{_where(address, title)}"

    def image(self, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        token = tokens[at]
        said = _("Image not loaded: %(alt)s") % {"alt": revealed(token.content)}
        where = _where(str(token.attrs.get("src") or ""), str(token.attrs.get("title") or ""), is_whole=True)
        return format_html('<span class="image-away">{}</span>', said) + where


def _level(token: Token) -> int:
    return min(LAST_HEADING, TOP_HEADING - 1 + int(token.tag[1:]))


def _opening(tokens: Sequence[Token], at: int) -> Token:
    """The token that the one at this place closes; links stand in no links."""
    return next(token for token in reversed(tokens[:at]) if token.type == "link_open")


def _where(address: str, title: str, *, is_whole: bool = False) -> str:
    """Where it really leads: the host of an address that can be followed, all of any other."""
    host = _host(address)
    is_plain = bool(host) and address.isascii() and not is_whole
    parts = [host if not is_whole else "", "" if is_plain else revealed(address), revealed(title)]
    return format_html(' <span class="link-host">({})</span>', " · ".join(part for part in parts if part))


def _host(address: str) -> str:
    """The host that a browser would ask, or the recipient of a mail; empty for what nobody may follow from here."""
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError:
        return ""
    if split.scheme == "mailto":
        return split.path if split.path.isascii() and split.path.isprintable() else ""
    plain = split.scheme in ("http", "https") and "@" not in split.netloc and "\\" not in address
    host = _in_ascii(split.hostname or "") if plain else ""
    return f"{host}:{port}" if host and port else host


def _in_ascii(host: str) -> str:
    try:
        told = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return ""
    return told if HOST.match(told) else ""


class _Reader(MarkdownIt):
    """Leaves addresses as they were written, so that all of them can be shown; which may be followed says `_host`."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802  the library's name
        return url

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002  likewise
        return True


def _renderer() -> MarkdownIt:
    made = _Reader("commonmark", {"html": False, "maxNesting": NESTED}, renderer_cls=_Renderer)
    return made.enable(["table", "strikethrough"])


RENDERER = _renderer()
